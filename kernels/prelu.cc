// SPDX-License-Identifier: Apache-2.0
#include "kernels/prelu.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

// The slopes are int8 either way.
template <typename T>
Status PrepareQuantized(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, kTypeOf<T>, TensorType::kInt8, kTypeOf<T>, &plan));
  MIDGE_TRY(context.ExpectShape(Operand::Output(0), context.input_shape(0)));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  const Result<QuantParam> slope = context.PerTensor(Operand::Input(1));
  MIDGE_TRY(slope.status());
  const MultiplierMaker multiplier(q.input.scale, q.output.scale);
  const QuantizedMultiplier positive = multiplier(1.f), negative = multiplier(slope->scale);
  constexpr int32_t kBits = sizeof(T) * 8;
  if (!FitsRequantizer(positive, kBits) || !FitsRequantizer(negative, kBits + 8)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetBinaryState(
      context, plan,
      PreluParams{static_cast<int16_t>(q.input.zero_point), static_cast<int16_t>(slope->zero_point),
                  static_cast<int16_t>(q.output.zero_point), positive, negative});
  return {};
}

template <typename T>
constexpr auto kQuantized = OpRow<BuiltinOp::kPrelu, kTypeOf<T>, PrepareQuantized<T>,
                                  BinaryEval<isa::PreluElements<T>>::Eval>;
constexpr auto kFloat32 =
    OpRow<BuiltinOp::kPrelu, TensorType::kFloat32, PrepareBinary<TensorType::kFloat32>,
          BinaryEval<isa::PreluF32>::Eval>;

}  // namespace

const Op kPreluInt8 = kQuantized<int8_t>(nullptr);
const Op kPreluInt16 = kQuantized<int16_t>(nullptr);
const Op kPreluFloat32 = kFloat32(nullptr);
const Op kPrelu = kOpChain<kQuantized<int8_t>, kQuantized<int16_t>, kFloat32>;

}  // namespace midge
