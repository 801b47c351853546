// SPDX-License-Identifier: Apache-2.0
#include "midge/model.h"

#include "model/fields.h"
#include "model/structure.h"

namespace midge {
namespace {

using internal::ByteOf;
using internal::CountOf;
using internal::ElementsOf;
using internal::TableAt;
using internal::TargetOf;
using internal::WordOf;
using schema::Buffer;
using schema::Operator;
using schema::OperatorCode;
using schema::SubGraph;
using schema::Tensor;

constexpr uint32_t kSchemaVersion = 3;

const void* TensorAt(const void* tensors, int index) {
  return TableAt(tensors, static_cast<uint32_t>(index));
}

// Where operands are named, by what and how far down.
struct OperandList {
  uint16_t field;
  int16_t least;
};
constexpr OperandList kNodeInputs = {Operator::VT_INPUTS, -1},
                      kNodeOutputs = {Operator::VT_OUTPUTS, 0};

Span<const int32_t> IndicesOf(const void* table, uint32_t field) {
  return ElementsOf(table, field).as<int32_t>();
}

// The bytes of a constant; empty for an activation.
Span<const uint8_t> BufferOf(const void* buffers, const void* tensor) {
  const void* const buffer = TableAt(buffers, WordOf(tensor, Tensor::VT_BUFFER));
  return ElementsOf(buffer, Buffer::VT_DATA).as<uint8_t>();
}

// Whether a field of 64 bits is above 1.
bool IsAboveOne(const void* table, uint32_t field) {
  const auto* const words = reinterpret_cast<const uint32_t*>(internal::FieldOf(table, field));
  return words != nullptr && (words[0] > 1 || words[1] != 0);
}

Shape ShapeOf(const void* tensor) {
  const Span<const int32_t> dims = IndicesOf(tensor, Tensor::VT_SHAPE);
  return Shape(dims.data(), static_cast<int>(dims.size()));
}

TensorType TypeOf(const void* tensor) {
  return static_cast<TensorType>(static_cast<int8_t>(ByteOf(tensor, Tensor::VT_TYPE)));
}

// The bytes a tensor needs, or kMaxTensorBytes + 1 if that or more. Dimensions of 0 make it empty,
// but do not excuse others: products of some of the dimensions must fit as well.
uint32_t SizeBytes(TensorType type, const Shape& shape) {
  uint32_t elements = 1;
  bool empty = false;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] == 0) {
      empty = true;
      continue;
    }
    // Checked factor by factor: the running product and any dimension are below 2^32 each.
    const uint64_t product = uint64_t{elements} * static_cast<uint32_t>(shape[i]);
    if (product > kMaxTensorBytes) return kMaxTensorBytes + 1;
    elements = static_cast<uint32_t>(product);
  }
  const uint64_t bytes = BytesOf(type, elements);
  if (bytes > kMaxTensorBytes) return kMaxTensorBytes + 1;
  return empty ? 0 : static_cast<uint32_t>(bytes);
}

StatusCode CheckTensor(const void* buffers, const void* tensor) {
  const Shape shape = ShapeOf(tensor);
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] < 0) return StatusCode::kBadShape;
  }
  const TensorType type = TypeOf(tensor);
  const uint32_t needed = SizeBytes(type, shape);
  if (needed > kMaxTensorBytes) return StatusCode::kTooLarge;

  const uint32_t index = WordOf(tensor, Tensor::VT_BUFFER);
  if (index >= CountOf(buffers)) return StatusCode::kBadIndex;
  const void* const buffer = TableAt(buffers, index);
  // Constants that are compressed or lie outside the FlatBuffer.
  if (TargetOf(tensor, Tensor::VT_SPARSITY) != nullptr ||
      WordOf(tensor, Tensor::VT_EXTERNAL_BUFFER) != 0 || IsAboveOne(buffer, Buffer::VT_OFFSET)) {
    return StatusCode::kUnsupportedOption;
  }
  const size_t data_bytes = CountOf(TargetOf(buffer, Buffer::VT_DATA));
  // Types without a fixed size (strings) are no use to any op; nobody reads their bytes.
  const bool sized = ElementBits(type) != 0;
  return sized && data_bytes != 0 && data_bytes != needed ? StatusCode::kBadBufferSize
                                                          : StatusCode::kOk;
}

// Sets `*operand` where one is at fault.
StatusCode CheckNode(const void* node, uint32_t code_count, int32_t tensor_count,
                     Operand* operand) {
  if (WordOf(node, Operator::VT_OPCODE_INDEX) >= code_count) return StatusCode::kBadIndex;
  if (IsAboveOne(node, Operator::VT_LARGE_CUSTOM_OPTIONS_OFFSET)) {
    return StatusCode::kUnsupportedOption;
  }
  for (const OperandList& list : {kNodeInputs, kNodeOutputs}) {
    const Span<const int32_t> tensors = IndicesOf(node, list.field);
    if (tensors.size() > kMaxOperands) return StatusCode::kTooLarge;
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (tensors[i] >= list.least && tensors[i] < tensor_count) continue;
      const int index = static_cast<int>(i);
      *operand = list.least < 0 ? Operand::Input(index) : Operand::Output(index);
      return StatusCode::kBadIndex;
    }
  }
  return StatusCode::kOk;
}

}  // namespace

// `first_tensor_` and `first_node_` number the graph's tensors and nodes on, for errors.
Status Model::VerifyGraph() const {
  const int tensors = tensor_count(), nodes = node_count();
  if (first_tensor_ + tensors > kMaxTensors || first_node_ + nodes > kMaxNodes) {
    return StatusCode::kTooLarge;
  }
  for (int t = 0; t < tensors; ++t) {
    const StatusCode code = CheckTensor(buffers_, TensorAt(tensors_, t));
    if (code != StatusCode::kOk) return Status::AtTensor(code, first_tensor_ + t);
  }
  const uint32_t code_count = CountOf(TargetOf(root_, schema::Model::VT_OPERATOR_CODES));
  for (int n = 0; n < nodes; ++n) {
    Operand operand = Operand::None();
    const void* const node = TableAt(nodes_, static_cast<uint32_t>(n));
    const StatusCode code = CheckNode(node, code_count, tensors, &operand);
    if (code != StatusCode::kOk) return Status(code, first_node_ + n, operand);
  }
  for (const auto& list : {inputs(), outputs()}) {
    for (const int32_t t : list) {
      if (t < 0 || t >= tensors) return StatusCode::kBadIndex;
    }
  }
  return {};
}

static bool HasIdentifier(const uint8_t* at) {
  for (const char* c = schema::ModelIdentifier(); *c != 0; ++c, ++at) {
    if (*at != static_cast<uint8_t>(*c)) return false;
  }
  return true;
}

Result<Model> Model::Verify(Span<const uint8_t> bytes) {
  // The offset of the root table and the identifier come first.
  if (bytes.data() == nullptr || bytes.size() < 8 || !HasIdentifier(bytes.data() + 4)) {
    return StatusCode::kNotAModel;
  }
  if (reinterpret_cast<uintptr_t>(bytes.data()) % kModelAlignment != 0) {
    return StatusCode::kModelMisaligned;
  }
  if (bytes.size() >= internal::kInModel) return StatusCode::kTooLarge;
  const StatusCode structure = internal::VerifyModel(bytes);
  if (structure != StatusCode::kOk) return structure;

  Model model = AtRoot(bytes);
  if (WordOf(model.root_, schema::Model::VT_VERSION) != kSchemaVersion) {
    return StatusCode::kUnsupportedSchemaVersion;
  }
  const int graphs = model.subgraph_count();
  if (TargetOf(model.root_, schema::Model::VT_OPERATOR_CODES) == nullptr ||
      model.buffers_ == nullptr || graphs == 0) {
    return StatusCode::kCorruptModel;
  }
  if (graphs > kMaxSubgraphs) return StatusCode::kTooLarge;
  // One after the other: Subgraph() counts from the first.
  for (int i = 0; i < graphs; ++i) {
    model.Enter(i);
    MIDGE_TRY(model.VerifyGraph());
    model.first_node_ = static_cast<uint16_t>(model.first_node_ + model.node_count());
    model.first_tensor_ = static_cast<uint16_t>(model.first_tensor_ + model.tensor_count());
  }
  return model.Subgraph(0);
}

Model Model::AtRoot(Span<const uint8_t> bytes) {
  Model model;
  model.bytes_ = bytes;
  model.root_ = schema::GetModel(bytes.data());
  model.buffers_ = TargetOf(model.root_, schema::Model::VT_BUFFERS);
  return model;
}

Model Model::Trust(Span<const uint8_t> bytes) { return AtRoot(bytes).Subgraph(0); }

int Model::subgraph_count() const {
  if (root_ == nullptr) return 0;
  return static_cast<int>(CountOf(TargetOf(root_, schema::Model::VT_SUBGRAPHS)));
}

Model Model::Subgraph(int index) const {
  Model result = *this;
  result.find_shape_ = nullptr;  // of another graph
  int first_node = 0, first_tensor = 0;
  for (int i = 0;; ++i) {
    result.Enter(i);
    if (i == index) break;
    first_node += result.node_count();
    first_tensor += result.tensor_count();
  }
  result.first_node_ = static_cast<uint16_t>(first_node);
  result.first_tensor_ = static_cast<uint16_t>(first_tensor);
  result.is_main_graph_ = index == 0;
  return result;
}

void Model::Enter(int index) {
  graph_ = TableAt(TargetOf(root_, schema::Model::VT_SUBGRAPHS), static_cast<uint32_t>(index));
  tensors_ = TargetOf(graph_, SubGraph::VT_TENSORS);
  nodes_ = TargetOf(graph_, SubGraph::VT_OPERATORS);
}

int Model::tensor_count() const { return static_cast<int>(CountOf(tensors_)); }
int Model::node_count() const { return static_cast<int>(CountOf(nodes_)); }

Span<const int32_t> Model::inputs() const { return OperandsOf(SubGraph::VT_INPUTS); }
Span<const int32_t> Model::outputs() const { return OperandsOf(SubGraph::VT_OUTPUTS); }
Span<const int32_t> Model::OperandsOf(uint32_t field) const {
  return graph_ == nullptr ? Span<const int32_t>() : IndicesOf(graph_, field);
}

TensorView Model::tensor(int index) const {
  const void* const tensor = TensorAt(tensors_, index);
  Quantization quantization;
  if (const void* const q = TargetOf(tensor, Tensor::VT_QUANTIZATION); q != nullptr) {
    using schema::QuantizationParameters;
    const internal::Elements zero_points = ElementsOf(q, QuantizationParameters::VT_ZERO_POINT);
    quantization = Quantization(
        ElementsOf(q, QuantizationParameters::VT_SCALE).as<float>(),
        {static_cast<const uint8_t*>(zero_points.data), zero_points.count * 8},
        static_cast<int32_t>(WordOf(q, QuantizationParameters::VT_QUANTIZED_DIMENSION)));
  }
  TensorView view(TypeOf(tensor), tensor_shape(index), quantization, tensor_bytes(index));
  const Span<const uint8_t> data = BufferOf(buffers_, tensor);
  if (!data.empty()) view.set_constant_data(data.data());
  return view;
}

TensorType Model::tensor_type(int index) const { return TypeOf(TensorAt(tensors_, index)); }

Shape Model::tensor_shape(int index) const {
  Shape shape = ShapeOf(TensorAt(tensors_, index));
  if (find_shape_ != nullptr) find_shape_(shapes_, index, &shape);
  return shape;
}

uint32_t Model::tensor_bytes(int index) const {
  return SizeBytes(tensor_type(index), tensor_shape(index));
}

Span<const uint8_t> Model::constant_bytes(int index) const {
  return BufferOf(buffers_, TensorAt(tensors_, index));
}

Span<const char> Model::tensor_name(int index) const {
  return ElementsOf(TensorAt(tensors_, index), Tensor::VT_NAME).as<char>();
}

bool Model::is_variable(int index) const {
  return ByteOf(TensorAt(tensors_, index), Tensor::VT_IS_VARIABLE) != 0;
}

NodeView Model::node(int index) const {
  const void* const node = TableAt(nodes_, static_cast<uint32_t>(index));
  const void* const code = TableAt(TargetOf(root_, schema::Model::VT_OPERATOR_CODES),
                                   WordOf(node, Operator::VT_OPCODE_INDEX));
  NodeView view;
  // Files older than the wide field leave it 0; newer ones put at most 127 in the narrow one.
  const auto wide = static_cast<int32_t>(WordOf(code, OperatorCode::VT_BUILTIN_CODE));
  const auto narrow = static_cast<int8_t>(ByteOf(code, OperatorCode::VT_DEPRECATED_BUILTIN_CODE));
  view.code = static_cast<BuiltinOp>(wide > narrow ? wide : narrow);
  view.version = static_cast<int32_t>(WordOf(code, OperatorCode::VT_VERSION, 1));
  view.custom_name = ElementsOf(code, OperatorCode::VT_CUSTOM_CODE).as<char>();
  view.inputs = IndicesOf(node, Operator::VT_INPUTS);
  view.outputs = IndicesOf(node, Operator::VT_OUTPUTS);
  view.options_type = static_cast<uint8_t>(ByteOf(node, Operator::VT_BUILTIN_OPTIONS_TYPE));
  view.options = TargetOf(node, Operator::VT_BUILTIN_OPTIONS);
  view.custom_options = ElementsOf(node, Operator::VT_CUSTOM_OPTIONS).as<uint8_t>();
  return view;
}

Span<const uint8_t> Model::metadata(const char* name) const {
  const void* const entries = TargetOf(root_, schema::Model::VT_METADATA);
  const size_t length = std::strlen(name);
  for (uint32_t i = 0; i < CountOf(entries); ++i) {
    const void* const entry = TableAt(entries, i);
    const Span<const char> entry_name = ElementsOf(entry, schema::Metadata::VT_NAME).as<char>();
    const uint32_t buffer = WordOf(entry, schema::Metadata::VT_BUFFER);
    if (entry_name.size() != length || std::memcmp(entry_name.data(), name, length) != 0 ||
        buffer >= CountOf(buffers_)) {
      continue;
    }
    return ElementsOf(TableAt(buffers_, buffer), Buffer::VT_DATA).as<uint8_t>();
  }
  return {};
}

}  // namespace midge
