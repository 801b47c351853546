// SPDX-License-Identifier: Apache-2.0
#include "midge/model.h"

#include "model/schema.h"
#include "model/structure.h"

namespace midge {
namespace {

using internal::SpanOf;

constexpr int32_t kSchemaVersion = 3;

const schema::SubGraph& Graph(const void* graph) {
  return *static_cast<const schema::SubGraph*>(graph);
}
const schema::Model& Root(const void* root) { return *static_cast<const schema::Model*>(root); }

using Tensors = flatbuffers::Vector<flatbuffers::Offset<schema::Tensor>>;
using Buffers = flatbuffers::Vector<flatbuffers::Offset<schema::Buffer>>;

const schema::Tensor& TensorAt(const void* tensors, int index) {
  return *static_cast<const Tensors*>(tensors)->Get(static_cast<uint32_t>(index));
}

template <typename T>
uint32_t SizeOf(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

// The bytes of a constant; empty for an activation.
Span<const uint8_t> BufferOf(const void* buffers, const schema::Tensor& tensor) {
  return SpanOf(static_cast<const Buffers*>(buffers)->Get(tensor.buffer())->data());
}

Shape ShapeOf(const schema::Tensor& tensor) {
  const Span<const int32_t> dims = SpanOf(tensor.shape());
  return Shape(dims.data(), static_cast<int>(dims.size()));
}

// The bytes a tensor needs, or kMaxTensorBytes + 1 if that or more. Dimensions of 0 make it empty,
// but do not excuse others: products of some of the dimensions must fit as well.
uint64_t SizeBytes(TensorType type, const Shape& shape) {
  uint64_t elements = 1;
  bool empty = false;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] == 0) {
      empty = true;
      continue;
    }
    // Checked factor by factor: the running product and any dimension are below 2^32 each.
    elements *= static_cast<uint32_t>(shape[i]);
    if (elements > kMaxTensorBytes) return uint64_t{kMaxTensorBytes} + 1;
  }
  const uint64_t bytes = BytesOf(type, elements);
  return empty && bytes <= kMaxTensorBytes ? 0 : bytes;
}

Status VerifyTensor(const schema::Model& model, const schema::Tensor& tensor, int index) {
  const int8_t type = static_cast<int8_t>(tensor.type());
  const Shape shape = ShapeOf(tensor);
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] < 0) return Status::AtTensor(StatusCode::kBadShape, index);
  }
  const uint64_t needed = SizeBytes(static_cast<TensorType>(type), shape);
  if (needed > kMaxTensorBytes) return Status::AtTensor(StatusCode::kTooLarge, index);

  if (tensor.buffer() >= model.buffers()->size()) {
    return Status::AtTensor(StatusCode::kBadIndex, index);
  }
  // Constants that are compressed or lie outside the FlatBuffer.
  if (tensor.sparsity() != nullptr || tensor.external_buffer() != 0 ||
      model.buffers()->Get(tensor.buffer())->offset() > 1) {
    return Status::AtTensor(StatusCode::kUnsupportedOption, index);
  }
  const Span<const uint8_t> data = BufferOf(model.buffers(), tensor);
  // Types without a fixed size (strings) are no use to any op; nobody reads their bytes.
  const bool sized = ElementBits(static_cast<TensorType>(type)) != 0;
  if (sized && !data.empty() && data.size() != needed) {
    return Status::AtTensor(StatusCode::kBadBufferSize, index);
  }
  return {};
}

Status VerifyNode(const schema::Model& model, const schema::Operator& node, int index,
                  int tensor_count) {
  if (node.opcode_index() >= model.operator_codes()->size()) {
    return Status(StatusCode::kBadIndex, index, Operand::None());
  }
  if (node.large_custom_options_offset() > 1) {
    return Status(StatusCode::kUnsupportedOption, index, Operand::None());
  }
  const Span<const int32_t> inputs = SpanOf(node.inputs());
  const Span<const int32_t> outputs = SpanOf(node.outputs());
  if (inputs.size() > kMaxOperands || outputs.size() > kMaxOperands) {
    return Status(StatusCode::kTooLarge, index, Operand::None());
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] < -1 || inputs[i] >= tensor_count) {
      return Status(StatusCode::kBadIndex, index, Operand::Input(static_cast<int>(i)));
    }
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] < 0 || outputs[i] >= tensor_count) {
      return Status(StatusCode::kBadIndex, index, Operand::Output(static_cast<int>(i)));
    }
  }
  return {};
}

// `first_tensor` and `first_node` number the subgraph's tensors and nodes on, for errors.
Status VerifyGraph(const schema::Model& model, const schema::SubGraph& graph, uint32_t first_tensor,
                   uint32_t first_node) {
  const uint32_t tensor_count = SizeOf(graph.tensors());
  const uint32_t node_count = SizeOf(graph.operators());
  if (first_tensor + tensor_count > kMaxTensors || first_node + node_count > kMaxNodes) {
    return StatusCode::kTooLarge;
  }
  for (uint32_t i = 0; i < tensor_count; ++i) {
    MIDGE_TRY(VerifyTensor(model, *graph.tensors()->Get(i), static_cast<int>(first_tensor + i)));
  }
  for (uint32_t i = 0; i < node_count; ++i) {
    MIDGE_TRY(VerifyNode(model, *graph.operators()->Get(i), static_cast<int>(first_node + i),
                         static_cast<int>(tensor_count)));
  }
  for (const auto* list : {graph.inputs(), graph.outputs()}) {
    for (const int32_t tensor : SpanOf(list)) {
      if (tensor < 0 || tensor >= static_cast<int32_t>(tensor_count)) return StatusCode::kBadIndex;
    }
  }
  return {};
}

}  // namespace

Result<Model> Model::Verify(Span<const uint8_t> bytes) {
  // The offset of the root table and the identifier come first.
  if (bytes.data() == nullptr || bytes.size() < 8 ||
      std::memcmp(bytes.data() + 4, schema::ModelIdentifier(), 4) != 0) {
    return StatusCode::kNotAModel;
  }
  if (reinterpret_cast<uintptr_t>(bytes.data()) % kModelAlignment != 0) {
    return StatusCode::kModelMisaligned;
  }
  if (bytes.size() >= internal::kInModel) return StatusCode::kTooLarge;
  if (!internal::VerifyModel(bytes)) return StatusCode::kCorruptModel;

  const schema::Model& root = *schema::GetModel(bytes.data());
  if (root.version() != kSchemaVersion) return StatusCode::kUnsupportedSchemaVersion;
  if (root.operator_codes() == nullptr || root.buffers() == nullptr ||
      SizeOf(root.subgraphs()) == 0) {
    return StatusCode::kCorruptModel;
  }
  uint32_t tensors = 0, nodes = 0;
  for (uint32_t i = 0; i < root.subgraphs()->size(); ++i) {
    const schema::SubGraph& graph = *root.subgraphs()->Get(i);
    MIDGE_TRY(VerifyGraph(root, graph, tensors, nodes));
    tensors += SizeOf(graph.tensors());
    nodes += SizeOf(graph.operators());
  }

  Model model;
  model.bytes_ = bytes;
  model.root_ = &root;
  model.buffers_ = root.buffers();
  return model.Subgraph(0);
}

int Model::subgraph_count() const {
  return root_ == nullptr ? 0 : static_cast<int>(SizeOf(Root(root_).subgraphs()));
}

Model Model::Subgraph(int index) const {
  Model result = *this;
  result.find_shape_ = nullptr;  // of another graph
  result.first_node_ = result.first_tensor_ = 0;
  const auto& graphs = *Root(root_).subgraphs();
  for (int i = 0; i < index; ++i) {
    const schema::SubGraph& before = *graphs.Get(static_cast<uint32_t>(i));
    result.first_node_ = static_cast<uint16_t>(result.first_node_ + SizeOf(before.operators()));
    result.first_tensor_ = static_cast<uint16_t>(result.first_tensor_ + SizeOf(before.tensors()));
  }
  const schema::SubGraph& graph = *graphs.Get(static_cast<uint32_t>(index));
  result.graph_ = &graph;
  result.is_main_graph_ = index == 0;
  result.tensors_ = graph.tensors();
  return result;
}

int Model::tensor_count() const { return static_cast<int>(SizeOf(Graph(graph_).tensors())); }
int Model::node_count() const { return static_cast<int>(SizeOf(Graph(graph_).operators())); }

Span<const int32_t> Model::inputs() const {
  return graph_ == nullptr ? Span<const int32_t>() : SpanOf(Graph(graph_).inputs());
}
Span<const int32_t> Model::outputs() const {
  return graph_ == nullptr ? Span<const int32_t>() : SpanOf(Graph(graph_).outputs());
}

TensorView Model::tensor(int index) const {
  const schema::Tensor& tensor = TensorAt(tensors_, index);
  const TensorType type = static_cast<TensorType>(tensor.type());
  const Shape shape = tensor_shape(index);
  Quantization quantization;
  if (const schema::QuantizationParameters* q = tensor.quantization(); q != nullptr) {
    const Span<const int64_t> zero_points = SpanOf(q->zero_point());
    quantization =
        Quantization(SpanOf(q->scale()),
                     {reinterpret_cast<const uint8_t*>(zero_points.data()), zero_points.size() * 8},
                     q->quantized_dimension());
  }
  TensorView view(type, shape, quantization, static_cast<uint32_t>(SizeBytes(type, shape)));
  const Span<const uint8_t> data = BufferOf(buffers_, tensor);
  if (!data.empty()) view.set_constant_data(data.data());
  return view;
}

TensorType Model::tensor_type(int index) const {
  return static_cast<TensorType>(TensorAt(tensors_, index).type());
}

Shape Model::tensor_shape(int index) const {
  Shape shape = ShapeOf(TensorAt(tensors_, index));
  if (find_shape_ != nullptr) find_shape_(shapes_, index, &shape);
  return shape;
}

bool Model::is_constant(int index) const {
  return !BufferOf(buffers_, TensorAt(tensors_, index)).empty();
}

Span<const char> Model::tensor_name(int index) const {
  const flatbuffers::String* name = TensorAt(tensors_, index).name();
  if (name == nullptr) return {};
  return {name->c_str(), name->size()};
}

bool Model::is_variable(int index) const { return TensorAt(tensors_, index).is_variable(); }

NodeView Model::node(int index) const {
  const schema::Operator& node = *Graph(graph_).operators()->Get(static_cast<uint32_t>(index));
  const schema::OperatorCode& code = *Root(root_).operator_codes()->Get(node.opcode_index());
  NodeView view = {};
  // Files older than the wide field leave it 0; newer ones put at most 127 in the narrow one.
  const int32_t wide = static_cast<int32_t>(code.builtin_code());
  const int32_t narrow = code.deprecated_builtin_code();
  view.code = static_cast<BuiltinOp>(wide > narrow ? wide : narrow);
  view.version = code.version();
  if (code.custom_code() != nullptr) {
    view.custom_name = {code.custom_code()->c_str(), code.custom_code()->size()};
  }
  view.inputs = SpanOf(node.inputs());
  view.outputs = SpanOf(node.outputs());
  view.options_type = static_cast<uint8_t>(node.builtin_options_type());
  view.options = node.builtin_options();
  view.custom_options = SpanOf(node.custom_options());
  return view;
}

Span<const uint8_t> Model::metadata(const char* name) const {
  const auto* entries = Root(root_).metadata();
  if (entries == nullptr) return {};
  const size_t length = std::strlen(name);
  for (uint32_t i = 0; i < entries->size(); ++i) {
    const schema::Metadata& entry = *entries->Get(i);
    const flatbuffers::String* entry_name = entry.name();
    if (entry_name == nullptr || entry_name->size() != length ||
        std::memcmp(entry_name->c_str(), name, length) != 0 ||
        entry.buffer() >= Root(root_).buffers()->size()) {
      continue;
    }
    return SpanOf(Root(root_).buffers()->Get(entry.buffer())->data());
  }
  return {};
}

}  // namespace midge
