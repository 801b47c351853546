// SPDX-License-Identifier: Apache-2.0
//
// Indices that are data: what is out of range is an error of Invoke() that names node and operand,
// and is never followed.
#include <vector>

#include "midge/midge.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::ModelBuilder;

constexpr OpResolver kOps{&kReshape,         &kGather, &kGatherND,     &kScatterND,
                          &kEmbeddingLookup, &kWhere,  &kBroadcastArgs};

// Runs a model whose node 1 looks indices up; node 0 only is there.
class Lookup {
 public:
  Lookup() {
    const int x = builder.Activation({1}), y = builder.Activation({1});
    builder.Node(BuiltinOp::kReshape, {x}, {y});
    builder.inputs = {x};
    builder.outputs = {y};
  }
  // The result for these indices in the graph's last input.
  Status Run(const std::vector<int32_t>& indices) {
    const Span<const uint8_t> bytes = builder.Finish();
    alignas(16) static uint8_t arena[2048];
    Interpreter interpreter(bytes, kOps, arena);
    MIDGE_TRY(interpreter.AllocateTensors());
    const Span<int32_t> data = interpreter.input(interpreter.input_count() - 1).data<int32_t>();
    if (data.size() != indices.size()) return StatusCode::kInvalidArgument;
    for (size_t i = 0; i < indices.size(); ++i) data[i] = indices[i];
    return interpreter.Invoke();
  }

  ModelBuilder builder;
};

Status RunGather(const std::vector<int32_t>& indices) {
  Lookup lookup;
  const int table = lookup.builder.Activation({4, 2});
  const int where = lookup.builder.Activation({2}, TensorType::kInt32);
  const int result = lookup.builder.Activation({2, 2});
  ModelBuilder::NodeSpec& node = lookup.builder.Node(BuiltinOp::kGather, {table, where}, {result});
  node.options_type = schema::OptionsType::GatherOptions;
  node.options = schema::CreateGatherOptions(lookup.builder.fbb, 0, 0).Union();
  lookup.builder.inputs.insert(lookup.builder.inputs.end(), {table, where});
  lookup.builder.outputs.push_back(result);
  return lookup.Run(indices);
}

TEST(Lookup, AnIndexOutOfRangeIsAnErrorOfItsOperand) {
  EXPECT_TRUE(RunGather({0, 3}).ok());
  const Status bad(StatusCode::kBadData, 1, Operand::Input(1));
  EXPECT_TRUE(RunGather({0, 4}) == bad);
  EXPECT_TRUE(RunGather({-1, 0}) == bad);
  EXPECT_TRUE(RunGather({INT32_MAX, 0}) == bad);
  EXPECT_TRUE(RunGather({INT32_MIN, 0}) == bad);
}

Status RunTuples(BuiltinOp code, const std::vector<int32_t>& indices) {
  Lookup lookup;
  ModelBuilder& builder = lookup.builder;
  const bool scatter = code == BuiltinOp::kScatterND;
  const int table = builder.Activation({3, 2, 4});
  const int slab = builder.Activation({1, 4});
  const int where = builder.Activation({1, 2}, TensorType::kInt32);
  if (scatter) {
    const int shape = builder.Activation({3}, TensorType::kInt32);
    builder.Node(code, {where, slab, shape}, {table});
    builder.inputs.insert(builder.inputs.end(), {slab, shape, where});
    builder.outputs.push_back(table);
  } else {
    builder.Node(code, {table, where}, {slab});
    builder.inputs.insert(builder.inputs.end(), {table, where});
    builder.outputs.push_back(slab);
  }
  return lookup.Run(indices);
}

TEST(Lookup, EveryIndexOfATupleIsChecked) {
  for (const BuiltinOp code : {BuiltinOp::kGatherND, BuiltinOp::kScatterND}) {
    const Status bad(StatusCode::kBadData, 1,
                     Operand::Input(code == BuiltinOp::kScatterND ? 0 : 1));
    EXPECT_TRUE(RunTuples(code, {2, 1}).ok());
    EXPECT_TRUE(RunTuples(code, {3, 0}) == bad);
    EXPECT_TRUE(RunTuples(code, {0, 2}) == bad);
    EXPECT_TRUE(RunTuples(code, {-1, 1}) == bad);
    EXPECT_TRUE(RunTuples(code, {1, -1}) == bad);
  }
}

TEST(Lookup, EmbeddingIndicesAreChecked) {
  const auto run = [](int32_t index) {
    Lookup lookup;
    const int where = lookup.builder.Activation({1}, TensorType::kInt32);
    const int table = lookup.builder.Constant({2, 2}, {1, 2, 3, 4});
    const int result = lookup.builder.Activation({1, 2}, TensorType::kFloat32);
    lookup.builder.Node(BuiltinOp::kEmbeddingLookup, {where, table}, {result});
    lookup.builder.inputs.push_back(where);
    lookup.builder.outputs.push_back(result);
    return lookup.Run({index});
  };
  const Status bad(StatusCode::kBadData, 1, Operand::Input(0));
  EXPECT_TRUE(run(1).ok());
  EXPECT_TRUE(run(2) == bad);
  EXPECT_TRUE(run(-1) == bad);
}

TEST(Lookup, WhereFindsAsManyAsTheModelSays) {
  const auto run = [](const std::vector<int32_t>& condition) {
    Lookup lookup;
    const int in = lookup.builder.Activation({4}, TensorType::kInt32);
    const int result = lookup.builder.Activation({2, 1}, TensorType::kInt64);
    lookup.builder.Node(BuiltinOp::kWhere, {in}, {result});
    lookup.builder.inputs.push_back(in);
    lookup.builder.outputs.push_back(result);
    return lookup.Run(condition);
  };
  const Status bad(StatusCode::kBadData, 1, Operand::Input(0));
  EXPECT_TRUE(run({0, 5, 0, 256}).ok());
  EXPECT_TRUE(run({0, 5, 0, 0}) == bad);
  EXPECT_TRUE(run({1, 5, 7, 0}) == bad);
}

TEST(Lookup, ShapesThatDoNotBroadcastAreBadData) {
  const auto run = [](const std::vector<int32_t>& b) {
    Lookup lookup;
    const int shape_a = lookup.builder.Constant({2}, {2, 0, 0, 0, 3, 0, 0, 0}, TensorType::kInt32);
    const int shape_b = lookup.builder.Activation({2}, TensorType::kInt32);
    const int result = lookup.builder.Activation({2}, TensorType::kInt32);
    lookup.builder.Node(BuiltinOp::kBroadcastArgs, {shape_a, shape_b}, {result});
    lookup.builder.inputs.push_back(shape_b);
    lookup.builder.outputs.push_back(result);
    return lookup.Run(b);
  };
  EXPECT_TRUE(run({1, 3}).ok());
  EXPECT_TRUE(run({2, 4}) == Status(StatusCode::kBadData, 1, Operand::Input(1)));
}

}  // namespace
}  // namespace midge
