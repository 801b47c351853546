// SPDX-License-Identifier: Apache-2.0
//
// Gather, GatherND: slabs of a tensor, in the order in which indices name them. lookup.h has the
// contract.
//
// Shapes    Gather: input [B…, O…, e, I…], indices [B…, J…], output [B…, O…, J…, I…]; B are the
//           batch dimensions, e the axis. GatherND: input [e1 … eD, I…], indices [J…, D], output
//           [J…, I…].
#include "kernels/lookup.h"
#include "kernels/movable.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kIndices = 1, kInputCount };

Status PrepareGather(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), context.input_type(kInput)));
  GatherOptions options;
  MIDGE_TRY(context.Options(&options));
  const int axis = DimensionOf(options.axis, context.input_shape(kInput).rank());
  int batch_dimensions = options.batch_dims;
  if (batch_dimensions < 0) batch_dimensions += context.input_shape(kIndices).rank();
  if (axis < 0 || batch_dimensions < 0 || batch_dimensions > axis) {
    return context.Error(StatusCode::kBadOptions);
  }
  LookupState state;
  MIDGE_TRY(PlanAxisLookup(context, kInput, kIndices, axis, batch_dimensions, &state));
  context.NewState<LookupState>() = state;
  return {};
}

Status PrepareGatherND(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), context.input_type(kInput)));
  LookupState state;
  MIDGE_TRY(PlanTupleLookup(context, kIndices, Operand::Input(kInput), Operand::Output(0), &state));
  context.NewState<LookupState>() = state;
  return {};
}

Status Eval(const EvalContext& context, Rows) {
  return CopySlabs(context, context.state<LookupState>(), kInput, kIndices);
}

}  // namespace

const Op kGather = {
    BuiltinOp::kGather, TensorType::kAny, kInput, nullptr, PrepareGather, Eval, nullptr};
const Op kGatherND = {
    BuiltinOp::kGatherND, TensorType::kAny, kInput, nullptr, PrepareGatherND, Eval, nullptr};

}  // namespace midge
