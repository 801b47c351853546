// SPDX-License-Identifier: Apache-2.0
#include "kernels/mul.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <TensorType kType>
Status PrepareByte(PrepareContext& context) {
  BinaryPlan plan;
  BinaryQuantization q;
  MIDGE_TRY((PlanQuantizedBinary<kType, MulOptions>(context, &plan, &q)));

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

Status PrepareInt16(PrepareContext& context) {
  BinaryPlan plan;
  BinaryQuantization q;
  MIDGE_TRY((PlanQuantizedBinary<TensorType::kInt16, MulOptions>(context, &plan, &q)));
  const QuantizedMultiplier multiplier = MultiplierOfRatio(q.a.scale, q.b.scale, q.output.scale);
  if (!FitsExponent(multiplier)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetBinaryState(context, plan, MulS16Params{q.clamp, multiplier});
  return {};
}

template <typename T>
constexpr auto kInteger =
    OpRow<BuiltinOp::kMul, kTypeOf<T>, PrepareBinaryInteger<kTypeOf<T>, MulOptions>,
          BinaryEval<isa::MulElements<T>>::Eval>;

constexpr auto kCode = BuiltinOp::kMul;
constexpr auto kInt8 =
    OpRow<kCode, TensorType::kInt8, PrepareByte<TensorType::kInt8>, BinaryEval<isa::MulS8>::Eval>;
constexpr auto kUInt8 =
    OpRow<kCode, TensorType::kUInt8, PrepareByte<TensorType::kUInt8>, BinaryEval<isa::MulU8>::Eval>;
constexpr auto kInt16 =
    OpRow<kCode, TensorType::kInt16, PrepareInt16, BinaryEval<isa::MulS16>::Eval>;
constexpr auto kFloat32 =
    OpRow<kCode, TensorType::kFloat32, PrepareBinaryF32<MulOptions>, BinaryEval<isa::MulF32>::Eval>;

}  // namespace

const Op kMulInt8 = kInt8(nullptr);
const Op kMulInt16 = kInt16(nullptr);
const Op kMulInt32 = kInteger<int32_t>(nullptr);
const Op kMulInt64 = kInteger<int64_t>(nullptr);
const Op kMulUInt8 = kUInt8(nullptr);
const Op kMulFloat32 = kFloat32(nullptr);
const Op kMul = kOpChain<kInt8, kInt16, kInteger<int32_t>, kInteger<int64_t>, kFloat32, kUInt8>;

}  // namespace midge
