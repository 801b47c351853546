// SPDX-License-Identifier: Apache-2.0
#include "kernels/fully_connected.h"

#include <limits>
#include <type_traits>

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/weights.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = kInputFilterBias.input, kBias = kInputFilterBias.bias };

// The output's rows, as RowGeometry sees them, in batches.
struct BatchRows {
  int32_t count;
  int32_t batches;  // of one row
};

// What all types check: operands, shapes.
Status PrepareShape(PrepareContext& context, const WeightTypes& types, FullyConnectedShape* shape,
                    BatchRows* rows) {
  MIDGE_TRY(ExpectWeights(context, types));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kFilter), 2, 2));
  const Shape filter = context.input_shape(kFilter);
  const Shape input = context.input_shape(kInput);
  const Shape output = context.output_shape(0);
  *shape = {filter[1], filter[0]};
  if (filter.elements() == 0 || output.FromBack(0) != shape->units) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kFilter));
  }
  const int32_t batches = internal::Quotient(input.elements(), shape->depth);
  if (input.elements() != batches * shape->depth ||
      internal::Quotient(output.elements(), shape->units) != batches) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kInput));
  }
  const RowGeometry geometry = RowGeometry::Of(output);
  *rows = {geometry.count, internal::Quotient(geometry.elements, shape->units)};
  if (RowGeometry::Of(input).count == rows->count && HasConstantWeights(context)) {
    context.MentionRowWindow(RowWindow::SameRow());
  }
  return {};
}

template <typename Params>
struct QuantizedState {
  Params params;
  bool per_channel;  // then multipliers are behind the state, else here
  int8_t exponent;
  bool wide;  // int16: sums of 64 bits
  int32_t multiplier_q31;
  BatchRows rows;

  ChannelMultipliers multipliers(const EvalContext& context) const {
    if (!per_channel) return {&multiplier_q31, &exponent, 0};
    return MultiplierArrays(context, sizeof(QuantizedState), params.shape.units);
  }
};
using StateS8 = QuantizedState<FullyConnectedS8Params>;
using StateU8 = QuantizedState<FullyConnectedU8Params>;
using StateS16 = QuantizedState<FullyConnectedS16Params>;

struct StateF32 {
  FullyConnectedF32Params params;
  BatchRows rows;
};

// Calls f(input, batches, output) for each of the given rows.
template <typename T, typename F>
void ForEachRow(const EvalContext& context, const FullyConnectedShape& shape, BatchRows all,
                Rows rows, const F& f) {
  const RowView<const T> input = context.InputRows<T>(kInput, all.batches * shape.depth);
  const RowView<T> output = context.OutputRows<T>(0, all.batches * shape.units);
  rows = rows.Clip(all.count);
  for (int32_t y = rows.begin; y < rows.end; ++y) f(input.Row(y), all.batches, output.Row(y));
}

// T: the type of the activations.
template <typename State, typename T>
Status PrepareQuantized(PrepareContext& context, const WeightTypes& types) {
  FullyConnectedShape shape;
  BatchRows rows;
  MIDGE_TRY(PrepareShape(context, types, &shape, &rows));
  WeightsQuantization quantization;
  MIDGE_TRY(ReadWeightsQuantization(context, 0, kInputFilterBias, &quantization));
  const QuantParam input = quantization.input, output = quantization.output;
  FullyConnectedOptions options;
  MIDGE_TRY(context.Options(&options));

  State& state = context.NewState<State>();
  state.rows = rows;
  state.params.shape = shape;
  state.params.input_zero_point = static_cast<T>(input.zero_point);
  state.params.output_zero_point = static_cast<int16_t>(output.zero_point);
  state.params.clamp = QuantizedActivationRange(
      options.activation, output, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
  state.wide =
      sizeof(T) > 1 && (context.has_input(kBias) ? context.input_type(kBias) == TensorType::kInt64
                                                 : options.wide_without_bias);
  const int32_t most_exponent = state.wide ? kMostWideExponent : kMostExponent;
  const Span<const float> filter_scales = quantization.filter_scales;
  state.per_channel = filter_scales.size() > 1;
  int32_t* multipliers = &state.multiplier_q31;
  int8_t* exponents = &state.exponent;
  if (state.per_channel && std::is_signed_v<T>) {
    multipliers = context.NewArray<int32_t>(shape.units);
    exponents = context.NewArray<int8_t>(shape.units);
  } else {
    const Result<QuantParam> filter = context.PerTensor(Operand::Input(kFilter));
    MIDGE_TRY(filter.status());
    state.params.filter_zero_point =
        static_cast<decltype(state.params.filter_zero_point)>(filter->zero_point);
  }
  return MakeMultipliers(context, input.scale, filter_scales, output.scale, most_exponent,
                         multipliers, exponents);
}

template <typename State, typename T, typename Filter, typename Bias>
Status EvalQuantized(const EvalContext& context, Rows rows,
                     void (*kernel)(const decltype(State::params)&, const ChannelMultipliers&,
                                    const T*, const Filter*, const Bias*, int32_t, T*)) {
  const auto& state = context.state<State>();
  const ChannelMultipliers multipliers = state.multipliers(context);
  ForEachRow<T>(context, state.params.shape, state.rows, rows,
                [&](const T* input, int32_t batches, T* output) {
                  kernel(state.params, multipliers, input, context.input<Filter>(kFilter),
                         context.input<Bias>(kBias), batches, output);
                });
  return {};
}

Status PrepareInt8(PrepareContext& context) {
  return PrepareQuantized<StateS8, int8_t>(context, kWeightTypesInt8);
}
Status EvalInt8(const EvalContext& context, Rows rows) {
  return EvalQuantized<StateS8>(context, rows, isa::FullyConnectedS8);
}
Status EvalInt8Int4(const EvalContext& context, Rows rows) {
  return EvalQuantized<StateS8>(context, rows, isa::FullyConnectedS8S4);
}

Status PrepareUInt8(PrepareContext& context) {
  return PrepareQuantized<StateU8, uint8_t>(context, kWeightTypesUInt8);
}
Status EvalUInt8(const EvalContext& context, Rows rows) {
  return EvalQuantized<StateU8>(context, rows, isa::FullyConnectedU8);
}

Status PrepareInt16(PrepareContext& context) {
  return PrepareQuantized<StateS16, int16_t>(context, kWeightTypesInt16);
}
Status EvalInt16(const EvalContext& context, Rows rows) {
  return context.state<StateS16>().wide
             ? EvalQuantized<StateS16>(context, rows, isa::FullyConnectedS16<PackedInt64>)
             : EvalQuantized<StateS16>(context, rows, isa::FullyConnectedS16<int32_t>);
}

Status PrepareFloat32(PrepareContext& context) {
  FullyConnectedShape shape;
  BatchRows rows;
  MIDGE_TRY(PrepareShape(context, kWeightTypesFloat32, &shape, &rows));
  FullyConnectedOptions options;
  MIDGE_TRY(context.Options(&options));
  context.NewState<StateF32>() = {{shape, FloatActivationRange(options.activation)}, rows};
  return {};
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  const auto& state = context.state<StateF32>();
  ForEachRow<float>(context, state.params.shape, state.rows, rows,
                    [&](const float* input, int32_t batches, float* output) {
                      isa::FullyConnectedF32(state.params, input, context.input<float>(kFilter),
                                             context.input<float>(kBias), batches, output);
                    });
  return {};
}

// Behind it the scales of the weights: one, or one per unit.
struct StateF32S8 {
  FullyConnectedF32Params params;
  BatchRows rows;
  bool per_channel, asymmetric;
};

Status PrepareFloat32Int8(PrepareContext& context) {
  FullyConnectedShape shape;
  BatchRows rows;
  MIDGE_TRY(PrepareShape(context, kWeightTypesFloat32, &shape, &rows));
  FullyConnectedOptions options;
  MIDGE_TRY(context.Options(&options));
  const Result<Span<const float>> scales =
      context.PerChannelScales(Operand::Input(kFilter), 0, shape.units);
  MIDGE_TRY(scales.status());
  const bool per_channel = scales->size() > 1;
  context.NewState<StateF32S8>() = {{shape, FloatActivationRange(options.activation)},
                                    rows,
                                    per_channel,
                                    options.asymmetric_quantize_inputs};
  AppendScales(context, *scales, per_channel);
  context.RequestScratch(static_cast<uint32_t>(shape.depth));
  return {};
}

Status EvalFloat32Int8(const EvalContext& context, Rows rows) {
  const auto& state = context.state<StateF32S8>();
  const FullyConnectedShape& shape = state.params.shape;
  const ChannelScales scales = {context.StateArray<float>(sizeof(StateF32S8)),
                                state.per_channel ? 1 : 0};
  auto* const quantized = context.scratch<int8_t>();
  ForEachRow<float>(context, shape, state.rows, rows,
                    [&](const float* input, int32_t batches, float* output) {
                      for (; batches > 0; --batches, input += shape.depth, output += shape.units) {
                        const DynamicRange range =
                            isa::QuantizeDynamic(state.asymmetric, input, shape.depth, quantized);
                        isa::FullyConnectedF32S8(state.params, scales, range, quantized,
                                                 context.input<int8_t>(kFilter),
                                                 context.input<float>(kBias), output);
                      }
                    });
  return {};
}

struct StateF32F16 {
  FullyConnectedF32Params params;
  BatchRows rows;
  bool float16_bias;
};

Status PrepareFloat32Float16(PrepareContext& context) {
  FullyConnectedShape shape;
  BatchRows rows;
  MIDGE_TRY(PrepareShape(context, kWeightTypesFloat32, &shape, &rows));
  FullyConnectedOptions options;
  MIDGE_TRY(context.Options(&options));
  context.NewState<StateF32F16>() = {
      {shape, FloatActivationRange(options.activation)}, rows, context.IsFloat16(kBias)};
  return {};
}

Status EvalFloat32Float16(const EvalContext& context, Rows rows) {
  const auto& state = context.state<StateF32F16>();
  const Float16Bias bias = BiasOf(context, kInputFilterBias, state.float16_bias);
  ForEachRow<float>(context, state.params.shape, state.rows, rows,
                    [&](const float* input, int32_t batches, float* output) {
                      isa::FullyConnectedF32F16(state.params, input,
                                                context.input<uint16_t>(kFilter), bias, batches,
                                                output);
                    });
  return {};
}

constexpr BuiltinOp kCode = BuiltinOp::kFullyConnected;
constexpr auto kInt8 =
    WeightsOpRow<kCode, TensorType::kInt8, TensorType::kInt8, PrepareInt8, EvalInt8>;
constexpr auto kInt8Int4 =
    WeightsOpRow<kCode, TensorType::kInt8, TensorType::kInt4, PrepareInt8, EvalInt8Int4>;
constexpr auto kInt16 =
    WeightsOpRow<kCode, TensorType::kInt16, TensorType::kInt8, PrepareInt16, EvalInt16>;
constexpr auto kUInt8 =
    WeightsOpRow<kCode, TensorType::kUInt8, TensorType::kUInt8, PrepareUInt8, EvalUInt8>;
constexpr auto kFloat32 =
    WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kFloat32, PrepareFloat32, EvalFloat32>;

constexpr auto kFloat32Int8 = WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kInt8,
                                           PrepareFloat32Int8, EvalFloat32Int8>;
constexpr auto kFloat32Float16 = WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kFloat16,
                                              PrepareFloat32Float16, EvalFloat32Float16>;

}  // namespace

const Op kFullyConnectedInt8 = kInt8(nullptr);
const Op kFullyConnectedInt8Int4 = kInt8Int4(nullptr);
const Op kFullyConnectedInt16 = kInt16(nullptr);
const Op kFullyConnectedUInt8 = kUInt8(nullptr);
const Op kFullyConnectedFloat32 = kFloat32(nullptr);
const Op kFullyConnectedFloat32Int8 = kFloat32Int8(nullptr);
const Op kFullyConnectedFloat32Float16 = kFloat32Float16(nullptr);
const Op kFullyConnected =
    kOpChain<kInt8, kFloat32, kInt16, kInt8Int4, kFloat32Int8, kFloat32Float16, kUInt8>;

}  // namespace midge
