// SPDX-License-Identifier: Apache-2.0
#include "prepare_node.h"

#include "midge/record.h"

namespace midge::internal {
namespace {

// Finds the row for a node: the first in registration order that has its code (for a custom op its
// name) and takes its type.
Status FindOp(const OpResolverView& ops, const Model& model, const NodeView& node, int index,
              const Op** found, int* row, int* variant) {
  bool has_code = false;
  int operand = 0;
  for (*row = 0; *row < ops.count(); ++*row) {
    *variant = 0;
    for (const Op* op = &ops.row(*row); op != nullptr; op = op->next, ++*variant) {
      if (op->code != node.code) continue;
      if (op->code == BuiltinOp::kCustom) {
        const size_t length = node.custom_name.size();
        if (std::strlen(op->custom_name) != length ||
            std::memcmp(op->custom_name, node.custom_name.data(), length) != 0) {
          continue;
        }
      }
      has_code = true;
      operand = op->key_input;
      if (op->type == TensorType::kAny ||
          (op->key_input < node.inputs.size() && node.inputs[op->key_input] >= 0 &&
           model.tensor_type(node.inputs[op->key_input]) == op->type)) {
        *found = op;
        return {};
      }
    }
  }
  return has_code ? Status(StatusCode::kMissingKernel, index, Operand::Input(operand))
                  : Status(StatusCode::kMissingOp, index, Operand::None());
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
  const Op* op;
  int row, variant;
  MIDGE_TRY(FindOp(ops, *state.model, node, index, &op, &row, &variant));

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
  *state.plan = {0, RowWindow::Whole(), NodePlan::kOwnOutput};
  state.node_state = nullptr;
  state.first_subgraph = 0;
  state.at_reset = false;
  PrepareContext context(state);
  MIDGE_TRY(op->prepare(context));
  if (state.node_state != nullptr) state.clear_padding(state.node_state);
  if (state.plan->scratch_bytes > kMaxTensorBytes) {
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
