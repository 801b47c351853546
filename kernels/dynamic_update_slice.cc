// SPDX-License-Identifier: Apache-2.0
//
// DynamicUpdateSlice: a tensor in which a box is replaced.
//
// Shapes    input [d0, …], update [e0, …], start [rank], output [d0, …], e <= d.
// Math      output = input, but output[start + i] = update[i]. A start that would take the box out
//           of the tensor is moved to the nearest that does not.
// Memory    needs everything; the output may lie over the input. No scratch. Moves bytes of any
//           type, so it has no variants.
#include <cstring>

#include "kernels/lookup.h"
#include "kernels/loops.h"
#include "kernels/movable.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kUpdate = 1, kStart = 2, kInputCount };

// The dimensions follow, then the loops over the blocks of the box, with steps in bytes of the
// update and of the output.
struct UpdateState {
  int32_t input_bytes, block_bytes;
  uint8_t index_bytes, rank, loops;
};

struct UpdateDimension {
  int32_t most;        // the last start at which the box fits
  int32_t step_bytes;  // in the output
};

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(ExpectMovable(context, Operand::Input(kInput)));
  const TensorType type = context.input_type(kInput);
  MIDGE_TRY(context.ExpectType(Operand::Input(kUpdate), type));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  MIDGE_TRY(ExpectIndices(context, kStart));
  const Shape shape = context.input_shape(kInput), update = context.input_shape(kUpdate);
  MIDGE_TRY(context.ExpectShape(Operand::Output(0), shape));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kUpdate), shape.rank(), shape.rank()));
  if (context.input_shape(kStart).elements() != shape.rank()) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kStart));
  }
  const int32_t element_bytes = ElementBytes(type);
  UpdateDimension dimensions[kMaxRank];
  LoopNest<2> nest;
  for (int d = 0; d < shape.rank(); ++d) {
    if (update[d] > shape[d]) return context.Error(StatusCode::kBadShape, Operand::Input(kUpdate));
    const int32_t step = shape.Product(d + 1, shape.rank()) * element_bytes;
    dimensions[d] = {shape[d] - update[d], step};
    nest.Add({update[d], {update.Product(d + 1, shape.rank()) * element_bytes, step}});
  }
  UpdateState& state = context.NewState<UpdateState>();
  state.input_bytes = static_cast<int32_t>(context.input(kInput).size_bytes());
  // Along the innermost loop both tensors are dense.
  state.block_bytes = element_bytes;
  if (nest.count > 0 && nest.loops[nest.count - 1].step[1] == element_bytes) {
    state.block_bytes *= nest.loops[--nest.count].extent;
  }
  state.index_bytes = static_cast<uint8_t>(ElementBytes(context.input_type(kStart)));
  state.rank = static_cast<uint8_t>(shape.rank());
  state.loops = static_cast<uint8_t>(nest.count);
  auto* const kept = context.NewArray<UpdateDimension>(shape.rank());
  for (int d = 0; kept != nullptr && d < shape.rank(); ++d) kept[d] = dimensions[d];
  AppendLoops(context, nest);
  context.AllowInPlace(kInput);
  return {};
}

Status Eval(const EvalContext& context, Rows) {
  const auto& state = context.state<UpdateState>();
  const auto* const dimensions = context.StateArray<UpdateDimension>(sizeof(UpdateState));
  const auto* const loops = reinterpret_cast<const Loop<2>*>(dimensions + state.rank);
  auto* const output = context.output<uint8_t>(0);
  const auto* const input = context.input<uint8_t>(kInput);
  if (input != output) std::memmove(output, input, static_cast<size_t>(state.input_bytes));
  uint8_t* box = output;
  for (int d = 0; d < state.rank; ++d) {
    const int32_t start = IndexAt(context.input<uint8_t>(kStart), state.index_bytes, d);
    const int32_t most = dimensions[d].most;
    box += (start < 0 ? 0 : start > most ? most : start) * dimensions[d].step_bytes;
  }
  const auto* const update = context.input<uint8_t>(kUpdate);
  if (state.block_bytes == 0) return {};
  ForEachIteration(loops, state.loops, [&](const Offsets<2>& offsets) {
    // A damaged plan may put the update where the output is.
    std::memmove(box + offsets.at[1], update + offsets.at[0],
                 static_cast<size_t>(state.block_bytes));
  });
  return {};
}

}  // namespace

const Op kDynamicUpdateSlice = {
    BuiltinOp::kDynamicUpdateSlice, TensorType::kAny, kInput, nullptr, Prepare, Eval, nullptr};

}  // namespace midge
