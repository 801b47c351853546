// SPDX-License-Identifier: Apache-2.0
#include "kernels/reduction.h"

#include "kernels/integer_operand.h"

namespace midge {
namespace {

enum : int { kInput = 0, kAxes = 1 };

// The dimensions named by the axes, as bits.
Status ReadAxes(const PrepareContext& context, uint32_t* reduced) {
  MIDGE_TRY(ExpectIntegers(context, kAxes));
  const TensorView axes = context.input(kAxes);
  const int rank = context.input_shape(kInput).rank();
  *reduced = 0;
  for (int i = 0; i < axes.shape().elements(); ++i) {
    const int32_t axis = IntegerAt(axes, i);
    if (axis < -rank || axis >= rank) {
      return context.Error(StatusCode::kBadShape, Operand::Input(kAxes));
    }
    *reduced |= 1u << (axis < 0 ? axis + rank : axis);
  }
  return {};
}

Status CheckOutput(const PrepareContext& context, uint32_t reduced, bool keep_dimensions) {
  const Shape input = context.input_shape(kInput), output = context.output_shape(0);
  int at = 0;
  for (int d = 0; d < input.rank(); ++d) {
    const bool is_reduced = (reduced >> d & 1) != 0;
    if (is_reduced && !keep_dimensions) continue;
    if (at >= output.rank() || output[at++] != (is_reduced ? 1 : input[d])) {
      return context.Error(StatusCode::kBadShape, Operand::Output(0));
    }
  }
  return at == output.rank() ? Status() : context.Error(StatusCode::kBadShape, Operand::Output(0));
}

}  // namespace

Status PlanReduction(PrepareContext& context, TensorType type, bool keep_dimensions,
                     ReductionPlan* plan) {
  MIDGE_TRY(context.ExpectOperands(2, 2, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  uint32_t reduced;
  MIDGE_TRY(ReadAxes(context, &reduced));
  MIDGE_TRY(CheckOutput(context, reduced, keep_dimensions));

  const Shape input = context.input_shape(kInput);
  plan->count = 1;
  for (int d = 0; d < input.rank(); ++d) {
    const Loop<1> loop = {input[d], {input.Product(d + 1, input.rank())}};
    if ((reduced >> d & 1) != 0) {
      plan->reduced.Add(loop);
      plan->count *= input[d];
    } else {
      plan->kept.Add(loop);
    }
  }
  if (plan->count == 0 && context.output_shape(0).elements() != 0) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kInput));
  }

  ReductionMap& map = plan->map;
  map = {RowGeometry::Of(context.output_shape(0)), 1, 1, 1, 0, 0};
  if (plan->reduced.count > 0) {
    const Loop<1>& run = plan->reduced.loops[--plan->reduced.count];
    map.run = run.extent;
    map.run_step = run.step[0];
  }
  // Outputs that are neighbours in the input too are combined side by side.
  if (plan->kept.count > 0 && plan->kept.loops[plan->kept.count - 1].step[0] == 1) {
    map.columns = plan->kept.loops[--plan->kept.count].extent;
  }
  map.kept_loops = static_cast<uint8_t>(plan->kept.count);
  map.reduced_loops = static_cast<uint8_t>(plan->reduced.count);
  return {};
}

}  // namespace midge
