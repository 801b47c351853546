// SPDX-License-Identifier: Apache-2.0
//
// make_models DIR: writes the models that the tests of the host program need, most of them wrong.

#include <cstdio>
#include <string>

#include "tests/support/model_builder.h"

namespace {

using midge::BuiltinOp;
using midge::Span;
using midge::TensorType;
using midge_test::ModelBuilder;

constexpr auto kLshProjection = static_cast<BuiltinOp>(15);

bool Write(const std::string& path, Span<const uint8_t> bytes) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  return std::fclose(file) == 0 && written;
}

// A chain of LOGISTIC nodes; the test may spoil it before it is finished.
ModelBuilder Chain(int node_count, TensorType type, int elements = 4) {
  ModelBuilder model;
  int last = model.Activation({1, elements}, type);
  model.inputs = {last};
  for (int n = 0; n < node_count; ++n) {
    const int next = model.Activation({1, elements}, type);
    model.Node(BuiltinOp::kLogistic, {last}, {next});
    last = next;
  }
  model.outputs = {last};
  return model;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string dir = std::string(argv[1]) + "/";

  // More nodes than AllocateTensors() can plan for without an arena, and activations that need more
  // room than planning does.
  ModelBuilder long_chain = Chain(300, TensorType::kFloat32, 4096);
  ModelBuilder missing_op = Chain(2, TensorType::kFloat32);
  missing_op.nodes[1].code = static_cast<int32_t>(kLshProjection);
  ModelBuilder custom_op = Chain(1, TensorType::kFloat32);
  custom_op.nodes[0].code = static_cast<int32_t>(BuiltinOp::kCustom);
  custom_op.nodes[0].custom_name = "Two\nLines";
  ModelBuilder wrong_type = Chain(1, TensorType::kFloat64);

  // Ops that are in subgraphs alone.
  ModelBuilder branch;
  branch.inputs = {branch.Activation({1}, TensorType::kBool),
                   branch.Activation({1, 4}, TensorType::kFloat32)};
  branch.outputs = {branch.Activation({1, 4}, TensorType::kFloat32)};
  auto& node = branch.Node(BuiltinOp::kIf, branch.inputs, branch.outputs);
  node.options_type = midge::schema::OptionsType::IfOptions;
  node.options = midge::schema::CreateIfOptions(branch.fbb, 1, 2).Union();
  for (const BuiltinOp op : {BuiltinOp::kLogistic, BuiltinOp::kTanh}) {
    midge_test::GraphBuilder& graph = branch.Subgraph();
    graph.inputs = {graph.Activation({1, 4}, TensorType::kFloat32)};
    graph.outputs = {graph.Activation({1, 4}, TensorType::kFloat32)};
    graph.Node(op, graph.inputs, graph.outputs);
  }

  const Span<const uint8_t> whole = long_chain.Finish();
  const bool written = Write(dir + "long_chain.tflite", whole) &&
                       Write(dir + "cut_short.tflite", {whole.data(), whole.size() / 2}) &&
                       Write(dir + "branch.tflite", branch.Finish()) &&
                       Write(dir + "missing_op.tflite", missing_op.Finish()) &&
                       Write(dir + "custom_op.tflite", custom_op.Finish()) &&
                       Write(dir + "wrong_type.tflite", wrong_type.Finish());
  return written ? 0 : 1;
}
