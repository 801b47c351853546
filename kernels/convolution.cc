// SPDX-License-Identifier: Apache-2.0
#include "kernels/convolution.h"

#include "kernels/isa.h"

namespace midge {
namespace {

// What all types check: operands, shapes, window.
Result<WindowedShape> PrepareShape(PrepareContext& context, const ConvolutionKind& kind,
                                   const WeightTypes& types, const Conv2DOptions& options) {
  MIDGE_TRY(ExpectWeights(context, types, kind.operands));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kFilter), 4, 4));
  const Shape filter = context.input_shape(kFilter);
  const WindowOptions window = {options.padding,   filter[1],        filter[2],
                                options.stride_h,  options.stride_w, options.dilation_h,
                                options.dilation_w};
  const Result<WindowedShape> shape = kind.make_window(context, kind.operands.input, window);
  MIDGE_TRY(shape.status());
  const int32_t inputs = shape->input_channels, outputs = shape->output_channels;
  const bool fits = filter.elements() != 0 &&
                    (kind.depthwise ? filter[0] == 1 && filter[3] == outputs && inputs != 0 &&
                                          internal::Remainder(outputs, inputs) == 0
                                    : filter[0] == outputs && filter[3] == inputs);
  if (!fits) return context.Error(StatusCode::kBadShape, Operand::Input(kFilter));
  if (!kind.transposed && HasConstantWeights(context)) context.SetRowWindow(shape->row_window());
  return shape;
}

// Behind them the multipliers: one, or, as the shape's `bits` tell, one per output channel.
struct OfS8 {
  int8_t input_zero_point, output_zero_point;
  int8_t clamp_min, clamp_max;
};
using StateS8 = WindowedState<OfS8>;
struct OfU8 {
  uint8_t input_zero_point, output_zero_point;
  uint8_t clamp_min, clamp_max;
  int32_t filter_zero_point;
};
using StateU8 = WindowedState<OfU8>;
using StateS16 = WindowedState<ClampRange>;
using StateF32 = WindowedState<FloatClampRange>;
// The op's `bits`.
constexpr uint8_t kPerChannel = 1, kWide = 2, kAsymmetric = 4, kFloat16Bias = 8;

template <typename State>
ConvolutionQuantizedState ReadState(const EvalContext& context, const WindowedShape& shape,
                                    int32_t input_zero_point, int32_t output_zero_point,
                                    ClampRange clamp) {
  const auto& state = context.state<State>();
  const bool per_channel = (state.shape.bits & kPerChannel) != 0;
  return {{shape, static_cast<int16_t>(input_zero_point), static_cast<int16_t>(output_zero_point),
           clamp},
          MultiplierArrays(context, state.bytes_before_arrays(),
                           per_channel ? shape.output_channels : 1),
          (state.shape.bits & kWide) != 0};
}

}  // namespace

ConvolutionQuantizedState ReadConvolutionS8(const EvalContext& context) {
  const OfS8& of_op = context.state<StateS8>().of_op;
  return ReadState<StateS8>(context, StateS8::ShapeOf(context), of_op.input_zero_point,
                            of_op.output_zero_point, {of_op.clamp_min, of_op.clamp_max});
}

ConvolutionQuantizedState ReadConvolutionS16(const EvalContext& context) {
  return ReadState<StateS16>(context, StateS16::ShapeOf(context), 0, 0,
                             context.state<StateS16>().of_op);
}

Status PrepareConvolutionQuantized(PrepareContext& context, const ConvolutionKind& kind,
                                   const WeightTypes& types, const Conv2DOptions& options,
                                   ConvolutionS8ScratchBytes* scratch_bytes) {
  const Result<WindowedShape> shape = PrepareShape(context, kind, types, options);
  MIDGE_TRY(shape.status());
  const Result<WeightsQuantization> quantization =
      ReadWeightsQuantization(context, kind.depthwise ? 3 : 0, kind.operands);
  MIDGE_TRY(quantization.status());
  const QuantParam input = quantization->input, output = quantization->output;
  const bool is_int16 = types.activations == TensorType::kInt16;
  // int16 is symmetric: zero points are not looked at.
  const ConvolutionS8Params params = {
      *shape, static_cast<int16_t>(is_int16 ? 0 : input.zero_point),
      static_cast<int16_t>(is_int16 ? 0 : output.zero_point),
      QuantizedActivationRange(options.activation, output, is_int16 ? INT16_MIN : INT8_MIN,
                               is_int16 ? INT16_MAX : INT8_MAX)};
  // Sums of 32 bits only where a bias of 32 bits asks for them.
  const bool wide = is_int16 && context.input_type(kind.operands.bias) != TensorType::kInt32;
  PackedShape& packed = is_int16 ? StateS16::New(context, *shape, params.clamp).shape
                                 : StateS8::New(context, *shape,
                                                {static_cast<int8_t>(params.input_zero_point),
                                                 static_cast<int8_t>(params.output_zero_point),
                                                 static_cast<int8_t>(params.clamp.min),
                                                 static_cast<int8_t>(params.clamp.max)})
                                       .shape;
  if (quantization->filter_scales.size() > 1) packed.bits |= kPerChannel;
  if (wide) packed.bits |= kWide;
  context.RequestScratch(scratch_bytes(params));
  return AppendMultipliers(context, input.scale, quantization->filter_scales, output.scale,
                           wide ? kMostWideExponent : kMostExponent);
}

Status PrepareConvolutionF32(PrepareContext& context, const ConvolutionKind& kind,
                             const Conv2DOptions& options) {
  const Result<WindowedShape> shape = PrepareShape(context, kind, kWeightTypesFloat32, options);
  MIDGE_TRY(shape.status());
  StateF32::New(context, *shape, FloatActivationRange(options.activation));
  return {};
}

Status EvalConvolutionF32(const EvalContext& context, Rows rows, WeightOperands operands,
                          ConvolutionF32* kernel) {
  const ConvolutionF32Params params = {StateF32::ShapeOf(context), context.state<StateF32>().of_op};
  ForEachImage<float>(
      context, operands.input, params.shape, rows,
      [&](const RowView<const float>& input, Rows image_rows, const RowView<float>& output) {
        kernel(params, input, context.input<float>(kFilter), context.input<float>(operands.bias),
               image_rows, output);
      });
  return {};
}

Status PrepareConvolutionU8(PrepareContext& context, const ConvolutionKind& kind,
                            const Conv2DOptions& options) {
  const Result<WindowedShape> shape = PrepareShape(context, kind, kWeightTypesUInt8, options);
  MIDGE_TRY(shape.status());
  const Result<WeightsQuantization> quantization =
      ReadWeightsQuantization(context, kind.depthwise ? 3 : 0, kind.operands);
  MIDGE_TRY(quantization.status());
  const Result<QuantParam> filter = context.PerTensor(Operand::Input(kFilter));
  MIDGE_TRY(filter.status());
  const QuantParam input = quantization->input, output = quantization->output;
  const ClampRange clamp = QuantizedActivationRange(options.activation, output, 0, UINT8_MAX);
  StateU8::New(
      context, *shape,
      {static_cast<uint8_t>(input.zero_point), static_cast<uint8_t>(output.zero_point),
       static_cast<uint8_t>(clamp.min), static_cast<uint8_t>(clamp.max), filter->zero_point});
  return AppendMultipliers(context, input.scale, quantization->filter_scales, output.scale);
}

Status EvalConvolutionU8(const EvalContext& context, Rows rows, WeightOperands operands,
                         ConvolutionU8* kernel) {
  const auto& state = context.state<StateU8>();
  const OfU8& of_op = state.of_op;
  const ConvolutionU8Params params = {{StateU8::ShapeOf(context),
                                       of_op.input_zero_point,
                                       of_op.output_zero_point,
                                       {of_op.clamp_min, of_op.clamp_max}},
                                      of_op.filter_zero_point};
  const ChannelMultipliers multipliers = MultiplierArrays(context, state.bytes_before_arrays(), 1);
  ForEachImage<uint8_t>(
      context, operands.input, params.shape, rows,
      [&](const RowView<const uint8_t>& input, Rows image_rows, const RowView<uint8_t>& output) {
        kernel(params, multipliers, input, context.input<uint8_t>(kFilter),
               context.input<int32_t>(operands.bias), image_rows, output);
      });
  return {};
}

Status PrepareConvolutionF32S8(PrepareContext& context, const ConvolutionKind& kind,
                               const Conv2DOptions& options) {
  const Result<WindowedShape> shape = PrepareShape(context, kind, kWeightTypesFloat32, options);
  MIDGE_TRY(shape.status());
  context.SetRowWindow(RowWindow::Whole());  // the range is that of the whole image
  const Result<Span<const float>> scales = context.PerChannelScales(
      Operand::Input(kFilter), kind.depthwise ? 3 : 0, shape->output_channels);
  MIDGE_TRY(scales.status());
  auto& state = StateF32::New(context, *shape, FloatActivationRange(options.activation));
  // As the field has it: depthwise and transposed always, else if channels differ in their scale.
  const bool differ = ScalesDiffer(*scales);
  if (differ) state.shape.bits |= kPerChannel;
  if (differ || kind.depthwise || kind.transposed) state.shape.bits |= kAsymmetric;
  AppendScales(context, *scales, differ);
  context.RequestScratch(static_cast<uint32_t>(shape->window.input_h) *
                         static_cast<uint32_t>(shape->input_row_elements()));
  return {};
}

Status EvalConvolutionF32S8(const EvalContext& context, Rows rows, WeightOperands operands,
                            ConvolutionF32S8* kernel) {
  const auto& state = context.state<StateF32>();
  const ConvolutionF32Params params = {StateF32::ShapeOf(context), state.of_op};
  const int32_t row_elements = params.shape.input_row_elements();
  const ChannelScales scales = {context.StateArray<float>(state.bytes_before_arrays()),
                                (state.shape.bits & kPerChannel) != 0 ? 1 : 0};
  auto* const quantized = context.scratch<int8_t>();
  ForEachImage<float>(
      context, operands.input, params.shape, rows,
      [&](const RowView<const float>& input, Rows image_rows, const RowView<float>& output) {
        const DynamicRange range =
            isa::QuantizeDynamic((state.shape.bits & kAsymmetric) != 0, input.Row(0),
                                 params.shape.window.input_h * row_elements, quantized);
        kernel(params, scales, range, {quantized, row_elements}, context.input<int8_t>(kFilter),
               context.input<float>(operands.bias), image_rows, output);
      });
  return {};
}

Status PrepareConvolutionF32F16(PrepareContext& context, const ConvolutionKind& kind,
                                const Conv2DOptions& options) {
  const Result<WindowedShape> shape = PrepareShape(context, kind, kWeightTypesFloat32, options);
  MIDGE_TRY(shape.status());
  auto& state = StateF32::New(context, *shape, FloatActivationRange(options.activation));
  if (context.IsFloat16(kind.operands.bias)) state.shape.bits |= kFloat16Bias;
  return {};
}

Status EvalConvolutionF32F16(const EvalContext& context, Rows rows, WeightOperands operands,
                             ConvolutionF32F16* kernel) {
  const auto& state = context.state<StateF32>();
  const ConvolutionF32Params params = {StateF32::ShapeOf(context), state.of_op};
  const Float16Bias bias = BiasOf(context, operands, (state.shape.bits & kFloat16Bias) != 0);
  ForEachImage<float>(
      context, operands.input, params.shape, rows,
      [&](const RowView<const float>& input, Rows image_rows, const RowView<float>& output) {
        kernel(params, input, context.input<uint16_t>(kFilter), bias, image_rows, output);
      });
  return {};
}

}  // namespace midge
