// SPDX-License-Identifier: Apache-2.0
#include "kernels/convolution.h"

#include "kernels/isa.h"

namespace midge {
namespace {

// What all types check: options, operands, shapes, window.
Status PrepareShape(PrepareContext& context, const ConvolutionKind& kind, const WeightTypes& types,
                    WindowedShape* shape, Activation* activation) {
  Conv2DOptions options;
  MIDGE_TRY(kind.read_options(context, &options));
  *activation = options.activation;
  MIDGE_TRY(ExpectWeights(context, types, kind.operands));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kFilter), 4, 4));
  const Shape filter = context.input_shape(kFilter);
  const WindowOptions window = {options.padding,   filter[1],        filter[2],
                                options.stride_h,  options.stride_w, options.dilation_h,
                                options.dilation_w};
  MIDGE_TRY(kind.make_window(context, kind.operands.input, window, shape));
  const int32_t inputs = shape->input_channels, outputs = shape->output_channels;
  const bool fits = filter.elements() != 0 &&
                    (kind.depthwise ? filter[0] == 1 && filter[3] == outputs && inputs != 0 &&
                                          internal::Remainder(outputs, inputs) == 0
                                    : filter[0] == outputs && filter[3] == inputs);
  if (!fits) return context.Error(StatusCode::kBadShape, Operand::Input(kFilter));
  if (!kind.transposed && HasConstantWeights(context)) context.SetRowWindow(shape->row_window());
  return {};
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

// What int8, int16 and uint8 read alike.
struct QuantizedConvolution {
  ConvolutionS8Params params;  // without zero points
  WeightsQuantization quantization;
};
Status PrepareQuantized(PrepareContext& context, const ConvolutionKind& kind,
                        const WeightTypes& types, ClampRange limits, QuantizedConvolution* conv) {
  Activation activation;
  MIDGE_TRY(PrepareShape(context, kind, types, &conv->params.shape, &activation));
  MIDGE_TRY(
      ReadWeightsQuantization(context, kind.depthwise ? 3 : 0, kind.operands, &conv->quantization));
  conv->params.clamp =
      QuantizedActivationRange(activation, conv->quantization.output, limits.min, limits.max);
  return {};
}

Status AppendMultipliers(PrepareContext& context, const WeightsQuantization& quantization,
                         int32_t most_exponent, PackedShape* packed) {
  const Span<const float> filter_scales = quantization.filter_scales;
  if (filter_scales.size() > 1) packed->bits |= kPerChannel;
  return midge::AppendMultipliers(context, quantization.input.scale, filter_scales,
                                  quantization.output.scale, most_exponent);
}

template <typename State>
void ReadShapeAndMultipliers(const EvalContext& context, ConvolutionQuantizedState* conv) {
  State::ReadShape(context, &conv->params.shape);
  const auto& state = context.state<State>();
  const bool per_channel = (state.shape.bits & kPerChannel) != 0;
  conv->multipliers = MultiplierArrays(context, state.bytes_before_arrays(),
                                       per_channel ? conv->params.shape.output_channels : 1);
}

}  // namespace

void ReadConvolutionS8(const EvalContext& context, ConvolutionQuantizedState* conv) {
  ReadShapeAndMultipliers<StateS8>(context, conv);
  const OfS8& of_op = context.state<StateS8>().of_op;
  conv->params.input_zero_point = of_op.input_zero_point;
  conv->params.output_zero_point = of_op.output_zero_point;
  conv->params.clamp = {of_op.clamp_min, of_op.clamp_max};
}

bool ReadConvolutionS16(const EvalContext& context, ConvolutionQuantizedState* conv) {
  ReadShapeAndMultipliers<StateS16>(context, conv);
  conv->params.input_zero_point = conv->params.output_zero_point = 0;
  const auto& state = context.state<StateS16>();
  conv->params.clamp = state.of_op;
  return (state.shape.bits & kWide) != 0;
}

Status PrepareConvolutionS8(PrepareContext& context, const ConvolutionKind& kind,
                            ConvolutionS8ScratchBytes* scratch_bytes) {
  QuantizedConvolution conv;
  MIDGE_TRY(PrepareQuantized(context, kind, kWeightTypesInt8, {INT8_MIN, INT8_MAX}, &conv));
  ConvolutionS8Params& params = conv.params;
  const OfS8 of_op = {static_cast<int8_t>(conv.quantization.input.zero_point),
                      static_cast<int8_t>(conv.quantization.output.zero_point),
                      static_cast<int8_t>(params.clamp.min), static_cast<int8_t>(params.clamp.max)};
  params.input_zero_point = of_op.input_zero_point;
  params.output_zero_point = of_op.output_zero_point;
  PackedShape& packed = StateS8::New(context, params.shape, of_op).shape;
  context.RequestScratch(scratch_bytes(params));
  return AppendMultipliers(context, conv.quantization, kMostExponent, &packed);
}

// int16 is symmetric: zero points are not looked at.
Status PrepareConvolutionS16(PrepareContext& context, const ConvolutionKind& kind,
                             ConvolutionS8ScratchBytes* scratch_bytes) {
  QuantizedConvolution conv;
  MIDGE_TRY(PrepareQuantized(context, kind, kWeightTypesInt16, {INT16_MIN, INT16_MAX}, &conv));
  ConvolutionS16Params& params = conv.params;
  params.input_zero_point = params.output_zero_point = 0;
  // Sums of 32 bits only where a bias of 32 bits asks for them.
  const bool wide = context.input_type(kind.operands.bias) != TensorType::kInt32;
  PackedShape& packed = StateS16::New(context, params.shape, params.clamp).shape;
  if (wide) packed.bits |= kWide;
  context.RequestScratch(scratch_bytes(params));
  return AppendMultipliers(context, conv.quantization, wide ? kMostWideExponent : kMostExponent,
                           &packed);
}

Status PrepareConvolutionF32(PrepareContext& context, const ConvolutionKind& kind) {
  WindowedShape shape;
  Activation activation;
  MIDGE_TRY(PrepareShape(context, kind, kWeightTypesFloat32, &shape, &activation));
  StateF32::New(context, shape, FloatActivationRange(activation));
  return {};
}

Status EvalConvolutionF32(const EvalContext& context, Rows rows, WeightOperands operands,
                          ConvolutionF32* kernel) {
  ConvolutionF32Params params;
  StateF32::ReadShape(context, &params.shape);
  params.clamp = context.state<StateF32>().of_op;
  ForEachImage<float>(
      context, operands.input, params.shape, rows,
      [&](const RowView<const float>& input, Rows image_rows, const RowView<float>& output) {
        kernel(params, input, context.input<float>(kFilter), context.input<float>(operands.bias),
               image_rows, output);
      });
  return {};
}

Status PrepareConvolutionU8(PrepareContext& context, const ConvolutionKind& kind) {
  QuantizedConvolution conv;
  MIDGE_TRY(PrepareQuantized(context, kind, kWeightTypesUInt8, {0, UINT8_MAX}, &conv));
  const Result<QuantParam> filter = context.PerTensor(Operand::Input(kFilter));
  MIDGE_TRY(filter.status());
  const OfU8 of_op = {static_cast<uint8_t>(conv.quantization.input.zero_point),
                      static_cast<uint8_t>(conv.quantization.output.zero_point),
                      static_cast<uint8_t>(conv.params.clamp.min),
                      static_cast<uint8_t>(conv.params.clamp.max), filter->zero_point};
  PackedShape& packed = StateU8::New(context, conv.params.shape, of_op).shape;
  return AppendMultipliers(context, conv.quantization, kMostExponent, &packed);
}

Status EvalConvolutionU8(const EvalContext& context, Rows rows, WeightOperands operands,
                         ConvolutionU8* kernel) {
  const auto& state = context.state<StateU8>();
  const OfU8& of_op = state.of_op;
  ConvolutionU8Params params;
  StateU8::ReadShape(context, &params.shape);
  params.input_zero_point = of_op.input_zero_point;
  params.output_zero_point = of_op.output_zero_point;
  params.clamp = {of_op.clamp_min, of_op.clamp_max};
  params.filter_zero_point = of_op.filter_zero_point;
  const ChannelMultipliers multipliers = MultiplierArrays(context, state.bytes_before_arrays(), 1);
  ForEachImage<uint8_t>(
      context, operands.input, params.shape, rows,
      [&](const RowView<const uint8_t>& input, Rows image_rows, const RowView<uint8_t>& output) {
        kernel(params, multipliers, input, context.input<uint8_t>(kFilter),
               context.input<int32_t>(operands.bias), image_rows, output);
      });
  return {};
}

Status PrepareConvolutionF32S8(PrepareContext& context, const ConvolutionKind& kind) {
  WindowedShape shape;
  Activation activation;
  MIDGE_TRY(PrepareShape(context, kind, kWeightTypesFloat32, &shape, &activation));
  context.SetRowWindow(RowWindow::Whole());  // the range is that of the whole image
  const Result<Span<const float>> scales = context.PerChannelScales(
      Operand::Input(kFilter), kind.depthwise ? 3 : 0, shape.output_channels);
  MIDGE_TRY(scales.status());
  auto& state = StateF32::New(context, shape, FloatActivationRange(activation));
  // As the field has it: depthwise and transposed always, else if channels differ in their scale.
  const bool differ = ScalesDiffer(*scales);
  if (differ) state.shape.bits |= kPerChannel;
  if (differ || kind.depthwise || kind.transposed) state.shape.bits |= kAsymmetric;
  AppendScales(context, *scales, differ);
  context.RequestScratch(static_cast<uint32_t>(shape.window.input_h) *
                         static_cast<uint32_t>(shape.input_row_elements()));
  return {};
}

Status EvalConvolutionF32S8(const EvalContext& context, Rows rows, WeightOperands operands,
                            ConvolutionF32S8* kernel) {
  const auto& state = context.state<StateF32>();
  ConvolutionF32Params params;
  StateF32::ReadShape(context, &params.shape);
  params.clamp = state.of_op;
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

Status PrepareConvolutionF32F16(PrepareContext& context, const ConvolutionKind& kind) {
  WindowedShape shape;
  Activation activation;
  MIDGE_TRY(PrepareShape(context, kind, kWeightTypesFloat32, &shape, &activation));
  auto& state = StateF32::New(context, shape, FloatActivationRange(activation));
  if (context.IsFloat16(kind.operands.bias)) state.shape.bits |= kFloat16Bias;
  return {};
}

Status EvalConvolutionF32F16(const EvalContext& context, Rows rows, WeightOperands operands,
                             ConvolutionF32F16* kernel) {
  const auto& state = context.state<StateF32>();
  ConvolutionF32Params params;
  StateF32::ReadShape(context, &params.shape);
  params.clamp = state.of_op;
  const Float16Bias bias = BiasOf(context, operands, (state.shape.bits & kFloat16Bias) != 0);
  ForEachImage<float>(
      context, operands.input, params.shape, rows,
      [&](const RowView<const float>& input, Rows image_rows, const RowView<float>& output) {
        kernel(params, input, context.input<uint16_t>(kFilter), bias, image_rows, output);
      });
  return {};
}

}  // namespace midge
