// SPDX-License-Identifier: Apache-2.0
//
// Makes small `.tflite` models in memory, right or wrong on purpose. Uses the heap, so not for
// boards of 16 KB.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "midge/midge.h"
#include "model/schema.h"

namespace midge_test {

namespace schema = midge::schema;

// The main graph of a model, or another that its nodes call.
class GraphBuilder {
 public:
  struct TensorSpec {
    midge::TensorType type;
    std::vector<int32_t> shape;
    std::vector<float> scales;
    std::vector<int64_t> zero_points;
    int32_t quantized_dimension = 0;
    std::vector<uint8_t> data;  // empty: an activation
    bool is_variable = false;
    int32_t buffer = -1;  // >= 0: this index, whatever it refers to
    bool is_sparse = false;
    std::vector<int32_t> shape_signature = {};
  };
  struct NodeSpec {
    int32_t code;
    std::vector<int32_t> inputs, outputs;
    schema::OptionsType options_type = schema::OptionsType::None;
    flatbuffers::Offset<void> options = 0;
    std::string custom_name;
    std::vector<uint8_t> custom_options;
    int32_t opcode_index = -1;  // >= 0: this index, whatever it refers to
    int32_t version = 1;
    // How old and new files say the op: in the narrow field, in the wide one, or 127 in the narrow.
    enum class Code { kWide, kNarrow, kBoth } where = Code::kWide;
    uint64_t large_custom_options_offset = 0;
    std::vector<int32_t> intermediates = {};
  };

  // Tensors, by index in order of the calls. int8, per-tensor quantized by default.
  int Activation(std::vector<int32_t> shape, midge::TensorType type = midge::TensorType::kInt8,
                 float scale = 1.f, int64_t zero_point = 0) {
    tensors.push_back({type, std::move(shape), {scale}, {zero_point}, 0, {}});
    return static_cast<int>(tensors.size()) - 1;
  }
  int Constant(std::vector<int32_t> shape, std::vector<uint8_t> data,
               midge::TensorType type = midge::TensorType::kInt8, float scale = 1.f) {
    tensors.push_back({type, std::move(shape), {scale}, {0}, 0, std::move(data)});
    return static_cast<int>(tensors.size()) - 1;
  }

  NodeSpec& Node(midge::BuiltinOp code, std::vector<int32_t> node_inputs,
                 std::vector<int32_t> node_outputs) {
    nodes.push_back({static_cast<int32_t>(code),
                     std::move(node_inputs),
                     std::move(node_outputs),
                     schema::OptionsType::None,
                     0,
                     "",
                     {}});
    return nodes.back();
  }
  NodeSpec& Custom(const char* name, std::vector<int32_t> node_inputs,
                   std::vector<int32_t> node_outputs) {
    NodeSpec& node =
        Node(midge::BuiltinOp::kCustom, std::move(node_inputs), std::move(node_outputs));
    node.custom_name = name;
    return node;
  }

  // What ModelBuilder::Finish writes; change as a test needs.
  std::vector<TensorSpec> tensors;
  std::vector<NodeSpec> nodes;
  std::vector<int32_t> inputs, outputs;
};

class ModelBuilder : public GraphBuilder {
 public:
  // Another graph, behind those that exist: the first has index 1.
  GraphBuilder& Subgraph() { return subgraphs_.emplace_back(); }

  // The bytes, valid until this object changes or goes.
  midge::Span<const uint8_t> Finish() {
    buffers_ = {schema::CreateBuffer(fbb)};
    codes_.clear();
    std::vector<flatbuffers::Offset<schema::SubGraph>> graphs = {Pack(*this)};
    for (const GraphBuilder& graph : subgraphs_) graphs.push_back(Pack(graph));
    if (op_codes != List::kWhole) codes_.clear();
    if (subgraphs != List::kWhole) graphs.clear();
    const auto code_vector = fbb.CreateVector(codes_);
    const auto graph_vector = fbb.CreateVector(graphs);
    std::vector<flatbuffers::Offset<schema::Metadata>> metadata_offsets;
    for (const MetadataSpec& m : metadata) {
      fbb.ForceVectorAlignment(m.data.size() * 4, 1, 16);
      const auto* const bytes = reinterpret_cast<const uint8_t*>(m.data.data());
      const auto data = fbb.CreateVector(bytes, m.data.size() * 4);
      const auto name = fbb.CreateString(m.name);
      metadata_offsets.push_back(
          schema::CreateMetadata(fbb, name, static_cast<uint32_t>(buffers_.size())));
      buffers_.push_back(schema::CreateBuffer(fbb, data));
    }
    const auto metadata_vector = fbb.CreateVector(metadata_offsets);
    if (buffers != List::kWhole) buffers_.clear();
    const auto buffer_vector = fbb.CreateVector(buffers_);
    schema::ModelBuilder model(fbb);
    model.add_version(version);
    if (op_codes != List::kAbsent) model.add_operator_codes(code_vector);
    if (subgraphs != List::kAbsent) model.add_subgraphs(graph_vector);
    if (buffers != List::kAbsent) model.add_buffers(buffer_vector);
    if (!metadata.empty()) model.add_metadata(metadata_vector);
    fbb.Finish(model.Finish(), schema::ModelIdentifier());
    // Aligned as firmware would have it.
    storage_.resize(fbb.GetSize() + 16);
    uint8_t* const begin =
        storage_.data() + (16 - reinterpret_cast<uintptr_t>(storage_.data()) % 16) % 16;
    std::memcpy(begin, fbb.GetBufferPointer(), fbb.GetSize());
    return {begin, fbb.GetSize()};
  }

  struct MetadataSpec {
    std::string name;
    std::vector<int32_t> data;
  };
  std::vector<MetadataSpec> metadata;
  uint32_t version = 3;
  // Lists that no model can do without.
  enum class List { kWhole, kEmpty, kAbsent };
  List op_codes = List::kWhole, buffers = List::kWhole, subgraphs = List::kWhole;
  flatbuffers::FlatBufferBuilder fbb;  // for options tables

 private:
  flatbuffers::uoffset_t EmptyTable() { return fbb.EndTable(fbb.StartTable()); }

  flatbuffers::Offset<schema::SubGraph> Pack(const GraphBuilder& graph) {
    std::vector<flatbuffers::Offset<schema::Tensor>> tensor_offsets;
    for (const TensorSpec& t : graph.tensors) {
      uint32_t buffer = 0;
      if (!t.data.empty()) {
        buffer = static_cast<uint32_t>(buffers_.size());
        fbb.ForceVectorAlignment(t.data.size(), 1, 16);
        buffers_.push_back(schema::CreateBuffer(fbb, fbb.CreateVector(t.data)));
      }
      if (t.buffer >= 0) buffer = static_cast<uint32_t>(t.buffer);
      const auto scales = fbb.CreateVector(t.scales);
      const auto zero_points = fbb.CreateVector(t.zero_points);
      schema::QuantizationParametersBuilder quantization(fbb);
      quantization.add_scale(scales);
      quantization.add_zero_point(zero_points);
      quantization.add_quantized_dimension(t.quantized_dimension);
      const auto quantization_offset = quantization.Finish();
      const auto shape = fbb.CreateVector(t.shape);
      const auto signature = fbb.CreateVector(t.shape_signature);
      const auto name = fbb.CreateString("t" + std::to_string(tensor_offsets.size()));
      const auto sparsity = flatbuffers::Offset<schema::Opaque>(t.is_sparse ? EmptyTable() : 0);
      schema::TensorBuilder tensor(fbb);
      tensor.add_shape(shape);
      tensor.add_type(static_cast<schema::TensorType>(t.type));
      tensor.add_buffer(buffer);
      tensor.add_name(name);
      tensor.add_quantization(quantization_offset);
      tensor.add_is_variable(t.is_variable);
      if (t.is_sparse) tensor.add_sparsity(sparsity);
      if (!t.shape_signature.empty()) tensor.add_shape_signature(signature);
      tensor_offsets.push_back(tensor.Finish());
    }
    std::vector<flatbuffers::Offset<schema::Operator>> node_offsets;
    for (const NodeSpec& n : graph.nodes) {
      const auto custom_name = n.custom_name.empty() ? 0 : fbb.CreateString(n.custom_name);
      const uint32_t opcode_index = static_cast<uint32_t>(
          n.opcode_index >= 0 ? static_cast<size_t>(n.opcode_index) : codes_.size());
      schema::OperatorCodeBuilder code(fbb);
      if (n.where != NodeSpec::Code::kNarrow) code.add_builtin_code(n.code);
      if (n.where != NodeSpec::Code::kWide) {
        code.add_deprecated_builtin_code(static_cast<int8_t>(n.code < 127 ? n.code : 127));
      }
      code.add_version(n.version);
      if (!n.custom_name.empty()) code.add_custom_code(custom_name);
      codes_.push_back(code.Finish());
      const auto node_inputs = fbb.CreateVector(n.inputs);
      const auto node_outputs = fbb.CreateVector(n.outputs);
      const auto custom_options = n.custom_options.empty() ? 0 : fbb.CreateVector(n.custom_options);
      const auto intermediates = n.intermediates.empty() ? 0 : fbb.CreateVector(n.intermediates);
      schema::OperatorBuilder node(fbb);
      if (!n.intermediates.empty()) node.add_intermediates(intermediates);
      if (!n.custom_options.empty()) node.add_custom_options(custom_options);
      node.add_opcode_index(opcode_index);
      node.add_large_custom_options_offset(n.large_custom_options_offset);
      node.add_inputs(node_inputs);
      node.add_outputs(node_outputs);
      if (n.options_type != schema::OptionsType::None) {
        node.add_builtin_options_type(static_cast<uint8_t>(n.options_type));
        node.add_builtin_options(flatbuffers::Offset<schema::Options>(n.options.o));
      }
      node_offsets.push_back(node.Finish());
    }
    const auto tensor_vector = fbb.CreateVector(tensor_offsets);
    const auto input_vector = fbb.CreateVector(graph.inputs);
    const auto output_vector = fbb.CreateVector(graph.outputs);
    const auto node_vector = fbb.CreateVector(node_offsets);
    schema::SubGraphBuilder subgraph(fbb);
    subgraph.add_tensors(tensor_vector);
    subgraph.add_inputs(input_vector);
    subgraph.add_outputs(output_vector);
    subgraph.add_operators(node_vector);
    return subgraph.Finish();
  }

  std::deque<GraphBuilder> subgraphs_;
  std::vector<flatbuffers::Offset<schema::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<schema::OperatorCode>> codes_;
  std::vector<uint8_t> storage_;
};

}  // namespace midge_test
