// SPDX-License-Identifier: Apache-2.0
//
// Shape, Rank: the extents of a tensor, or their number. They are known before anything runs; the
// input's elements are not read.
//
// Shapes    Shape: input any, output [rank], int32 or int64. Rank: output one int32.
// Memory    no scratch.
#include <cstring>

#include "midge/ops.h"

namespace midge {
namespace {

// What to write; the numbers follow.
struct NumbersState {
  int32_t count;
  bool wide;
};

Status Prepare(PrepareContext& context, const int32_t* numbers, int count) {
  const TensorView output = context.output(0);
  if (output.type() != TensorType::kInt32 && output.type() != TensorType::kInt64) {
    return context.Error(StatusCode::kUnsupportedType, Operand::Output(0));
  }
  if (output.shape().elements() != count) {
    return context.Error(StatusCode::kBadShape, Operand::Output(0));
  }
  context.NewState<NumbersState>() = {count, output.type() == TensorType::kInt64};
  int32_t* const kept = context.NewArray<int32_t>(count);
  for (int i = 0; kept != nullptr && i < count; ++i) kept[i] = numbers[i];
  return {};
}

Status PrepareShape(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), 1, 1));
  const Shape shape = context.input_shape(0);
  int32_t extents[kMaxRank];
  for (int d = 0; d < shape.rank(); ++d) extents[d] = shape[d];
  MIDGE_TRY(Prepare(context, extents, shape.rank()));
  return context.FindShapes();
}

Status PrepareRank(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  const int32_t rank = context.input_shape(0).rank();
  return Prepare(context, &rank, 1);
}

Status Eval(const EvalContext& context, Rows) {
  const auto& state = context.state<NumbersState>();
  const auto* const numbers = context.StateArray<int32_t>(sizeof(NumbersState));
  if (!state.wide) {
    std::memcpy(context.output<int32_t>(0), numbers,
                sizeof(int32_t) * static_cast<size_t>(state.count));
    return {};
  }
  for (int32_t i = 0; i < state.count; ++i) context.output<int64_t>(0)[i] = numbers[i];
  return {};
}

}  // namespace

const Op kRank = {BuiltinOp::kRank, TensorType::kAny, 0, nullptr, PrepareRank, Eval, nullptr};
const Op kShape = {BuiltinOp::kShape, TensorType::kAny, 0, nullptr, PrepareShape, Eval, nullptr};

}  // namespace midge
