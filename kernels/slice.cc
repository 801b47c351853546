// SPDX-License-Identifier: Apache-2.0
//
// Slice: a box out of a tensor. strided_copy.h has its contract.
//
// Shapes    input [d0, …], begin [rank], size [rank] (-1: all that follows), output [size].
#include <initializer_list>

#include "kernels/integer_operand.h"
#include "kernels/strided_copy.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kBegin = 1, kSize = 2, kInputCount };

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  const Shape input = context.input_shape(kInput), output = context.output_shape(0);
  for (const int i : {kBegin, kSize}) {
    MIDGE_TRY(ExpectIntegers(context, i));
    if (context.input_shape(i).elements() != input.rank()) {
      return context.Error(StatusCode::kBadShape, Operand::Input(i));
    }
  }
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), input.rank(), input.rank()));
  CopyWalk walk;
  for (int d = 0; d < input.rank(); ++d) {
    const int32_t begin = IntegerAt(context.input(kBegin), d);
    if (begin < 0 || begin > input[d]) {
      return context.Error(StatusCode::kBadShape, Operand::Input(kBegin));
    }
    int32_t size = IntegerAt(context.input(kSize), d);
    if (size == -1) size = input[d] - begin;
    if (size < 0 || size > input[d] - begin) {
      return context.Error(StatusCode::kBadShape, Operand::Input(kSize));
    }
    if (size != output[d]) return context.Error(StatusCode::kBadShape, Operand::Output(0));
    walk.first += begin * StepOf(input, d);
    walk.Add(size, StepOf(input, d));
  }
  return PrepareCopy(context, kInput, walk);
}

}  // namespace

const Op kSlice = {BuiltinOp::kSlice, TensorType::kAny, kInput, nullptr,
                   Prepare,           EvalCopy,         nullptr};

}  // namespace midge
