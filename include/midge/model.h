// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "midge/op.h"
#include "midge/status.h"
#include "midge/tensor.h"

namespace midge {

// One node of a graph: an op applied to tensors. A view of the model's bytes.
struct NodeView {
  BuiltinOp code;
  int32_t version;               // of the op
  Span<const char> custom_name;  // for kCustom
  Span<const int32_t> inputs;    // tensor indices, -1 where an optional input is absent
  Span<const int32_t> outputs;   // tensor indices
  uint8_t options_type;          // which builtin options follow; 0 for none
  const void* options;           // for PrepareContext::Options; may be null
  Span<const uint8_t> custom_options;
};

// A read-only view of `.tflite` bytes that have been checked, made by Verify(), now or earlier. The
// bytes must outlive it and must not change. docs/FORMAT.md lists what is checked here and what
// when a node is prepared. The graph is the model's first subgraph; Subgraph() gives the others,
// which control-flow ops call.
class Model {
 public:
  // Checks the FlatBuffers structure, then that every index is in range, every constant has exactly
  // the bytes its shape and type need, and no size overflows. `bytes` starts at a multiple of
  // kModelAlignment.
  static Result<Model> Verify(Span<const uint8_t> bytes);
  // For bytes that Verify has accepted before, at build time say, and that cannot have changed
  // since: checks nothing, and an image that makes its models so does not link what Verify needs.
  // Nodes are prepared with all their checks. Undefined for other bytes.
  static Model Trust(Span<const uint8_t> bytes);

  // The same model seen from subgraph `index`, which must be in range.
  Model Subgraph(int index) const;
  int subgraph_count() const;
  // In a Status, nodes and tensors of all subgraphs are numbered on, in the order of the file: node
  // n of this graph is first_node() + n there.
  int first_node() const { return first_node_; }
  int first_tensor() const { return first_tensor_; }
  bool is_main_graph() const { return is_main_graph_; }

  Model() = default;
  Span<const uint8_t> bytes() const { return bytes_; }

  int tensor_count() const;
  int node_count() const;
  Span<const int32_t> inputs() const;   // tensor indices
  Span<const int32_t> outputs() const;  // tensor indices

  // Any tensor by index; constants carry their data. Index must be in range.
  TensorView tensor(int index) const;
  // Parts of that view, for much less work than the whole.
  TensorType tensor_type(int index) const;
  Shape tensor_shape(int index) const;
  uint32_t tensor_bytes(int index) const;
  bool is_constant(int index) const { return !constant_bytes(index).empty(); }
  // Empty for an activation.
  Span<const uint8_t> constant_bytes(int index) const;
  // Empty where the file gives no name.
  Span<const char> tensor_name(int index) const;
  bool is_variable(int index) const;
  NodeView node(int index) const;
  // Tensors have the shapes that `find` knows of in `table`, and those of the file where it knows
  // none: see PrepareContext::FindShapes(). The table must outlive their views.
  using FindShape = void(const int32_t* table, int tensor, Shape* shape);
  void UseShapes(FindShape* find, const int32_t* table) {
    find_shape_ = find;
    shapes_ = table;
  }
  void MoveShapes(const int32_t* table) { shapes_ = table; }
  // The bytes of the metadata entry of this name; empty if the model has none.
  Span<const uint8_t> metadata(const char* name) const;

 private:
  static Model AtRoot(Span<const uint8_t> bytes);
  // Sees another graph; its numbers stay.
  void Enter(int index);
  Status VerifyGraph() const;
  Span<const int32_t> OperandsOf(uint32_t field) const;

  Span<const uint8_t> bytes_;
  // Of the schema, which stays in src/model: the graph, and the vectors that are used most.
  const void* root_ = nullptr;
  const void* graph_ = nullptr;
  const void* tensors_ = nullptr;
  const void* nodes_ = nullptr;
  const void* buffers_ = nullptr;
  FindShape* find_shape_ = nullptr;
  const int32_t* shapes_ = nullptr;
  uint16_t first_node_ = 0, first_tensor_ = 0;
  bool is_main_graph_ = true;
};

}  // namespace midge
