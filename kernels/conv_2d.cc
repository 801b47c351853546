// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv_2d.h"

#include "kernels/isa.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kFilter = 1, kBias = 2 };

// What both types check: operands, shapes, window. The bias may be left out.
Status PrepareShape(PrepareContext& context, TensorType type, TensorType bias_type,
                    Conv2DShape* shape, Activation* activation) {
  MIDGE_TRY(context.ExpectOperands(2, 3, 1));
  MIDGE_TRY(context.ExpectType(Operand::Input(kFilter), type));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kInput), 4, 4));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kFilter), 4, 4));
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), 4, 4));
  const Shape input = context.input(kInput).shape();
  const Shape filter = context.input(kFilter).shape();
  const Shape output = context.output(0).shape();
  if (filter[0] != output[3] || filter[3] != input[3] || filter.elements() == 0) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kFilter));
  }
  if (context.has_input(kBias)) {
    MIDGE_TRY(context.ExpectType(Operand::Input(kBias), bias_type));
    if (context.input(kBias).shape().elements() != output[3]) {
      return context.Error(StatusCode::kBadShape, Operand::Input(kBias));
    }
  }
  Conv2DOptions options;
  MIDGE_TRY(context.Options(&options));
  const Result<Window2D> window = MakeWindow(
      context,
      {options.padding, filter[1], filter[2], options.stride_h, options.stride_w,
       options.dilation_h, options.dilation_w},
      input, output);
  MIDGE_TRY(window.status());
  context.SetRowWindow(window->row_window());
  *shape = {*window, input[0], input[3], output[3]};
  *activation = options.activation;
  return {};
}

struct StateS8 {
  Conv2DS8Params params;
  int32_t multiplier_count;
};

Status PrepareInt8(PrepareContext& context) {
  Conv2DShape shape;
  Activation activation;
  MIDGE_TRY(PrepareShape(context, TensorType::kInt8, TensorType::kInt32, &shape, &activation));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(kInput));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  const Result<Span<const float>> filter_scales =
      context.PerChannelScales(Operand::Input(kFilter), 0, shape.output_channels);
  MIDGE_TRY(filter_scales.status());

  StateS8& state = context.NewState<StateS8>();
  state.params = {shape, static_cast<int16_t>(input->zero_point),
                  static_cast<int16_t>(output->zero_point),
                  QuantizedActivationRange(activation, *output, INT8_MIN, INT8_MAX)};
  state.multiplier_count = static_cast<int32_t>(filter_scales->size());
  return AppendMultipliers(context, input->scale, *filter_scales, output->scale);
}

Status EvalInt8(const EvalContext& context, Rows rows) {
  const auto& state = context.state<StateS8>();
  const Conv2DShape& shape = state.params.shape;
  const ChannelMultipliers multipliers =
      MultiplierArrays(context, sizeof(StateS8), state.multiplier_count);
  ForEachImage(rows, shape.images, shape.window.output_h, [&](int32_t image, Rows image_rows) {
    isa::Conv2DS8(state.params, multipliers,
                  context.InputRows<int8_t>(kInput, shape.input_row_elements())
                      .Skip(image * shape.window.input_h),
                  context.input<int8_t>(kFilter), context.input<int32_t>(kBias), image_rows,
                  context.OutputRows<int8_t>(0, shape.output_row_elements())
                      .Skip(image * shape.window.output_h));
  });
  return {};
}

Status PrepareFloat32(PrepareContext& context) {
  Conv2DShape shape;
  Activation activation;
  MIDGE_TRY(
      PrepareShape(context, TensorType::kFloat32, TensorType::kFloat32, &shape, &activation));
  context.NewState<Conv2DF32Params>() = {shape, FloatActivationRange(activation)};
  return {};
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  const auto& params = context.state<Conv2DF32Params>();
  const Conv2DShape& shape = params.shape;
  ForEachImage(rows, shape.images, shape.window.output_h, [&](int32_t image, Rows image_rows) {
    isa::Conv2DF32(params,
                   context.InputRows<float>(kInput, shape.input_row_elements())
                       .Skip(image * shape.window.input_h),
                   context.input<float>(kFilter), context.input<float>(kBias), image_rows,
                   context.OutputRows<float>(0, shape.output_row_elements())
                       .Skip(image * shape.window.output_h));
  });
  return {};
}

}  // namespace

const Op kConv2DFloat32 = {BuiltinOp::kConv2D, TensorType::kFloat32, kInput, nullptr,
                           PrepareFloat32,     EvalFloat32,          nullptr};
const Op kConv2DInt8 = {BuiltinOp::kConv2D, TensorType::kInt8, kInput, nullptr,
                        PrepareInt8,        EvalInt8,          nullptr};
const Op kConv2D = {BuiltinOp::kConv2D, TensorType::kInt8, kInput, nullptr,
                    PrepareInt8,        EvalInt8,          &kConv2DFloat32};

}  // namespace midge
