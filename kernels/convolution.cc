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

// Behind it the multipliers: one, or, as the shape's `for_op` tells, one per output channel.
struct OfS8 {
  int8_t input_zero_point, output_zero_point;
  int8_t clamp_min, clamp_max;
};
using StateS8 = WindowedState<OfS8>;
using StateF32 = WindowedState<FloatClampRange>;

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

  const ConvolutionS8Params params = {
      *shape, static_cast<int16_t>(input.zero_point), static_cast<int16_t>(output.zero_point),
      QuantizedActivationRange(options.activation, output, INT8_MIN, INT8_MAX)};
  StateS8& state = StateS8::New(
      context, *shape,
      {static_cast<int8_t>(params.input_zero_point), static_cast<int8_t>(params.output_zero_point),
       static_cast<int8_t>(params.clamp.min), static_cast<int8_t>(params.clamp.max)});
  state.shape.for_op = quantization->filter_scales.size() > 1 ? 1 : 0;
  context.RequestScratch(scratch_bytes(params));
  return AppendMultipliers(context, input.scale, quantization->filter_scales, output.scale);
}

Status EvalConvolutionS8(const EvalContext& context, Rows rows, ConvolutionS8* kernel) {
  const auto& state = context.state<StateS8>();
  const OfS8& of_op = state.of_op;
  const ConvolutionS8Params params = {StateS8::ShapeOf(context),
                                      of_op.input_zero_point,
                                      of_op.output_zero_point,
                                      {of_op.clamp_min, of_op.clamp_max}};
  const ChannelMultipliers multipliers =
      MultiplierArrays(context, state.bytes_before_arrays(),
                       state.shape.for_op != 0 ? params.shape.output_channels : 1);
  ForEachImage<int8_t>(context, params.shape, rows,
                       [&](RowView<const int8_t> input, Rows image_rows, RowView<int8_t> output) {
                         kernel(params, multipliers, input, context.input<int8_t>(kFilter),
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
  StateF32::New(context, *shape, FloatActivationRange(options.activation));
  return {};
}

Status EvalConvolutionF32(const EvalContext& context, Rows rows, ConvolutionF32* kernel) {
  const ConvolutionF32Params params = {StateF32::ShapeOf(context), context.state<StateF32>().of_op};
  ForEachImage<float>(context, params.shape, rows,
                      [&](RowView<const float> input, Rows image_rows, RowView<float> output) {
                        kernel(params, input, context.input<float>(kFilter),
                               context.input<float>(kBias), image_rows, output);
                      });
  return {};
}

}  // namespace midge
