// SPDX-License-Identifier: Apache-2.0
//
// Transpose: the dimensions of a tensor in another order. strided_copy.h has its contract.
//
// Shapes    input [d0, …], permutation [rank], output [d_permutation[0], …].
#include "kernels/integer_operand.h"
#include "kernels/movable.h"
#include "kernels/strided_copy.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kPermutation = 1, kInputCount };

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(ExpectIntegers(context, kPermutation));
  const Shape input = context.input_shape(kInput), output = context.output_shape(0);
  const TensorView permutation = context.input(kPermutation);
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), input.rank(), input.rank()));
  bool once = permutation.shape().elements() == input.rank();
  uint32_t seen = 0;
  CopyWalk walk;
  for (int i = 0; once && i < input.rank(); ++i) {
    const int d = DimensionOf(IntegerAt(permutation, i), input.rank());
    once = d >= 0 && (seen >> d & 1) == 0;
    if (!once) break;
    seen |= 1u << d;
    if (output[i] != input[d]) return context.Error(StatusCode::kBadShape, Operand::Output(0));
    walk.Add(input[d], StepOf(input, d));
  }
  if (!once) return context.Error(StatusCode::kBadShape, Operand::Input(kPermutation));
  return PrepareCopy(context, kInput, walk);
}

}  // namespace

const Op kTranspose = {
    BuiltinOp::kTranspose, TensorType::kAny, kInput, nullptr, Prepare, EvalCopy, nullptr};

}  // namespace midge
