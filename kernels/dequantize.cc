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

const Op kDequantizeInt8 = Row<int8_t>(nullptr);
const Op kDequantizeInt16 = Row<int16_t>(nullptr);
const Op kDequantizeUInt8 = Row<uint8_t>(nullptr);

namespace {
const Op kFromInt16 = Row<int16_t>(&kDequantizeUInt8);
}  // namespace
const Op kDequantize = Row<int8_t>(&kFromInt16);

}  // namespace midge
