// SPDX-License-Identifier: Apache-2.0
#include "kernels/squared_difference.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <TensorType kType>
Status PrepareQuantized(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, kType, &plan));
  BinaryQuantization q;
  MIDGE_TRY(ReadBinaryQuantization(context, Activation::kNone, &q));
  constexpr int kLeftShift = kType == TensorType::kInt8 ? 7 : 0;
  const float larger = ScaleBits(q.a.scale) < ScaleBits(q.b.scale) ? q.b.scale : q.a.scale;
  const MultiplierMaker input_multiplier(1.f, larger, -1);
  // (2 * larger)^2 / (2^(2 * kLeftShift) * output)
  const QuantizedMultiplier output_multiplier =
      MultiplierOfRatio(larger, larger, q.output.scale, 2 - 2 * kLeftShift);
  if (!FitsExponent(output_multiplier)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetBinaryState(context, plan,
                 SquaredDifferenceParams{
                     static_cast<int16_t>(q.a.zero_point), static_cast<int16_t>(q.b.zero_point),
                     static_cast<int16_t>(q.output.zero_point), kLeftShift,
                     input_multiplier(q.a.scale), input_multiplier(q.b.scale), output_multiplier});
  return {};
}

template <typename T>
constexpr auto kQuantized =
    OpRow<BuiltinOp::kSquaredDifference, kTypeOf<T>, PrepareQuantized<kTypeOf<T>>,
          BinaryEval<isa::SquaredDifferenceElements<T>>::Eval>;
template <TensorType kType, auto kKernel>
constexpr auto kPlain =
    OpRow<BuiltinOp::kSquaredDifference, kType, PrepareBinary<kType>, BinaryEval<kKernel>::Eval>;
constexpr auto kInt32 = kPlain<TensorType::kInt32, isa::SquaredDifferenceS32>;
constexpr auto kFloat32 = kPlain<TensorType::kFloat32, isa::SquaredDifferenceF32>;

}  // namespace

const Op kSquaredDifferenceInt8 = kQuantized<int8_t>(nullptr);
const Op kSquaredDifferenceInt16 = kQuantized<int16_t>(nullptr);
const Op kSquaredDifferenceInt32 = kInt32(nullptr);
const Op kSquaredDifferenceFloat32 = kFloat32(nullptr);
const Op kSquaredDifference = kOpChain<kQuantized<int8_t>, kQuantized<int16_t>, kInt32, kFloat32>;

}  // namespace midge
