// SPDX-License-Identifier: Apache-2.0
//
// ReverseV2: a tensor backwards along some of its dimensions. strided_copy.h has its contract.
#include "kernels/integer_operand.h"
#include "kernels/movable.h"
#include "kernels/strided_copy.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kAxes = 1, kInputCount };

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(ExpectIntegers(context, kAxes));
  const Shape shape = context.input_shape(kInput);
  MIDGE_TRY(context.ExpectShape(Operand::Output(0), shape));
  const TensorView axes = context.input(kAxes);
  uint32_t reversed = 0;
  for (int i = 0; i < axes.shape().elements(); ++i) {
    const int d = DimensionOf(IntegerAt(axes, i), shape.rank());
    if (d < 0) return context.Error(StatusCode::kBadShape, Operand::Input(kAxes));
    reversed |= 1u << d;
  }
  CopyWalk walk;
  for (int d = 0; d < shape.rank(); ++d) {
    const int32_t step = StepOf(shape, d);
    if ((reversed >> d & 1) == 0) {
      walk.Add(shape[d], step);
    } else {
      walk.first += (shape[d] - 1) * step;
      walk.Add(shape[d], -step);
    }
  }
  return PrepareCopy(context, kInput, walk);
}

}  // namespace

const Op kReverseV2 = {
    BuiltinOp::kReverseV2, TensorType::kAny, kInput, nullptr, Prepare, EvalCopy, nullptr};

}  // namespace midge
