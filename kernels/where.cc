// SPDX-License-Identifier: Apache-2.0
//
// Where: the indices of elements that are not zero, in order.
//
// Shapes    condition [d0, …], output int64 [n, rank]; n is fixed by the file, and Eval returns
//           kBadData at the condition if it has more or fewer such elements.
// Memory    needs the whole input. No scratch.
#include <cstring>

#include "kernels/movable.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kCondition = 0 };

// The extents follow.
struct WhereState {
  int32_t elements, element_bytes;
  int32_t rank, count;
  uint8_t ignored;  // bits of an element's last byte: the sign of a float zero
};

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  MIDGE_TRY(ExpectMovable(context, Operand::Input(kCondition)));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), TensorType::kInt64));
  const TensorView condition = context.input(kCondition);
  const Shape shape = condition.shape(), output = context.output_shape(0);
  if (output.rank() != 2 || output[1] != shape.rank()) {
    return context.Error(StatusCode::kBadShape, Operand::Output(0));
  }
  WhereState& state = context.NewState<WhereState>();
  state = {shape.elements(), ElementBytes(condition.type()), shape.rank(), output[0], 0};
  switch (condition.type()) {
    case TensorType::kFloat16:
    case TensorType::kBFloat16:
    case TensorType::kFloat32:
    case TensorType::kFloat64:
      state.ignored = 0x80;
      break;
    default:
      break;
  }
  int32_t* const extents = context.NewArray<int32_t>(shape.rank());
  for (int d = 0; extents != nullptr && d < shape.rank(); ++d) extents[d] = shape[d];
  return {};
}

Status Eval(const EvalContext& context, Rows) {
  const auto& state = context.state<WhereState>();
  const auto* const extents = context.StateArray<int32_t>(sizeof(WhereState));
  const auto* in = context.input<uint8_t>(kCondition);
  auto* out = context.output<int64_t>(0);
  int32_t found = 0;
  for (int32_t i = 0; i < state.elements; ++i, in += state.element_bytes) {
    uint8_t bits = static_cast<uint8_t>(in[state.element_bytes - 1] & ~state.ignored);
    for (int32_t b = 0; b < state.element_bytes - 1; ++b) bits |= in[b];
    if (bits == 0) continue;
    if (found++ == state.count) break;
    int32_t index = i;
    for (int32_t d = state.rank - 1; d >= 0; --d) {
      const int32_t outer = index / extents[d];
      out[d] = index - outer * extents[d];
      index = outer;
    }
    out += state.rank;
  }
  return found == state.count
             ? Status()
             : Status(StatusCode::kBadData, Status::kNoNode, Operand::Input(kCondition));
}

}  // namespace

const Op kWhere = {
    BuiltinOp::kWhere, TensorType::kAny, kCondition, nullptr, Prepare, Eval, nullptr};

}  // namespace midge
