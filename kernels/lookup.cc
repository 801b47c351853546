// SPDX-License-Identifier: Apache-2.0
#include "kernels/lookup.h"

#include "kernels/movable.h"

namespace midge {
namespace {

// Compares the dimensions of an output with those of its operands, piece by piece.
class ShapeMatcher {
 public:
  explicit ShapeMatcher(const Shape& whole) : whole_(whole) {}
  void Next(const Shape& part, int begin, int end) {
    for (int d = begin; d < end; ++d, ++at_) {
      same_ = same_ && at_ < whole_.rank() && whole_[at_] == part[d];
    }
  }
  bool complete() const { return same_ && at_ == whole_.rank(); }

 private:
  Shape whole_;
  int at_ = 0;
  bool same_ = true;
};

uint8_t IndexBytes(const PrepareContext& context, int indices) {
  return static_cast<uint8_t>(ElementBytes(context.input_type(indices)));
}

}  // namespace

Status ExpectIndices(const PrepareContext& context, int input) {
  const TensorType type = context.input_type(input);
  const bool is_index =
      type == TensorType::kInt16 || type == TensorType::kInt32 || type == TensorType::kInt64;
  return is_index ? Status() : context.Error(StatusCode::kUnsupportedType, Operand::Input(input));
}

int32_t IndexAt(const uint8_t* indices, int32_t index_bytes, int32_t i) {
  const uint8_t* const at = indices + i * index_bytes;
  if (index_bytes == 2) {
    int16_t index;
    std::memcpy(&index, at, sizeof index);
    return index;
  }
  int32_t low, high;
  std::memcpy(&low, at, sizeof low);
  if (index_bytes == 4) return low;
  std::memcpy(&high, at + 4, sizeof high);
  if (high == (low < 0 ? -1 : 0)) return low;
  return high < 0 ? INT32_MIN : INT32_MAX;
}

Status PlanAxisLookup(const PrepareContext& context, int table_input, int indices_input, int axis,
                      int batch_dimensions, LookupState* state) {
  MIDGE_TRY(ExpectMovable(context, Operand::Input(table_input)));
  MIDGE_TRY(ExpectIndices(context, indices_input));
  const TensorView table = context.input(table_input);
  const Shape shape = table.shape(), indices = context.input_shape(indices_input);
  const Operand indices_operand = Operand::Input(indices_input);
  if (batch_dimensions > indices.rank()) {
    return context.Error(StatusCode::kBadShape, indices_operand);
  }
  for (int d = 0; d < batch_dimensions; ++d) {
    if (indices[d] != shape[d]) return context.Error(StatusCode::kBadShape, indices_operand);
  }
  ShapeMatcher output(context.output_shape(0));
  output.Next(shape, 0, axis);
  output.Next(indices, batch_dimensions, indices.rank());
  output.Next(shape, axis + 1, shape.rank());
  if (!output.complete()) return context.Error(StatusCode::kBadShape, Operand::Output(0));

  *state = {};
  state->batches = shape.Product(0, batch_dimensions);
  state->outer = shape.Product(batch_dimensions, axis);
  state->count = indices.Product(batch_dimensions, indices.rank());
  state->table_slabs = state->extents[0] = shape[axis];
  state->slab_bytes = shape.Product(axis + 1, shape.rank()) * ElementBytes(table.type());
  state->index_bytes = IndexBytes(context, indices_input);
  state->depth = 1;
  return {};
}

Status PlanTupleLookup(const PrepareContext& context, int indices_input, Operand table_operand,
                       Operand slabs_operand, LookupState* state) {
  MIDGE_TRY(ExpectMovable(context, table_operand));
  MIDGE_TRY(ExpectIndices(context, indices_input));
  const TensorView table = context.operand(table_operand);
  const Shape shape = table.shape(), indices = context.input_shape(indices_input);
  const int tuples = indices.rank() - 1;
  if (tuples < 0 || indices[tuples] > shape.rank()) {
    return context.Error(StatusCode::kBadShape, Operand::Input(indices_input));
  }
  const int depth = indices[tuples];
  ShapeMatcher slabs(context.operand(slabs_operand).shape());
  slabs.Next(indices, 0, tuples);
  slabs.Next(shape, depth, shape.rank());
  if (!slabs.complete()) return context.Error(StatusCode::kBadShape, slabs_operand);

  *state = {};
  state->batches = state->outer = 1;
  state->count = indices.Product(0, tuples);
  state->table_slabs = shape.Product(0, depth);
  state->slab_bytes = shape.Product(depth, shape.rank()) * ElementBytes(table.type());
  state->index_bytes = IndexBytes(context, indices_input);
  state->depth = static_cast<uint8_t>(depth);
  for (int d = 0; d < depth; ++d) state->extents[d] = shape[d];
  return {};
}

bool FindSlab(const LookupState& state, const uint8_t* indices, int32_t i, int32_t* slab) {
  int32_t at = 0;
  for (int d = 0; d < state.depth; ++d) {
    const int32_t index = IndexAt(indices, state.index_bytes, i * state.depth + d);
    if (index < 0 || index >= state.extents[d]) return false;
    at = at * state.extents[d] + index;
  }
  *slab = at;
  return true;
}

Status CopySlabs(const EvalContext& context, const LookupState& state, int table, int indices) {
  const auto* from = context.input<uint8_t>(table);
  auto* to = context.output<uint8_t>(0);
  for (int32_t b = 0; b < state.batches; ++b) {
    for (int32_t o = 0; o < state.outer; ++o, from += state.table_slabs * state.slab_bytes) {
      for (int32_t i = 0; i < state.count; ++i, to += state.slab_bytes) {
        int32_t slab;
        if (!FindSlab(state, context.input<uint8_t>(indices), b * state.count + i, &slab)) {
          return Status(StatusCode::kBadData, Status::kNoNode, Operand::Input(indices));
        }
        std::memcpy(to, from + slab * state.slab_bytes, static_cast<size_t>(state.slab_bytes));
      }
    }
  }
  return {};
}

}  // namespace midge
