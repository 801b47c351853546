// SPDX-License-Identifier: Apache-2.0
#include "kernels/add.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/requant.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareInt8(PrepareContext& context) {
  BinaryPlan plan;
  BinaryQuantization q;
  MIDGE_TRY(PlanBinaryS8<AddOptions>(context, &plan, &q));

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

}  // namespace

const Op kAddFloat32 = {
    BuiltinOp::kAdd, TensorType::kFloat32,         0,
    nullptr,         PrepareBinaryF32<AddOptions>, BinaryEval<isa::AddF32>::Eval,
    nullptr};
const Op kAddInt8 = {BuiltinOp::kAdd, TensorType::kInt8, 0,
                     nullptr,         PrepareInt8,       BinaryEval<isa::AddS8>::Eval,
                     nullptr};
const Op kAdd = {BuiltinOp::kAdd, TensorType::kInt8, 0,
                 nullptr,         PrepareInt8,       BinaryEval<isa::AddS8>::Eval,
                 &kAddFloat32};

}  // namespace midge
