// SPDX-License-Identifier: Apache-2.0
#include "kernels/dequantize.h"

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

using State = UnaryState<DequantizeParams>;

// The state of a tensor whose slices differ: State, elements of a slice that follow each other,
// then the parameters of each slice.
Status PreparePerChannel(PrepareContext& context) {
  const TensorView input = context.input(0);
  const Shape shape = input.shape();
  const Quantization& quantization = input.quantization();
  const int32_t dimension = quantization.dimension();
  const Status error = context.Error(StatusCode::kBadQuantization, Operand::Input(0));
  if (dimension < 0 || dimension >= shape.rank() || shape[dimension] > UINT16_MAX) return error;
  const int32_t channels = shape[dimension];
  const Result<Span<const float>> scales =
      context.PerChannelScales(Operand::Input(0), dimension, channels);
  MIDGE_TRY(scales.status());
  const int zero_points = quantization.zero_point_count();
  if (zero_points > 1 && zero_points != channels) return error;
  SetUnaryState(context, DequantizeParams{0.f, 0, static_cast<uint16_t>(channels)});
  auto* const run = context.NewArray<int32_t>(1);
  auto* const params = context.NewArray<DequantizeParams>(channels);
  if (run != nullptr) *run = shape.Product(dimension + 1, shape.rank());
  for (int i = 0; i < channels; ++i) {
    const int64_t zero_point =
        zero_points == 0 ? 0 : quantization.zero_point(zero_points == 1 ? 0 : i);
    if (zero_point < INT16_MIN || zero_point > INT16_MAX) return error;
    if (params == nullptr) continue;
    params[i] = {(*scales)[static_cast<size_t>(i)], static_cast<int16_t>(zero_point), 0};
  }
  return {};
}

template <typename In>
Status Prepare(PrepareContext& context) {
  MIDGE_TRY(CheckUnary(context, kTypeOf<In>, TensorType::kFloat32));
  if (context.input(0).quantization().scales().size() > 1) return PreparePerChannel(context);
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  SetUnaryState(context,
                DequantizeParams{input->scale, static_cast<int16_t>(input->zero_point), 0});
  return {};
}

template <typename In>
Status Eval(const EvalContext& context, Rows rows) {
  const auto& state = context.state<State>();
  const int32_t channels = state.params.channels;
  if (channels == 0) return UnaryEval<isa::DequantizeElements<In>>::Eval(context, rows);
  const int32_t run = *context.StateArray<int32_t>(sizeof(State));
  const auto* const params = context.StateArray<DequantizeParams>(sizeof(State) + sizeof(int32_t));
  const int32_t elements = state.rows.elements;
  const auto input = context.InputRows<In>(0, elements);
  const auto output = context.OutputRows<float>(0, elements);
  rows = rows.Clip(state.rows.count);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const In* const in = input.Row(y);
    float* const out = output.Row(y);
    for (int32_t i = 0; i < elements;) {
      const int32_t slice = (y * elements + i) / run;
      const int32_t left_of_slice = (slice + 1) * run - y * elements - i;
      const int32_t count = left_of_slice < elements - i ? left_of_slice : elements - i;
      isa::DequantizeElements(params[slice % channels], in + i, count, out + i);
      i += count;
    }
  }
  return {};
}

// float16, if anything needs it made: most weights are read as they are.
struct OfFloat16 {
  bool made;
};
using StateFloat16 = UnaryState<OfFloat16>;

Status PrepareFloat16(PrepareContext& context) {
  MIDGE_TRY(CheckUnary(context, TensorType::kFloat16, TensorType::kFloat32));
  const bool made = !context.IsReadAsFloat16();
  if (!made) context.AliasOutput(0);
  SetUnaryState(context, OfFloat16{made});
  return {};
}

Status EvalFloat16(const EvalContext& context, Rows rows) {
  const auto& state = context.state<StateFloat16>();
  if (!state.params.made) return {};
  const auto input = context.InputRows<uint16_t>(0, state.rows.elements);
  const auto output = context.OutputRows<float>(0, state.rows.elements);
  ForEachBlock(rows, state.rows, input, output, isa::Float16ToFloat32Elements);
  return {};
}

template <typename In>
constexpr auto kFrom = OpRow<BuiltinOp::kDequantize, kTypeOf<In>, Prepare<In>, Eval<In>>;
constexpr auto kFromHalf =
    OpRow<BuiltinOp::kDequantize, TensorType::kFloat16, PrepareFloat16, EvalFloat16>;

}  // namespace

const Op kDequantizeFloat16 = kFromHalf(nullptr);
const Op kDequantizeInt8 = kFrom<int8_t>(nullptr);
const Op kDequantizeInt16 = kFrom<int16_t>(nullptr);
const Op kDequantizeUInt8 = kFrom<uint8_t>(nullptr);
const Op kDequantize = kOpChain<kFrom<int8_t>, kFrom<int16_t>, kFrom<uint8_t>, kFromHalf>;

}  // namespace midge
