// SPDX-License-Identifier: Apache-2.0
//
// Shapes that a file leaves open. Where a converter does not know an extent (most often the batch)
// it writes 1 and has nodes compute what depends on it: SHAPE, GATHER, REDUCE_PROD, PACK, then a
// RESHAPE to that. The extents of the graph's inputs are those of the file, so all of this is known
// before memory is planned.
#include "midge/op.h"
#include "prepare_node.h"

namespace midge {
namespace {

using internal::PrepareState;

// The elements of an int32 tensor, as far as they may be extents.
struct Numbers {
  int32_t tensor = -1;
  int count = 0;
  int32_t at[kMaxRank];

  bool Add(int32_t number) {
    if (count == kMaxRank) return false;
    at[count++] = number;
    return true;
  }
};

// The entries {tensor, rank, extents…} of a table, which ends with -1.
void FindShape(const int32_t* table, int tensor, Shape* shape) {
  for (; *table >= 0; table += 2 + table[1]) {
    if (*table != tensor) continue;
    *shape = Shape(table + 2, table[1]);
    return;
  }
}

// Visits the nodes of a graph in order; state.node is the one that is visited.
class ShapeFinder {
 public:
  ShapeFinder(const PrepareContext& context, PrepareState& state, Model& model)
      : context_(context), state_(state), model_(model) {}

  Status Visit() {
    const Span<const int32_t> outputs = state_.node.outputs;
    if (outputs.size() != 1 || model_.is_constant(outputs[0])) return {};
    Numbers numbers;
    if (model_.tensor_type(outputs[0]) == TensorType::kInt32 && Compute(&numbers) &&
        numbers.count == model_.tensor_shape(outputs[0]).elements()) {
      numbers.tensor = outputs[0];
      known_[next_++ % kMostKnown] = numbers;
    }
    Numbers extents;
    return Infer(&extents) ? Know(outputs[0], extents) : Status();
  }
  // The first entry; null if no shape is open.
  const int32_t* table() const { return table_; }

 private:
  // How many nodes back numbers are remembered at least. Converters use them up soon.
  static constexpr uint32_t kMostKnown = 12;

  // The elements of input i, if they are known.
  bool Read(int i, Numbers* numbers) const {
    if (!context_.has_input(i)) return false;
    const int32_t tensor = state_.node.inputs[static_cast<size_t>(i)];
    for (const Numbers& known : known_) {
      if (known.tensor != tensor) continue;
      *numbers = known;
      return true;
    }
    const TensorView view = context_.input(i);
    if (!view.is_constant() || view.type() != TensorType::kInt32 ||
        view.shape().elements() > kMaxRank) {
      return false;
    }
    numbers->count = view.shape().elements();
    if (numbers->count != 0) std::memcpy(numbers->at, view.bytes().data(), view.size_bytes());
    return true;
  }

  // The elements of the output, from those of inputs.
  bool Compute(Numbers* result) const {
    Numbers a, b;
    switch (state_.node.code) {
      case BuiltinOp::kShape: {
        const Shape shape = context_.input(0).shape();
        for (int d = 0; d < shape.rank(); ++d) result->Add(shape[d]);
        return true;
      }
      case BuiltinOp::kCast:
      case BuiltinOp::kExpandDims:
      case BuiltinOp::kReshape:
      case BuiltinOp::kSqueeze:
        return Read(0, result);
      case BuiltinOp::kConcatenation:
      case BuiltinOp::kPack:
        for (int i = 0; i < context_.input_count(); ++i) {
          if (!Read(i, &a)) return false;
          for (int k = 0; k < a.count; ++k) {
            if (!result->Add(a.at[k])) return false;
          }
        }
        return true;
      case BuiltinOp::kGather:
        if (!Read(0, &a) || !Read(1, &b)) return false;
        for (int k = 0; k < b.count; ++k) {
          if (b.at[k] < 0 || b.at[k] >= a.count) return false;
          result->Add(a.at[b.at[k]]);
        }
        return true;
      case BuiltinOp::kStridedSlice:
        return ComputeSlice(result);
      case BuiltinOp::kReduceProd: {
        if (!Read(0, &a)) return false;
        int32_t product = 1;
        for (int k = 0; k < a.count; ++k) {
          if (__builtin_mul_overflow(product, a.at[k], &product)) return false;
        }
        return result->Add(product);
      }
      case BuiltinOp::kAdd:
      case BuiltinOp::kMul:
      case BuiltinOp::kSub:
        return Combine(result);
      default:
        return false;
    }
  }

  // A slice of a list of numbers. How many there are, the output's shape tells.
  bool ComputeSlice(Numbers* result) const {
    Numbers a, begin, stride;
    StridedSliceOptions options;
    if (!Read(0, &a) || !Read(1, &begin) || !Read(3, &stride) || begin.count != 1 ||
        stride.count != 1 || !context_.Options(&options).ok() || options.ellipsis_mask != 0 ||
        options.new_axis_mask != 0) {
      return false;
    }
    int64_t at = begin.at[0] < 0 ? int64_t{begin.at[0]} + a.count : begin.at[0];
    if ((options.begin_mask & 1) != 0) at = stride.at[0] > 0 ? 0 : a.count - 1;
    const int32_t count = context_.output(0).shape().elements();
    for (int32_t k = 0; k < count; ++k, at += stride.at[0]) {
      if (at < 0 || at >= a.count || !result->Add(a.at[at])) return false;
    }
    return true;
  }

  // Sums, differences and products, element by element; one element serves all others.
  bool Combine(Numbers* result) const {
    Numbers a, b;
    if (!Read(0, &a) || !Read(1, &b)) return false;
    if (a.count != b.count && a.count != 1 && b.count != 1) return false;
    for (int k = 0; k < (a.count == 1 ? b.count : a.count); ++k) {
      const int32_t x = a.at[a.count == 1 ? 0 : k], y = b.at[b.count == 1 ? 0 : k];
      int32_t value;
      const BuiltinOp code = state_.node.code;
      if (code == BuiltinOp::kMul   ? __builtin_mul_overflow(x, y, &value)
          : code == BuiltinOp::kAdd ? __builtin_add_overflow(x, y, &value)
                                    : __builtin_sub_overflow(x, y, &value)) {
        return false;
      }
      result->Add(value);
    }
    return true;
  }

  // Whether the file's shape of input i was open.
  bool IsOpen(int i) const {
    if (table_ == nullptr || !context_.has_input(i)) return false;
    Shape shape;
    FindShape(table_, state_.node.inputs[static_cast<size_t>(i)], &shape);
    return shape.rank() != 0;
  }

  // The numbers of an operand that says what shape the output has, where they or input 0 were
  // computed: a constant is what the file's shape has been made of.
  bool ReadShape(int i, int input, Numbers* numbers) const {
    return Read(i, numbers) && (!context_.input(i).is_constant() || IsOpen(input));
  }

  // The extents of the output, if they depend on something that was open.
  bool Infer(Numbers* extents) const {
    switch (state_.node.code) {
      case BuiltinOp::kFill:
      case BuiltinOp::kTransposeConv:
        return ReadShape(0, 1, extents);
      case BuiltinOp::kBroadcastTo:
        return ReadShape(1, 0, extents);
      case BuiltinOp::kReshape:
        return ReadShape(1, 0, extents) && Complete(extents);
      case BuiltinOp::kTile: {
        Numbers multiples;
        const Shape input = context_.input(0).shape();
        if (!ReadShape(1, 0, &multiples) || multiples.count != input.rank()) return false;
        for (int d = 0; d < input.rank(); ++d) {
          int32_t extent;
          if (__builtin_mul_overflow(input[d], multiples.at[d], &extent)) return false;
          extents->Add(extent);
        }
        return true;
      }
      case BuiltinOp::kTranspose: {
        Numbers order;
        const Shape input = context_.input(0).shape();
        if (!IsOpen(0) || !Read(1, &order)) return false;
        for (int k = 0; k < order.count; ++k) {
          const int32_t d = order.at[k] < 0 ? order.at[k] + input.rank() : order.at[k];
          if (d < 0 || d >= input.rank()) return false;
          extents->Add(input[d]);
        }
        return true;
      }
      case BuiltinOp::kFullyConnected: {
        const Shape input = context_.input(0).shape(), filter = context_.input(1).shape();
        if (!IsOpen(0) || filter.rank() != 2 || filter[1] == 0) return false;
        const bool keeps = context_.output(0).shape().rank() == input.rank();
        for (int d = 0; keeps && d + 1 < input.rank(); ++d) extents->Add(input[d]);
        if (!keeps) extents->Add(input.elements() / filter[1]);
        return extents->Add(filter[0]);
      }
      case BuiltinOp::kAdd:
      case BuiltinOp::kDiv:
      case BuiltinOp::kMaximum:
      case BuiltinOp::kMinimum:
      case BuiltinOp::kMul:
      case BuiltinOp::kPrelu:
      case BuiltinOp::kSquaredDifference:
      case BuiltinOp::kSub:
        return (IsOpen(0) || IsOpen(1)) && Broadcast(extents);
      case BuiltinOp::kAbs:
      case BuiltinOp::kCast:
      case BuiltinOp::kDequantize:
      case BuiltinOp::kElu:
      case BuiltinOp::kExp:
      case BuiltinOp::kGelu:
      case BuiltinOp::kHardSwish:
      case BuiltinOp::kLeakyRelu:
      case BuiltinOp::kLogSoftmax:
      case BuiltinOp::kLogistic:
      case BuiltinOp::kNeg:
      case BuiltinOp::kQuantize:
      case BuiltinOp::kRelu:
      case BuiltinOp::kRelu6:
      case BuiltinOp::kReluN1To1:
      case BuiltinOp::kRsqrt:
      case BuiltinOp::kSoftmax:
      case BuiltinOp::kSqrt:
      case BuiltinOp::kSquare:
      case BuiltinOp::kTanh: {
        const Shape input = context_.input(0).shape();
        for (int d = 0; d < input.rank(); ++d) extents->Add(input[d]);
        return IsOpen(0);
      }
      default:
        return false;
    }
  }

  // One extent may be -1: what is left of the input's elements.
  bool Complete(Numbers* extents) const {
    const int32_t elements = context_.input(0).shape().elements();
    int64_t product = 1;
    int open = -1;
    for (int d = 0; d < extents->count; ++d) {
      if (extents->at[d] == -1 && open < 0) {
        open = d;
      } else if (extents->at[d] < 0 || (product *= extents->at[d]) > INT32_MAX) {
        return false;
      }
    }
    if (open >= 0) {
      if (product == 0) return false;
      extents->at[open] = static_cast<int32_t>(elements / product);
      product *= extents->at[open];
    }
    return product == elements;
  }

  bool Broadcast(Numbers* extents) const {
    const Shape a = context_.input(0).shape(), b = context_.input(1).shape();
    for (int d = (a.rank() > b.rank() ? a.rank() : b.rank()) - 1; d >= 0; --d) {
      if (a.FromBack(d) != b.FromBack(d) && a.FromBack(d) != 1 && b.FromBack(d) != 1) return false;
      extents->Add(a.FromBack(d) == 1 ? b.FromBack(d) : a.FromBack(d));
    }
    return true;
  }

  // Puts an entry before the others, unless the file says the same.
  Status Know(int32_t tensor, const Numbers& extents) {
    if (Shape(extents.at, extents.count) == model_.tensor_shape(tensor)) return {};
    uint64_t elements = 1;
    for (int d = 0; d < extents.count; ++d) {
      if (extents.at[d] < 0) return {};
      elements *= static_cast<uint32_t>(extents.at[d]);
      if (BytesOf(model_.tensor_type(tensor), elements) > kMaxTensorBytes) return {};
    }
    if (table_ == nullptr) MIDGE_TRY(Put(-1));
    for (int d = extents.count - 1; d >= 0; --d) MIDGE_TRY(Put(extents.at[d]));
    MIDGE_TRY(Put(extents.count));
    MIDGE_TRY(Put(tensor));
    model_.UseShapes(FindShape, table_);
    return {};
  }

  Status Put(int32_t word) {
    auto* const place = reinterpret_cast<int32_t*>(state_.AddShapes(sizeof word));
    if (place == nullptr) return StatusCode::kArenaTooSmall;
    *place = word;
    table_ = place;
    return {};
  }

  const PrepareContext& context_;
  PrepareState& state_;
  Model& model_;
  Numbers known_[kMostKnown];
  uint32_t next_ = 0;
  const int32_t* table_ = nullptr;
};

}  // namespace

Status PrepareContext::FindShapes() {
  for (int n = 0; n < state_.node_index - state_.model->first_node(); ++n) {
    if (state_.model->node(n).code == BuiltinOp::kShape) return {};
  }
  Model unplanned = *state_.model;
  Model& model = state_.open_model != nullptr ? *state_.open_model : unplanned;
  const internal::PreparedNode node = state_;
  ShapeFinder finder(*this, state_, model);
  Status status;
  for (int n = 0; n < model.node_count() && status.ok(); ++n) {
    state_.node = model.node(n);
    status = finder.Visit();
  }
  static_cast<internal::PreparedNode&>(state_) = node;
  // A plan made ahead of time is for the shapes of the file.
  const bool any = finder.table() != nullptr || !status.ok();
  if (state_.open_model == nullptr && any) return Error(StatusCode::kUnsupportedOption);
  MIDGE_TRY(status);
  // For the time after planning, when nobody asks for shapes of a subgraph.
  if (finder.table() == nullptr || state_.depth != 0) return {};
  void* const kept = Append(state_.shapes_bytes);
  if (kept != nullptr) std::memcpy(kept, finder.table(), state_.shapes_bytes);
  state_.kept_shapes = static_cast<const int32_t*>(kept);
  return {};
}

}  // namespace midge
