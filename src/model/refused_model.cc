// SPDX-License-Identifier: Apache-2.0
#include "model/refused_model.h"

#include "midge/describe.h"
#include "model/schema.h"
#include "model/structure.h"

namespace midge::internal {
namespace {

// The root of bytes whose structure is in order; null of others.
const schema::Model* RootOf(Span<const uint8_t> bytes) {
  const bool readable = bytes.data() != nullptr && bytes.size() >= 8 && bytes.size() < kInModel &&
                        reinterpret_cast<uintptr_t>(bytes.data()) % kModelAlignment == 0 &&
                        std::memcmp(bytes.data() + 4, schema::ModelIdentifier(), 4) == 0;
  return readable && VerifyModel(bytes) == StatusCode::kOk ? schema::GetModel(bytes.data())
                                                           : nullptr;
}

template <typename T>
uint32_t SizeOf(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

// Where a Status points to, with numbers that go on over all subgraphs.
struct Place {
  const schema::SubGraph* graph = nullptr;
  uint32_t graph_index = 0, index = 0;  // of the tensor or node in it
  const schema::Tensor* tensor = nullptr;
  const schema::Operator* node = nullptr;
};

Place PlaceOf(const schema::Model& root, Status status) {
  Place place;
  const bool is_tensor = status.tensor() >= 0;
  if (!is_tensor && status.node() == Status::kNoNode) return place;
  place.index = static_cast<uint32_t>(is_tensor ? status.tensor() : status.node());
  for (uint32_t i = 0; i < SizeOf(root.subgraphs()); ++i) {
    const schema::SubGraph& graph = *root.subgraphs()->Get(i);
    const uint32_t count = is_tensor ? SizeOf(graph.tensors()) : SizeOf(graph.operators());
    if (place.index >= count) {
      place.index -= count;
      continue;
    }
    place.graph = &graph;
    place.graph_index = i;
    if (is_tensor) {
      place.tensor = graph.tensors()->Get(place.index);
    } else {
      place.node = graph.operators()->Get(place.index);
    }
    return place;
  }
  return place;
}

void WriteOpName(TextWriter& out, const schema::Model& root, const schema::Operator& node) {
  if (node.opcode_index() >= SizeOf(root.operator_codes())) return;
  const schema::OperatorCode& code = *root.operator_codes()->Get(node.opcode_index());
  const int32_t wide = static_cast<int32_t>(code.builtin_code());
  const int32_t narrow = code.deprecated_builtin_code();
  out.Text(" (");
  out.Text(OpName(static_cast<BuiltinOp>(wide > narrow ? wide : narrow)));
  out.Char(')');
}

// "names buffer 99 of 12"
bool WriteOutOfRange(TextWriter& out, const char* what, int64_t index, int64_t count) {
  out.Text("names ");
  out.Text(what);
  out.Char(' ');
  out.Number(index);
  out.Text(" of ");
  out.Number(count);
  return true;
}

bool WriteTensorDetail(TextWriter& out, StatusCode code, const schema::Model& root,
                       const schema::Tensor& tensor) {
  const Span<const int32_t> dims = SpanOf(tensor.shape());
  switch (code) {
    case StatusCode::kBadShape:
    case StatusCode::kTooLarge:
      out.Text("has the shape ");
      out.Dims(dims.data(), static_cast<int>(dims.size()));
      out.Text(code == StatusCode::kBadShape ? "; no dimension may be negative"
                                             : "; a tensor may have up to 268435455 bytes");
      return true;
    case StatusCode::kBadIndex:
      return WriteOutOfRange(out, "buffer", tensor.buffer(), SizeOf(root.buffers()));
    case StatusCode::kBadBufferSize: {
      int64_t elements = 1;
      for (const int32_t dim : dims) elements *= dim;
      out.Text("has ");
      out.Count(SizeOf(root.buffers()->Get(tensor.buffer())->data()), "byte");
      out.Text(" of data; its shape and type need ");
      out.Number(static_cast<int64_t>(
          BytesOf(static_cast<TensorType>(tensor.type()), static_cast<uint64_t>(elements))));
      return true;
    }
    case StatusCode::kUnsupportedOption:
      out.Text(tensor.sparsity() != nullptr ? "is sparse; constants must be dense"
                                            : "lies outside the FlatBuffer");
      return true;
    default:
      return false;
  }
}

bool WriteNodeDetail(TextWriter& out, Status status, const schema::Model& root,
                     const Place& place) {
  const schema::Operator& node = *place.node;
  const Span<const int32_t> list =
      SpanOf(status.operand().is_output() ? node.outputs() : node.inputs());
  const auto operand = static_cast<size_t>(status.operand().index());
  switch (status.code()) {
    case StatusCode::kBadIndex:
      if (status.operand().is_none()) {
        return WriteOutOfRange(out, "op code", node.opcode_index(), SizeOf(root.operator_codes()));
      }
      return operand < list.size() &&
             WriteOutOfRange(out, "tensor", list[operand], SizeOf(place.graph->tensors()));
    case StatusCode::kTooLarge:
      out.Text("has ");
      out.Count(SizeOf(node.inputs()), "input");
      out.Text(" and ");
      out.Count(SizeOf(node.outputs()), "output");
      out.Text("; at most 1023 of each");
      return true;
    default:
      return false;
  }
}

// The first graph input or output that is no tensor.
bool WriteGraphOperand(TextWriter& out, const schema::Model& root) {
  for (uint32_t i = 0; i < SizeOf(root.subgraphs()); ++i) {
    const schema::SubGraph& graph = *root.subgraphs()->Get(i);
    const uint32_t tensors = SizeOf(graph.tensors());
    for (const auto* list : {graph.inputs(), graph.outputs()}) {
      int64_t number = 0;
      for (const int32_t tensor : SpanOf(list)) {
        if (tensor < 0 || static_cast<uint32_t>(tensor) >= tensors) {
          out.Text(list == graph.inputs() ? "graph input " : "graph output ");
          out.Number(number);
          out.Char(' ');
          return WriteOutOfRange(out, "tensor", tensor, tensors);
        }
        ++number;
      }
    }
  }
  return false;
}

// Of what there is too much in the whole model; `root` is null if it could not be counted.
bool WriteTooMuch(TextWriter& out, Span<const uint8_t> bytes, const schema::Model* root) {
  if (bytes.size() >= kInModel) {
    out.Text("the model has 2147483648 bytes or more");
    return true;
  }
  if (root == nullptr) {
    out.Text("the model refers to tables more than ");
    out.Number(kMaxTables);
    out.Text(" times");
    return true;
  }
  const uint32_t graphs = SizeOf(root->subgraphs());
  int64_t tensors = 0, nodes = 0;
  for (uint32_t i = 0; i < graphs; ++i) {
    tensors += SizeOf(root->subgraphs()->Get(i)->tensors());
    nodes += SizeOf(root->subgraphs()->Get(i)->operators());
  }
  static_assert(kMaxSubgraphs == kMaxTensors && kMaxTensors == kMaxNodes);
  if (graphs <= kMaxSubgraphs && tensors <= kMaxTensors && nodes <= kMaxNodes) return false;
  out.Text("the model has ");
  out.Count(graphs, "subgraph");
  out.Text(", ");
  out.Count(tensors, "tensor");
  out.Text(" and ");
  out.Count(nodes, "node");
  out.Text("; at most ");
  out.Number(kMaxTensors);
  out.Text(" of each");
  return true;
}

bool WriteNoModel(TextWriter& out, Span<const uint8_t> bytes) {
  out.Text("these bytes are not a .tflite model: ");
  if (bytes.data() == nullptr || bytes.size() < 8) {
    out.Text("there are only ");
    out.Number(bytes.data() == nullptr ? 0 : static_cast<int64_t>(bytes.size()));
    return true;
  }
  uint8_t all = 0, common = 0xff;
  for (size_t i = 0; i < 8; ++i) {
    all |= bytes[i];
    common &= bytes[i];
  }
  if (all == 0) {
    out.Text("they begin with zeros");
  } else if (common == 0xff) {
    out.Text("they begin with 0xff, as erased flash does");
  } else {
    out.Text("bytes 4 to 7 are");
    for (size_t i = 4; i < 8; ++i) {
      out.Char(' ');
      out.Byte(bytes[i]);
    }
    out.Text(", not TFL3");
  }
  return true;
}

}  // namespace

void WriteRefusedPlace(TextWriter& out, Status status, Span<const uint8_t> bytes) {
  const schema::Model* const root = RootOf(bytes);
  if (root == nullptr) return;
  const Place place = PlaceOf(*root, status);
  if (place.graph == nullptr) return;
  out.Text(place.tensor != nullptr ? "tensor " : "node ");
  out.Number(place.index);
  if (place.graph_index != 0) {
    out.Text(" of subgraph ");
    out.Number(place.graph_index);
  }
  if (place.tensor != nullptr) {
    out.Text(" [");
    if (const flatbuffers::String* name = place.tensor->name(); name != nullptr) {
      out.Text(Span<const char>(name->c_str(), name->size()));
      out.Text(", ");
    }
    out.Text(TypeName(static_cast<TensorType>(place.tensor->type())));
    out.Char(']');
  } else {
    WriteOpName(out, *root, *place.node);
    if (const Operand operand = status.operand(); !operand.is_none()) {
      out.Text(operand.is_output() ? ", output " : ", input ");
      out.Number(operand.index());
    }
  }
  out.Text(": ");
}

bool WriteRefusedDetail(TextWriter& out, Status status, Span<const uint8_t> bytes) {
  if (status.code() == StatusCode::kNotAModel) return WriteNoModel(out, bytes);
  const schema::Model* const root = RootOf(bytes);
  if (status.code() == StatusCode::kCorruptModel) {
    out.Text("the model is corrupt or cut short: ");
    if (root == nullptr) {
      out.Text("what its ");
      out.Count(static_cast<int64_t>(bytes.size()), "byte");
      out.Text(" refer to does not lie inside them");
    } else {
      out.Text(root->operator_codes() == nullptr ? "it has no list of op codes"
               : root->buffers() == nullptr      ? "it has no list of buffers"
                                                 : "it has no subgraph");
    }
    return true;
  }
  const bool is_placed = status.tensor() >= 0 || status.node() != Status::kNoNode;
  if (status.code() == StatusCode::kTooLarge && !is_placed) return WriteTooMuch(out, bytes, root);
  if (root == nullptr) return false;
  if (status.code() == StatusCode::kUnsupportedSchemaVersion) {
    out.Text("the model's schema version is ");
    out.Number(root->version());
    out.Text("; it must be 3");
    return true;
  }
  const Place place = PlaceOf(*root, status);
  if (place.tensor != nullptr) return WriteTensorDetail(out, status.code(), *root, *place.tensor);
  if (place.node != nullptr) return WriteNodeDetail(out, status, *root, place);
  return status.code() == StatusCode::kBadIndex && WriteGraphOperand(out, *root);
}

}  // namespace midge::internal
