// SPDX-License-Identifier: Apache-2.0
#include "kernels/convolution.h"

#include "kernels/weights.h"

namespace midge {
namespace {

enum : int { kInput = 0, kFilter = 1, kBias = 2 };

// What both types check: operands, shapes, window.
Result<WindowedShape> PrepareShape(PrepareContext& context, TensorType type, TensorType bias_type,
                                   FilterLayout layout, const Conv2DOptions& options) {
  MIDGE_TRY(ExpectWeights(context, type, bias_type));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kFilter), 4, 4));
  const Shape filter = context.input(kFilter).shape();
  const Result<WindowedShape> shape =
      MakeWindow(context, {options.padding, filter[1], filter[2], options.stride_h,
                           options.stride_w, options.dilation_h, options.dilation_w});
  MIDGE_TRY(shape.status());
  const int32_t inputs = shape->input_channels, outputs = shape->output_channels;
  const bool fits = filter.elements() != 0 &&
                    (layout == FilterLayout::kOHWI ? filter[0] == outputs && filter[3] == inputs
                                                   : filter[0] == 1 && filter[3] == outputs &&
                                                         inputs != 0 && outputs % inputs == 0);
  if (!fits) return context.Error(StatusCode::kBadShape, Operand::Input(kFilter));
  if (HasConstantWeights(context)) context.SetRowWindow(shape->row_window());
  return shape;
}

struct StateS8 {
  ConvolutionS8Params params;
  int32_t multiplier_count;
};

}  // namespace

Status PrepareConvolutionS8(PrepareContext& context, FilterLayout layout,
                            const Conv2DOptions& options,
                            ConvolutionS8ScratchBytes* scratch_bytes) {
  const Result<WindowedShape> shape =
      PrepareShape(context, TensorType::kInt8, TensorType::kInt32, layout, options);
  MIDGE_TRY(shape.status());
  const Result<WeightsQuantization> quantization =
      ReadWeightsQuantization(context, layout == FilterLayout::kOHWI ? 0 : 3);
  MIDGE_TRY(quantization.status());
  const QuantParam input = quantization->input, output = quantization->output;

  StateS8& state = context.NewState<StateS8>();
  state.params = {*shape, static_cast<int16_t>(input.zero_point),
                  static_cast<int16_t>(output.zero_point),
                  QuantizedActivationRange(options.activation, output, INT8_MIN, INT8_MAX)};
  state.multiplier_count = static_cast<int32_t>(quantization->filter_scales.size());
  context.RequestScratch(scratch_bytes(state.params));
  return AppendMultipliers(context, input.scale, quantization->filter_scales, output.scale);
}

Status EvalConvolutionS8(const EvalContext& context, Rows rows, ConvolutionS8* kernel) {
  const auto& state = context.state<StateS8>();
  const ChannelMultipliers multipliers =
      MultiplierArrays(context, sizeof(StateS8), state.multiplier_count);
  ForEachImage<int8_t>(context, state.params.shape, rows,
                       [&](RowView<const int8_t> input, Rows image_rows, RowView<int8_t> output) {
                         kernel(state.params, multipliers, input, context.input<int8_t>(kFilter),
                                context.input<int32_t>(kBias), image_rows,
                                context.scratch<uint8_t>(), output);
                       });
  return {};
}

Status PrepareConvolutionF32(PrepareContext& context, FilterLayout layout,
                             const Conv2DOptions& options) {
  const Result<WindowedShape> shape =
      PrepareShape(context, TensorType::kFloat32, TensorType::kFloat32, layout, options);
  MIDGE_TRY(shape.status());
  context.NewState<ConvolutionF32Params>() = {*shape, FloatActivationRange(options.activation)};
  return {};
}

Status EvalConvolutionF32(const EvalContext& context, Rows rows, ConvolutionF32* kernel) {
  const auto& params = context.state<ConvolutionF32Params>();
  ForEachImage<float>(context, params.shape, rows,
                      [&](RowView<const float> input, Rows image_rows, RowView<float> output) {
                        kernel(params, input, context.input<float>(kFilter),
                               context.input<float>(kBias), image_rows, output);
                      });
  return {};
}

}  // namespace midge
