// SPDX-License-Identifier: Apache-2.0
#include "kernels/add.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/scaled_sum_prepare.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareInt8(PrepareContext& context) {
  BinaryPlan plan;
  BinaryQuantization q;
  MIDGE_TRY((PlanQuantizedBinary<TensorType::kInt8, AddOptions>(context, &plan, &q)));

  const bool second_is_larger = ScaleBits(q.a.scale) < ScaleBits(q.b.scale);
  const QuantParam& larger = second_is_larger ? q.b : q.a;
  const QuantParam& smaller = second_is_larger ? q.a : q.b;
  const QuantizedMultiplier smaller_multiplier =
      MultiplierOfRatio(smaller.scale, 1.f, larger.scale, -1);
  const QuantizedMultiplier output_multiplier =
      MultiplierOfRatio(larger.scale, 1.f, q.output.scale, 1 - 20);
  if (output_multiplier.exponent >= 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetBinaryState(
      context, plan,
      AddS8Params{static_cast<int16_t>(larger.zero_point), static_cast<int16_t>(smaller.zero_point),
                  static_cast<int16_t>(q.output.zero_point), second_is_larger, q.clamp,
                  smaller_multiplier, output_multiplier});
  return {};
}

// Plain integers do without the fused activation, as in the field's kernels.
template <typename T>
constexpr auto kInteger = OpRow<BuiltinOp::kAdd, kTypeOf<T>, PrepareBinary<kTypeOf<T>>,
                                BinaryEval<isa::AddElements<T>>::Eval>;

constexpr auto kCode = BuiltinOp::kAdd;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareInt8, BinaryEval<isa::AddS8>::Eval>;
constexpr auto kInt16 =
    OpRow<kCode, TensorType::kInt16, PrepareScaledSum<TensorType::kInt16, AddOptions, 1>,
          BinaryEval<isa::ScaledSumElements<int16_t>>::Eval>;
constexpr auto kUInt8 =
    OpRow<kCode, TensorType::kUInt8, PrepareScaledSum<TensorType::kUInt8, AddOptions, 1>,
          BinaryEval<isa::ScaledSumElements<uint8_t>>::Eval>;
constexpr auto kFloat32 =
    OpRow<kCode, TensorType::kFloat32, PrepareBinaryF32<AddOptions>, BinaryEval<isa::AddF32>::Eval>;

}  // namespace

const Op kAddInt8 = kInt8(nullptr);
const Op kAddInt16 = kInt16(nullptr);
const Op kAddInt32 = kInteger<int32_t>(nullptr);
const Op kAddInt64 = kInteger<int64_t>(nullptr);
const Op kAddUInt8 = kUInt8(nullptr);
const Op kAddFloat32 = kFloat32(nullptr);
const Op kAdd = kOpChain<kInt8, kInt16, kInteger<int32_t>, kInteger<int64_t>, kFloat32, kUInt8>;

}  // namespace midge
