// SPDX-License-Identifier: Apache-2.0
#include "kernels/div.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <typename T>
Status PrepareQuantized(PrepareContext& context) {
  BinaryPlan plan;
  BinaryQuantization q;
  MIDGE_TRY((PlanQuantizedBinary<kTypeOf<T>, DivOptions>(context, &plan, &q)));
  const QuantizedMultiplier multiplier = MultiplierOfQuotient(q.a.scale, q.b.scale, q.output.scale);
  if (!FitsExponent(multiplier)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetBinaryState(
      context, plan,
      DivParams{static_cast<int16_t>(q.a.zero_point), static_cast<int16_t>(q.b.zero_point),
                static_cast<int16_t>(q.output.zero_point), q.clamp, multiplier});
  return {};
}

constexpr auto kCode = BuiltinOp::kDiv;
template <typename T>
constexpr auto kQuantized =
    OpRow<kCode, kTypeOf<T>, PrepareQuantized<T>, BinaryEval<isa::DivElements<T>>::Eval>;
constexpr auto kInt32 =
    OpRow<kCode, TensorType::kInt32, PrepareBinaryInteger<TensorType::kInt32, DivOptions>,
          BinaryEval<isa::DivS32>::Eval>;
constexpr auto kFloat32 =
    OpRow<kCode, TensorType::kFloat32, PrepareBinaryF32<DivOptions>, BinaryEval<isa::DivF32>::Eval>;

}  // namespace

const Op kDivInt8 = kQuantized<int8_t>(nullptr);
const Op kDivInt16 = kQuantized<int16_t>(nullptr);
const Op kDivInt32 = kInt32(nullptr);
const Op kDivFloat32 = kFloat32(nullptr);
const Op kDiv = kOpChain<kQuantized<int8_t>, kInt32, kFloat32, kQuantized<int16_t>>;

}  // namespace midge
