// SPDX-License-Identifier: Apache-2.0
#include "prepare_node.h"

#include "midge/record.h"

namespace midge::internal {

namespace {

// Compared here, because the C library's functions for it take more flash than a loop.
bool IsName(Span<const char> name, const char* text) {
  for (const char c : name) {
    if (c != *text++ || c == 0) return false;
  }
  return *text == 0;
}

}  // namespace

Status CheckServes(const Op& op, const Model& model, const NodeView& node,
                   decltype(RunParts::float16_source) float16_source) {
  if (op.code != node.code) return StatusCode::kMissingOp;
  if (op.code == BuiltinOp::kCustom && !IsName(node.custom_name, op.custom_name)) {
    return StatusCode::kMissingOp;
  }
  const auto type_of = [&](size_t input) {
    return input < node.inputs.size() && node.inputs[input] >= 0
               ? model.tensor_type(node.inputs[input])
               : TensorType::kAny;
  };
  const auto has_type = [&](size_t input, TensorType type) {
    return type == TensorType::kAny || type_of(input) == type;
  };
  int mismatch = -1;
  if (op.weights_type != TensorType::kAny) {
    TensorType type = type_of(1);
    if (float16_source != nullptr && type == TensorType::kFloat32 &&
        float16_source(model, node.inputs[1]) >= 0) {
      type = TensorType::kFloat16;
    }
    if (type != op.weights_type) mismatch = 1;
  }
  if (!has_type(op.key_input, op.type)) mismatch = op.key_input;
  return mismatch < 0 ? Status() : Status(StatusCode::kMissingKernel, 0, Operand::Input(mismatch));
}

namespace {

// Finds the row for a node: the first in registration order that has its code (for a custom op its
// name) and takes its type.
Status FindOp(const OpResolverView& ops, const PrepareState& state, const Op** found, int* row,
              int* variant) {
  Status closest = StatusCode::kMissingOp;
  for (*row = 0; *row < ops.count(); ++*row) {
    *variant = 0;
    for (const Op* op = &ops.row(*row); op != nullptr; op = op->next, ++*variant) {
      const Status serves =
          CheckServes(*op, *state.model, state.node, state.run_parts.float16_source);
      if (serves.ok()) {
        *found = op;
        return {};
      }
      // A row for the same type and other weights tells more than one for another type.
      if (serves.code() == StatusCode::kMissingKernel &&
          (closest.code() == StatusCode::kMissingOp || serves.operand().index() == 1)) {
        closest = serves;
      }
    }
  }
  return Status(closest.code(), state.node_index, closest.operand());
}

Status CheckRanks(const Model& model, Span<const int32_t> tensors) {
  for (const int32_t t : tensors) {
    if (t >= 0 && model.tensor_shape(t).rank() > kMaxRank) {
      return Status::AtTensor(StatusCode::kTooLarge, model.first_tensor() + t);
    }
  }
  return {};
}

}  // namespace

Status PrepareNode(const OpResolverView& ops, PrepareState& state) {
  const NodeView& node = state.node;
  const int index = state.node_index;
  MIDGE_TRY(CheckRanks(*state.model, node.inputs));
  MIDGE_TRY(CheckRanks(*state.model, node.outputs));
  if (node.version > kMaxOpVersion) {
    return Status(StatusCode::kUnsupportedOpVersion, index, Operand::None());
  }
  const Op* op = nullptr;
  int row = 0, variant = 0;
  MIDGE_TRY(FindOp(ops, state, &op, &row, &variant));

  state.record_begin = state.program.size_bytes;
  const size_t operands = node.inputs.size() + node.outputs.size();
  auto* words = static_cast<uint32_t*>(
      state.program.Append(kRecordHeaderBytes + operands * sizeof(uint32_t)));
  if (words != nullptr) {
    words[0] = RecordView::Pack(row, variant, static_cast<int>(node.inputs.size()),
                                static_cast<int>(node.outputs.size()));
    uint32_t* slot = words + 2;
    for (const int32_t t : node.inputs) *slot++ = static_cast<uint32_t>(t);
    for (const int32_t t : node.outputs) *slot++ = static_cast<uint32_t>(t);
  }
  *state.plan = {0, 0, 0, RowWindow::Whole(), NodePlan::kOwnOutput};
  state.wants_too_much = false;
  state.node_state = nullptr;
  state.first_subgraph = 0;
  state.at_reset = false;
  PrepareContext context(state);
  MIDGE_TRY(op->prepare(context));
  if (state.node_state != nullptr) state.clear_padding(state.node_state);
  if (state.wants_too_much) {
    return Status(StatusCode::kTooLarge, index, Operand::None());
  }
  uint32_t flags = state.at_reset ? kAtReset : 0;
  if (state.first_subgraph != 0) {
    auto* const word = static_cast<uint32_t*>(state.program.Append(sizeof(uint32_t)));
    const uint64_t offset_bytes = state.first_subgraph - state.record_begin;
    if (word != nullptr) *word = static_cast<uint32_t>(offset_bytes / sizeof(uint32_t));
    flags |= kCalls;
  }
  if (state.plan->wants_scratch()) {
    state.program.Append(sizeof(uint32_t));
    flags |= kHasScratch;
  }
  if (state.program.size_bytes > kRecordBytesMask) return StatusCode::kTooLarge;
  if (words != nullptr)
    words[1] = static_cast<uint32_t>(state.program.size_bytes - state.record_begin) | flags;
  return {};
}

}  // namespace midge::internal
