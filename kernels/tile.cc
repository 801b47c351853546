// SPDX-License-Identifier: Apache-2.0
//
// Tile, BroadcastTo: a tensor repeated along its dimensions, as often as the output's shape says.
// The operand that repeats it is not read. strided_copy.h has the contract.
//
// Shapes    Tile: input [d0, …], output [multiple of d0, …]. BroadcastTo: input [d0, …], output
//           [e0, …] of no smaller rank, the innermost dimensions being each other's; d is e or 1.
#include "kernels/strided_copy.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kInputCount = 2 };

Status PrepareTile(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  const Shape input = context.input_shape(kInput), output = context.output_shape(0);
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), input.rank(), input.rank()));
  CopyWalk walk;
  for (int d = 0; d < input.rank(); ++d) {
    const int32_t times = input[d] == 0 ? 0 : output[d] / input[d];
    if (times * input[d] != output[d]) {
      return context.Error(StatusCode::kBadShape, Operand::Output(0));
    }
    walk.Add(times, 0);
    walk.Add(input[d], StepOf(input, d));
  }
  return PrepareCopy(context, kInput, walk);
}

Status PrepareBroadcastTo(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  const Shape input = context.input_shape(kInput), output = context.output_shape(0);
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), input.rank(), kMaxRank));
  CopyWalk walk;
  for (int i = output.rank() - 1; i >= 0; --i) {
    const int d = input.rank() - 1 - i;
    const bool repeats = input.FromBack(i) == 1;
    if (!repeats && input.FromBack(i) != output.FromBack(i)) {
      return context.Error(StatusCode::kBadShape, Operand::Output(0));
    }
    walk.Add(output.FromBack(i), repeats ? 0 : StepOf(input, d));
  }
  return PrepareCopy(context, kInput, walk);
}

}  // namespace

const Op kBroadcastTo = {BuiltinOp::kBroadcastTo, TensorType::kAny, kInput, nullptr,
                         PrepareBroadcastTo,      EvalCopy,         nullptr};
const Op kTile = {BuiltinOp::kTile, TensorType::kAny, kInput, nullptr,
                  PrepareTile,      EvalCopy,         nullptr};

}  // namespace midge
