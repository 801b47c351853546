// SPDX-License-Identifier: Apache-2.0
#include "kernels/mul.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/requant.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareInt8(PrepareContext& context) {
  BinaryPlan plan;
  BinaryQuantization q;
  MIDGE_TRY(PlanBinaryS8<MulOptions>(context, &plan, &q));

  const QuantizedMultiplier multiplier = MultiplierOfRatio(q.a.scale, q.b.scale, q.output.scale);
  constexpr int32_t kProductBits = 16;
  if (!FitsRequantizer(multiplier, kProductBits)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetBinaryState(
      context, plan,
      MulS8Params{static_cast<int16_t>(q.a.zero_point), static_cast<int16_t>(q.b.zero_point),
                  static_cast<int16_t>(q.output.zero_point), q.clamp, multiplier});
  return {};
}

}  // namespace

const Op kMulFloat32 = {
    BuiltinOp::kMul, TensorType::kFloat32,         0,
    nullptr,         PrepareBinaryF32<MulOptions>, BinaryEval<isa::MulF32>::Eval,
    nullptr};
const Op kMulInt8 = {BuiltinOp::kMul, TensorType::kInt8, 0,
                     nullptr,         PrepareInt8,       BinaryEval<isa::MulS8>::Eval,
                     nullptr};
const Op kMul = {BuiltinOp::kMul, TensorType::kInt8, 0,
                 nullptr,         PrepareInt8,       BinaryEval<isa::MulS8>::Eval,
                 &kMulFloat32};

}  // namespace midge
