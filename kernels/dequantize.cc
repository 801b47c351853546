// SPDX-License-Identifier: Apache-2.0
#include "kernels/dequantize.h"

#include "kernels/isa.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <typename In>
Status Prepare(PrepareContext& context) {
  MIDGE_TRY(CheckUnary(context, kTypeOf<In>, TensorType::kFloat32));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  SetUnaryState(context, DequantizeParams{input->scale, input->zero_point});
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

constexpr Op Float16Row(const Op* next) {
  return {BuiltinOp::kDequantize, TensorType::kFloat16, 0,   nullptr,
          PrepareFloat16,         EvalFloat16,          next};
}

template <typename In>
constexpr Op Row(const Op* next) {
  return {BuiltinOp::kDequantize,
          kTypeOf<In>,
          0,
          nullptr,
          Prepare<In>,
          UnaryEval<isa::DequantizeElements<In>>::Eval,
          next};
}

}  // namespace

const Op kDequantizeFloat16 = Float16Row(nullptr);
const Op kDequantizeInt8 = Row<int8_t>(nullptr);
const Op kDequantizeInt16 = Row<int16_t>(nullptr);
const Op kDequantizeUInt8 = Row<uint8_t>(nullptr);

namespace {
const Op kFromUInt8 = Row<uint8_t>(&kDequantizeFloat16);
const Op kFromInt16 = Row<int16_t>(&kFromUInt8);
}  // namespace
const Op kDequantize = Row<int8_t>(&kFromInt16);

}  // namespace midge
