// SPDX-License-Identifier: Apache-2.0
#include "kernels/div.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareInt8(PrepareContext& context) {
  BinaryPlan plan;
  BinaryQuantization q;
  MIDGE_TRY((PlanQuantizedBinary<TensorType::kInt8, DivOptions>(context, &plan, &q)));
  const QuantizedMultiplier multiplier = MultiplierOfQuotient(q.a.scale, q.b.scale, q.output.scale);
  constexpr int32_t kLeastHeadroom = 22;  // of a difference of nine bits
  if (multiplier.exponent > kLeastHeadroom) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetBinaryState(
      context, plan,
      DivS8Params{static_cast<int16_t>(q.a.zero_point), static_cast<int16_t>(q.b.zero_point),
                  static_cast<int16_t>(q.output.zero_point), q.clamp, multiplier});
  return {};
}

constexpr auto kCode = BuiltinOp::kDiv;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareInt8, BinaryEval<isa::DivS8>::Eval>;
constexpr auto kInt32 =
    OpRow<kCode, TensorType::kInt32, PrepareBinaryInteger<TensorType::kInt32, DivOptions>,
          BinaryEval<isa::DivS32>::Eval>;
constexpr auto kFloat32 =
    OpRow<kCode, TensorType::kFloat32, PrepareBinaryF32<DivOptions>, BinaryEval<isa::DivF32>::Eval>;

}  // namespace

const Op kDivInt8 = kInt8(nullptr);
const Op kDivInt32 = kInt32(nullptr);
const Op kDivFloat32 = kFloat32(nullptr);
const Op kDiv = kOpChain<kInt8, kInt32, kFloat32>;

}  // namespace midge
