// SPDX-License-Identifier: Apache-2.0
//
// Variables that have a name: which nodes mean the same one.
#include <cstring>

#include "prepare_node.h"

namespace midge {

namespace internal {
// Weak, and so null in an image that plans nothing.
[[gnu::weak]] void ShareVariable(const Model& model, PlanTables& tables, int n, int first);
}  // namespace internal

namespace {

// In how many handles of one name a graph is searched for a value: with that the work of preparing
// is quadratic in the number of nodes at most, whatever a model says.
constexpr int kMostHandles = 8;

bool Same(Span<const char> a, Span<const char> b) {
  return a.size() == b.size() &&
         (a.empty() || a.data() == b.data() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

// The handle that writes tensor t of a graph, or null if nothing of the kind does.
bool FindHandle(const Model& graph, int32_t t, VarHandleOptions* name) {
  for (int n = 0; n < graph.node_count(); ++n) {
    const NodeView node = graph.node(n);
    if (node.code == BuiltinOp::kVarHandle && node.outputs.size() == 1 && node.outputs[0] == t) {
      return internal::ReadVarHandle(graph.bytes(), node, name);
    }
  }
  return false;
}

bool IsHandleOf(const Model& graph, const NodeView& node, const VarHandleOptions& name) {
  VarHandleOptions options;
  return node.code == BuiltinOp::kVarHandle && node.outputs.size() == 1 &&
         internal::ReadVarHandle(graph.bytes(), node, &options) &&
         Same(options.container, name.container) && Same(options.shared_name, name.shared_name);
}

// The tensor that a node assigns to a variable or reads from it, -1 if it does neither; `*handle`
// is the handle's.
int32_t ValueOf(const NodeView& node, int32_t* handle) {
  const bool assigns = node.code == BuiltinOp::kAssignVariable;
  if (!assigns && node.code != BuiltinOp::kReadVariable) return -1;
  if (node.inputs.size() != (assigns ? 2 : 1) || node.outputs.size() != (assigns ? 0 : 1))
    return -1;
  *handle = node.inputs[0];
  return assigns ? node.inputs[1] : node.outputs[0];
}

// The first tensor of a graph that is assigned to what a handle stands for or read from it.
bool FindValueOf(const Model& graph, int32_t handle, TensorView* value) {
  for (int n = 0; n < graph.node_count(); ++n) {
    int32_t used;
    const int32_t t = ValueOf(graph.node(n), &used);
    if (t < 0 || used != handle) continue;
    *value = graph.tensor(t);
    return true;
  }
  return false;
}

// A tensor of the model that is assigned to the variable or read from it.
bool FindValue(const Model& model, const VarHandleOptions& name, TensorView* value) {
  for (int g = 0; g < model.subgraph_count(); ++g) {
    const Model graph = model.Subgraph(g);
    int handles = 0;
    for (int n = 0; n < graph.node_count() && handles < kMostHandles; ++n) {
      const NodeView node = graph.node(n);
      if (!IsHandleOf(graph, node, name)) continue;
      ++handles;
      if (FindValueOf(graph, node.outputs[0], value)) return true;
    }
  }
  return false;
}

}  // namespace

Status PrepareContext::DeclareVariable(const VarHandleOptions& name, TensorView* value) {
  if (state_.ops == nullptr) return Error(StatusCode::kUnsupportedOption);
  *value = {};
  FindValue(model(), name, value);
  const Model main = model().Subgraph(0);
  for (int n = 0; n < main.node_count(); ++n) {
    if (!IsHandleOf(main, main.node(n), name)) continue;
    AliasOutput(0);
    state_.plan_parts.share_variable = internal::ShareVariable;
    state_.plan->sharing = static_cast<uint16_t>(internal::NodePlan::kVariable | n);
    state_.plan->scratch_bytes = value->size_bytes();
    return {};
  }
  // Only the main graph has memory that keeps its contents.
  return Error(StatusCode::kUnsupportedOption);
}

Status PrepareContext::ExpectLikeVariable(int handle, Operand which) const {
  VarHandleOptions name;
  TensorView value;
  if (!FindHandle(model(), state_.node.inputs[static_cast<size_t>(handle)], &name) ||
      !FindValue(model(), name, &value)) {
    return Error(StatusCode::kBadGraph, Operand::Input(handle));
  }
  MIDGE_TRY(ExpectType(which, value.type()));
  return ExpectShape(which, value.shape());
}

}  // namespace midge
