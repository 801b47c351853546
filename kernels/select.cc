// SPDX-License-Identifier: Apache-2.0
#include "kernels/select.h"

#include "kernels/broadcast.h"
#include "kernels/isa.h"
#include "kernels/movable.h"
#include "kernels/op_row.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <bool kRowCondition>
Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(3, 3, 1));
  MIDGE_TRY(context.ExpectType(Operand::Input(0), TensorType::kBool));
  MIDGE_TRY(ExpectMovable(context, Operand::Input(1)));
  const TensorType type = context.input_type(1);
  MIDGE_TRY(context.ExpectType(Operand::Input(2), type));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  Shape condition = context.input_shape(0);
  const Shape a = context.input_shape(1);
  // The older op: a vector as the condition is about whole slices of the outermost dimension.
  int32_t dims[kMaxRank] = {};
  if (kRowCondition && condition.rank() == 1 && a.rank() > 1 && a.rank() <= kMaxRank) {
    dims[0] = condition[0];
    for (int i = 1; i < a.rank(); ++i) dims[i] = 1;
    condition = Shape(dims, a.rank());
  }
  BroadcastPlan<3> plan;
  MIDGE_TRY(PlanBroadcast<3>(context, {condition, a, context.input_shape(2)}, &plan));
  SetBroadcastState(context, plan, SelectParams{static_cast<uint8_t>(ElementBytes(type))});
  return {};
}

Status Eval(const EvalContext& context, Rows rows) {
  EvalBroadcast<3, SelectParams>(context, rows,
                                 [](const void* params, uint8_t repeated,
                                    const uint8_t* const(&inputs)[3], int32_t count, void* output) {
                                   isa::Select(*static_cast<const SelectParams*>(params), repeated,
                                               inputs[0], inputs[1], inputs[2], count, output);
                                 });
  return {};
}

constexpr auto kV1 = OpRow<BuiltinOp::kSelect, TensorType::kAny, Prepare<true>, Eval>;
constexpr auto kV2 = OpRow<BuiltinOp::kSelectV2, TensorType::kAny, Prepare<false>, Eval>;

}  // namespace

const Op kSelect = kV1(nullptr);
const Op kSelectV2 = kV2(nullptr);

}  // namespace midge
