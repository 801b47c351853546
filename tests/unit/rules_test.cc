// SPDX-License-Identifier: Apache-2.0
//
// Models that break one rule of docs/FORMAT.md each; the malformed models that another runtime was
// seen to run or crash on, each with a message of its own; what healthy models contain.
#include "tests/support/rules.h"

#include <initializer_list>
#include <limits>
#include <string>

#include "midge/all_ops.h"
#include "midge/midge.h"
#include "midge/record.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::ExpectRule;
using midge_test::GraphBuilder;
using midge_test::ModelBuilder;
using List = ModelBuilder::List;

alignas(kArenaAlignment) uint8_t arena[4096];

constexpr Operand kNone = Operand::None();
Status At(StatusCode code, int node, Operand operand = kNone) { return {code, node, operand}; }
Status AtTensor(StatusCode code, int tensor) { return Status::AtTensor(code, tensor); }

void Set(GraphBuilder::NodeSpec& node, schema::OptionsType type,
         flatbuffers::Offset<void> options) {
  node.options_type = type;
  node.options = options;
}

// x [1, 4, 4, 2] -> CONV_2D of 1x1 to 3 channels -> y [1, 4, 4, 3]
struct Conv : ModelBuilder {
  enum { kX, kFilter, kBias, kY };
  Conv() {
    inputs = {Activation({1, 4, 4, 2})};
    Constant({3, 1, 1, 2}, {1, 2, 3, 4, 5, 6});
    Constant({3}, std::vector<uint8_t>(12), TensorType::kInt32);
    outputs = {Activation({1, 4, 4, 3})};
    Node(BuiltinOp::kConv2D, {kX, kFilter, kBias}, {kY});
    SetOptions(1, schema::ActivationFunctionType::NONE);
  }
  void SetOptions(int stride, schema::ActivationFunctionType activation) {
    Set(nodes[0], schema::OptionsType::Conv2DOptions,
        schema::CreateConv2DOptions(fbb, schema::Padding::SAME, stride, stride, activation)
            .Union());
  }
};

// x and y [4] -> ADD -> z
struct Add : ModelBuilder {
  enum { kX, kY, kZ };
  explicit Add(std::vector<int32_t> shape = {4}) {
    inputs = {Activation(shape), Activation(shape)};
    outputs = {Activation(shape)};
    Node(BuiltinOp::kAdd, inputs, outputs);
    Set(nodes[0], schema::OptionsType::AddOptions, schema::CreateAddOptions(fbb).Union());
  }
};

// x [4] -> RESHAPE to [2, 2], `count` times and one more
struct Reshapes : ModelBuilder {
  explicit Reshapes(int count = 0) {
    inputs = {Activation({4})};
    for (int i = 0; i < count; ++i) Reshape(Activation({4}));
    outputs = {Activation({2, 2})};
    Reshape(outputs[0]);
  }
  void Reshape(int to) { Node(BuiltinOp::kReshape, {to - 1}, {to}); }
};

// A variable that is added to: x -> ADD to READ_VARIABLE -> y -> ASSIGN_VARIABLE.
struct Variable : ModelBuilder {
  enum { kX, kBefore, kY, kHandle };
  Variable() {
    inputs = {Activation({2}, TensorType::kFloat32)};
    Activation({2}, TensorType::kFloat32);
    outputs = {Activation({2}, TensorType::kFloat32)};
    Handle(*this);
    Node(BuiltinOp::kReadVariable, {kHandle}, {kBefore});
    Set(Node(BuiltinOp::kAdd, {kBefore, kX}, {kY}), schema::OptionsType::AddOptions,
        schema::CreateAddOptions(fbb).Union());
    Node(BuiltinOp::kAssignVariable, {kHandle, kY}, {});
  }
  int Handle(GraphBuilder& graph, const char* name = "total") {
    const int handle = graph.Activation({1}, TensorType::kResource);
    Set(graph.Node(BuiltinOp::kVarHandle, {}, {handle}), schema::OptionsType::VarHandleOptions,
        schema::CreateVarHandleOptions(fbb, 0, fbb.CreateString(name)).Union());
    return handle;
  }
};

// while (x) x = body(x), of one bool; graph 1 is the condition, `body` the body.
struct Loop : ModelBuilder {
  Loop() {
    inputs = {Activation({1}, TensorType::kBool)};
    outputs = {Activation({1}, TensorType::kBool)};
    While(*this, inputs[0], outputs[0], 2);
    for (int i = 0; i < 2; ++i) {
      GraphBuilder& graph = Subgraph();
      graph.inputs = graph.outputs = {graph.Activation({1}, TensorType::kBool)};
    }
  }
  void While(GraphBuilder& graph, int from, int to, int body) {
    Set(graph.Node(BuiltinOp::kWhile, {from}, {to}), schema::OptionsType::WhileOptions,
        schema::CreateWhileOptions(fbb, 1, body).Union());
  }
};

// float32 SVDF of one filter to each unit.
struct Svdf : ModelBuilder {
  Svdf() {
    inputs = {Activation({1, 2}, TensorType::kFloat32)};
    Constant({2, 2}, std::vector<uint8_t>(16), TensorType::kFloat32);
    Constant({2, 3}, std::vector<uint8_t>(24), TensorType::kFloat32);
    Activation({1, 6}, TensorType::kFloat32);
    tensors[3].is_variable = true;
    outputs = {Activation({1, 2}, TensorType::kFloat32)};
    Set(Node(BuiltinOp::kSvdf, {0, 1, 2, -1, 3}, {4}), schema::OptionsType::SVDFOptions,
        schema::CreateSVDFOptions(fbb, 1).Union());
  }
};

Status Verify(ModelBuilder& builder) { return Model::Verify(builder.Finish()).status(); }

Status Allocate(ModelBuilder& builder) {
  Interpreter interpreter(builder.Finish(), kAllOps, arena);
  const Status status = interpreter.AllocateTensors({false, kFollowOfflinePlan});
  // Described, whatever it is, and not for good.
  char text[200];
  EXPECT_TRUE(Describe(status, interpreter, text)[0] != '\0');
  if (!status.ok()) EXPECT_TRUE(interpreter.Invoke() == StatusCode::kNotAllocated);
  return status;
}

TEST(Rules, OfBytes) {
  const uint8_t zeros[64] = {};
  ExpectRule("identifier", StatusCode::kNotAModel, Model::Verify(zeros).status());
  Conv conv;
  const Span<const uint8_t> bytes = conv.Finish();
  std::vector<uint32_t> words(bytes.size() / 4 + 2);
  auto* const odd = reinterpret_cast<uint8_t*>(words.data()) + 2;
  std::memcpy(odd, bytes.data(), bytes.size());
  ExpectRule("model_alignment", StatusCode::kModelMisaligned,
             Model::Verify({odd, bytes.size()}).status());
  ExpectRule("model_size", StatusCode::kTooLarge,
             Model::Verify({bytes.data(), size_t{internal::kInModel}}).status());
  ExpectRule("structure", StatusCode::kCorruptModel,
             Model::Verify({bytes.data(), bytes.size() / 2 & ~size_t{3}}).status());
  {
    Conv other;
    other.version = 99;
    ExpectRule("schema_version", StatusCode::kUnsupportedSchemaVersion, Verify(other));
  }
  const List wrong_lists[] = {List::kAbsent, List::kEmpty};
  for (const List list : wrong_lists) {
    Conv graphs;
    graphs.subgraphs = list;
    ExpectRule("lists", StatusCode::kCorruptModel, Verify(graphs));
  }
  Conv codes;
  codes.op_codes = List::kAbsent;
  ExpectRule("lists", StatusCode::kCorruptModel, Verify(codes));
  Conv buffers;
  buffers.buffers = List::kAbsent;
  ExpectRule("lists", StatusCode::kCorruptModel, Verify(buffers));
}

// `graph_count` subgraphs that are one table, of so many tensors and nodes that are one table each.
Status VerifyMany(size_t tensor_count, size_t node_count, size_t graph_count = 1,
                  std::string* described = nullptr) {
  flatbuffers::FlatBufferBuilder fbb;
  const std::vector<flatbuffers::Offset<schema::Tensor>> tensors(tensor_count,
                                                                 schema::CreateTensor(fbb));
  const std::vector<flatbuffers::Offset<schema::Operator>> nodes(node_count,
                                                                 schema::CreateOperator(fbb));
  const auto tensor_vector = fbb.CreateVector(tensors);
  const auto node_vector = fbb.CreateVector(nodes);
  const auto graph = schema::CreateSubGraph(fbb, tensor_vector, 0, 0, node_vector);
  const auto graphs =
      fbb.CreateVector(std::vector<flatbuffers::Offset<schema::SubGraph>>(graph_count, graph));
  const auto code = schema::CreateOperatorCode(fbb);
  const auto codes = fbb.CreateVector(&code, 1);
  const auto buffer = schema::CreateBuffer(fbb);
  const auto buffers = fbb.CreateVector(&buffer, 1);
  fbb.Finish(schema::CreateModel(fbb, 3, codes, graphs, 0, buffers), schema::ModelIdentifier());
  const Span<const uint8_t> bytes = {fbb.GetBufferPointer(), fbb.GetSize()};
  const Status status = Model::Verify(bytes).status();
  char text[200];
  if (described != nullptr) *described = Describe(status, bytes, text);
  return status;
}

TEST(Rules, OfLimits) {
  EXPECT_TRUE(VerifyMany(kMaxTensors, kMaxNodes).ok());
  ExpectRule("graph_size", StatusCode::kTooLarge, VerifyMany(kMaxTensors + 1, 0));
  ExpectRule("graph_size", StatusCode::kTooLarge, VerifyMany(0, kMaxNodes + 1));
  // Found by model_fuzzer: to number the tensors of very many subgraphs took the square of that.
  EXPECT_TRUE(VerifyMany(0, 0, kMaxSubgraphs).ok());
  std::string text;
  ExpectRule("graph_size", StatusCode::kTooLarge, VerifyMany(0, 0, kMaxSubgraphs + 1, &text));
  EXPECT_STREQ(text.c_str(),
               "the model has 8193 subgraphs, 0 tensors and 0 nodes; at most 8192 of each");
  ExpectRule("table_count", StatusCode::kTooLarge, VerifyMany(1024, 0, 1024, &text));
  EXPECT_STREQ(text.c_str(), "the model refers to tables more than 1048576 times");
  for (const bool output : {false, true}) {
    Conv conv;
    std::vector<int32_t>& operands = output ? conv.nodes[0].outputs : conv.nodes[0].inputs;
    operands.resize(kMaxOperands + 1);
    ExpectRule("operand_count", At(StatusCode::kTooLarge, 0), Verify(conv));
  }
  {
    Conv conv;
    conv.tensors[Conv::kX].shape[1] = -4;
    ExpectRule("dimension_sign", AtTensor(StatusCode::kBadShape, Conv::kX), Verify(conv));
  }
  for (const auto& shape : {std::vector<int32_t>{0x10000000}, {65536, 65536}, {0, 65536, 65536}}) {
    Conv conv;
    conv.tensors[Conv::kX].shape = shape;
    ExpectRule("tensor_size", AtTensor(StatusCode::kTooLarge, Conv::kX), Verify(conv));
  }
}

TEST(Rules, OfIndices) {
  {
    Conv conv;
    conv.tensors[Conv::kY].buffer = 99;
    ExpectRule("buffer_index", AtTensor(StatusCode::kBadIndex, Conv::kY), Verify(conv));
  }
  {
    Conv conv;
    conv.nodes[0].opcode_index = 1;
    ExpectRule("op_code_index", At(StatusCode::kBadIndex, 0), Verify(conv));
  }
  for (const int32_t index : std::initializer_list<int32_t>{-2, 4, INT32_MAX, INT32_MIN}) {
    Conv conv;
    conv.nodes[0].inputs[1] = index;
    ExpectRule("operand_index", At(StatusCode::kBadIndex, 0, Operand::Input(1)), Verify(conv));
  }
  for (const int32_t index : {-1, 4}) {
    Conv conv;
    conv.nodes[0].outputs[0] = index;
    ExpectRule("operand_index", At(StatusCode::kBadIndex, 0, Operand::Output(0)), Verify(conv));
    for (const bool output : {false, true}) {
      Conv graph;
      (output ? graph.outputs : graph.inputs)[0] = index;
      ExpectRule("graph_operand_index", StatusCode::kBadIndex, Verify(graph));
    }
  }
}

TEST(Rules, OfConstants) {
  for (const size_t size : {size_t{5}, size_t{7}}) {
    Conv conv;
    conv.tensors[Conv::kFilter].data.resize(size);
    ExpectRule("constant_size", AtTensor(StatusCode::kBadBufferSize, Conv::kFilter), Verify(conv));
  }
  {
    Conv conv;
    conv.tensors[Conv::kFilter].is_sparse = true;
    ExpectRule("constant_place", AtTensor(StatusCode::kUnsupportedOption, Conv::kFilter),
               Verify(conv));
  }
  {
    Conv conv;
    conv.nodes[0].large_custom_options_offset = 4096;
    ExpectRule("custom_options_place", At(StatusCode::kUnsupportedOption, 0), Verify(conv));
  }
}

TEST(Rules, OfOps) {
  {
    Conv conv;
    conv.nodes[0].version = 99;
    ExpectRule("op_version", At(StatusCode::kUnsupportedOpVersion, 0), Allocate(conv));
  }
  {
    Conv conv;
    static constexpr OpResolver others{&kAdd};
    Interpreter interpreter(conv.Finish(), others, arena);
    ExpectRule("op_registered", At(StatusCode::kMissingOp, 0), interpreter.AllocateTensors());
  }
  {
    Conv conv;
    conv.tensors[Conv::kX].type = TensorType::kInt32;
    ExpectRule("op_type", At(StatusCode::kMissingKernel, 0, Operand::Input(0)), Allocate(conv));
  }
  {
    Reshapes reshapes;
    reshapes.tensors[1].shape = {1, 1, 1, 1, 1, 2, 2};
    ExpectRule("rank", AtTensor(StatusCode::kTooLarge, 1), Allocate(reshapes));
  }
  {
    Conv conv;
    conv.nodes[0].inputs = {0, 1, 2, 2};
    ExpectRule("operands", At(StatusCode::kBadOperands, 0), Allocate(conv));
    conv.nodes[0].inputs = {0, -1, 2};
    ExpectRule("op_type", At(StatusCode::kMissingKernel, 0, Operand::Input(1)), Allocate(conv));
  }
  {
    Add add;
    add.nodes[0].inputs = {0, -1};
    ExpectRule("operands", At(StatusCode::kBadOperands, 0, Operand::Input(1)), Allocate(add));
  }
  {
    Conv conv;
    conv.tensors[Conv::kY].type = TensorType::kInt16;
    ExpectRule("types", At(StatusCode::kUnsupportedType, 0, Operand::Output(0)), Allocate(conv));
  }
  {
    // Found by tests/conformance/refusals.cc: its rows are found by the state's type.
    Svdf svdf;
    svdf.tensors[0].type = TensorType::kInt8;
    ExpectRule("types", At(StatusCode::kUnsupportedType, 0, Operand::Input(0)), Allocate(svdf));
  }
  {
    Conv conv;
    conv.tensors[Conv::kY].shape = {1, 4, 5, 3};
    ExpectRule("shapes", At(StatusCode::kBadShape, 0, Operand::Output(0)), Allocate(conv));
  }
  // Found by model_fuzzer: the ranks were compared to themselves.
  for (const BuiltinOp code : {BuiltinOp::kSpaceToBatchND, BuiltinOp::kBatchToSpaceND}) {
    ModelBuilder moved;
    moved.inputs = {moved.Activation({1, 2, 2, 1})};
    moved.Constant({2}, {1, 0, 0, 0, 1, 0, 0, 0}, TensorType::kInt32);
    moved.Constant({2, 2}, std::vector<uint8_t>(16), TensorType::kInt32);
    moved.outputs = {moved.Activation({})};
    moved.Node(code, {0, 1, 2}, moved.outputs);
    ExpectRule("shapes", At(StatusCode::kBadShape, 0, Operand::Output(0)), Allocate(moved));
    moved.tensors[3].shape = {1, 2, 2, 1};
    EXPECT_TRUE(Allocate(moved).ok());
  }
  {
    ModelBuilder transpose;
    transpose.inputs = {transpose.Activation({2, 3}),
                        transpose.Activation({2}, TensorType::kInt32)};
    transpose.outputs = {transpose.Activation({3, 2})};
    transpose.Node(BuiltinOp::kTranspose, {0, 1}, {2});
    ExpectRule("constant_operands", At(StatusCode::kNotConstant, 0, Operand::Input(1)),
               Allocate(transpose));
  }
}

std::vector<uint8_t> Words(std::initializer_list<int32_t> words) {
  std::vector<uint8_t> bytes(words.size() * sizeof(int32_t));
  std::memcpy(bytes.data(), words.begin(), bytes.size());
  return bytes;
}

// One node; its inputs are as they were made, constants too, its outputs the last of the tensors.
struct OneNode : ModelBuilder {
  int Integers(std::vector<int32_t> shape, std::initializer_list<int32_t> values) {
    return Constant(std::move(shape), Words(values), TensorType::kInt32);
  }
  // Status of the node with the tensors so far as inputs.
  Status To(BuiltinOp code, std::initializer_list<std::vector<int32_t>> shapes,
            TensorType type = TensorType::kInt8,
            schema::OptionsType options_type = schema::OptionsType::None,
            flatbuffers::Offset<void> options = 0) {
    std::vector<int32_t> operands;
    for (size_t t = 0; t < tensors.size(); ++t) {
      operands.push_back(static_cast<int32_t>(t));
      if (tensors[t].data.empty()) inputs.push_back(static_cast<int32_t>(t));
    }
    for (const auto& shape : shapes) outputs.push_back(Activation(shape, type));
    Set(Node(code, operands, outputs), options_type, options);
    return Allocate(*this);
  }
};

// What no single change of a sound model shows (tests/conformance/refusals.cc makes those).
TEST(Rules, OfShapesOfSomeOps) {
  const auto expect = [](Operand operand, Status status) {
    ExpectRule("shapes", At(StatusCode::kBadShape, 0, operand), status);
  };
  {
    OneNode update;  // larger than what it goes into
    update.Activation({4});
    update.Activation({5});
    update.Integers({1}, {0});
    expect(Operand::Input(1), update.To(BuiltinOp::kDynamicUpdateSlice, {{4}}));
  }
  {
    OneNode mirror;  // reflects more than there is
    mirror.Activation({4});
    mirror.Integers({1, 2}, {4, 0});
    expect(Operand::Input(1), mirror.To(BuiltinOp::kMirrorPad, {{8}}, TensorType::kInt8,
                                        schema::OptionsType::MirrorPadOptions,
                                        schema::CreateMirrorPadOptions(mirror.fbb).Union()));
  }
  {
    OneNode gather;  // more batch dimensions than the indices have
    gather.Activation({2, 2, 2});
    gather.Integers({2}, {0, 1});
    expect(Operand::Input(1), gather.To(BuiltinOp::kGather, {{2, 2, 2}}, TensorType::kInt8,
                                        schema::OptionsType::GatherOptions,
                                        schema::CreateGatherOptions(gather.fbb, 2, 2).Union()));
  }
  {
    OneNode gather;  // of another batch
    gather.Activation({2, 4});
    gather.Integers({3, 1}, {0, 1, 0});
    expect(Operand::Input(1), gather.To(BuiltinOp::kGather, {{2, 1}}, TensorType::kInt8,
                                        schema::OptionsType::GatherOptions,
                                        schema::CreateGatherOptions(gather.fbb, 1, 1).Union()));
  }
  {
    OneNode split;  // parts that differ
    split.Integers({}, {0});
    split.Activation({5});
    expect(Operand::Output(1), split.To(BuiltinOp::kSplit, {{2}, {3}}, TensorType::kInt8,
                                        schema::OptionsType::SplitOptions,
                                        schema::CreateSplitOptions(split.fbb, 2).Union()));
  }
  for (const int32_t begin : {4, -5}) {
    OneNode slice;  // an element that there is not
    slice.Activation({4});
    slice.Integers({1}, {begin});
    slice.Integers({1}, {0});
    slice.Integers({1}, {1});
    expect(Operand::Input(1),
           slice.To(BuiltinOp::kStridedSlice, {{}}, TensorType::kInt8,
                    schema::OptionsType::StridedSliceOptions,
                    schema::CreateStridedSliceOptions(slice.fbb, 0, 0, 0, 0, 1).Union()));
  }
  {
    OneNode fill;  // with two values
    fill.Integers({1}, {4});
    fill.Activation({2});
    expect(Operand::Input(1), fill.To(BuiltinOp::kFill, {{4}}));
  }
  {
    OneNode space;  // columns that no block gives
    space.Activation({1, 2, 2, 1});
    space.Integers({2}, {1, 1});
    space.Integers({2, 2}, {0, 0, 0, 0});
    expect(Operand::Output(0), space.To(BuiltinOp::kSpaceToBatchND, {{1, 2, 3, 1}}));
  }
  for (const BuiltinOp code : {BuiltinOp::kSoftmax, BuiltinOp::kLogSoftmax}) {
    OneNode scalar;
    scalar.Activation({});
    expect(Operand::Input(0),
           scalar.To(code, {{}}, TensorType::kInt8, schema::OptionsType::SoftmaxOptions,
                     schema::CreateSoftmaxOptions(scalar.fbb, 1.f).Union()));
  }
  {
    OneNode matrices;  // of batches that do not broadcast
    matrices.Activation({2, 2, 2}, TensorType::kFloat32);
    matrices.Activation({3, 2, 2}, TensorType::kFloat32);
    expect(Operand::Input(1),
           matrices.To(BuiltinOp::kBatchMatMul, {{2, 2, 2}}, TensorType::kFloat32,
                       schema::OptionsType::BatchMatMulOptions,
                       schema::CreateBatchMatMulOptions(matrices.fbb).Union()));
  }
}

TEST(Rules, OfOptions) {
  {
    Conv conv;
    conv.nodes[0].options_type = schema::OptionsType::None;
    ExpectRule("options_present", At(StatusCode::kMissingOptions, 0), Allocate(conv));
  }
  {
    Conv conv;
    conv.nodes[0].options_type = schema::OptionsType::Pool2DOptions;
    ExpectRule("options_own", At(StatusCode::kForeignOptions, 0), Allocate(conv));
  }
  for (const int stride : {0, -1, 32768}) {
    Conv conv;
    conv.SetOptions(stride, schema::ActivationFunctionType::NONE);
    ExpectRule("options_range", At(StatusCode::kBadOptions, 0), Allocate(conv));
  }
  {
    Conv conv;
    conv.SetOptions(1, static_cast<schema::ActivationFunctionType>(99));
    ExpectRule("options_range", At(StatusCode::kBadOptions, 0), Allocate(conv));
  }
  {
    ModelBuilder joined;
    joined.inputs = {joined.Activation({2}), joined.Activation({2})};
    joined.outputs = {joined.Activation({4})};
    Set(joined.Node(BuiltinOp::kConcatenation, joined.inputs, joined.outputs),
        schema::OptionsType::ConcatenationOptions,
        schema::CreateConcatenationOptions(joined.fbb, 0, schema::ActivationFunctionType::RELU)
            .Union());
    ExpectRule("options_supported", At(StatusCode::kUnsupportedOption, 0), Allocate(joined));
  }
}

TEST(Rules, OfQuantization) {
  {
    Conv conv;
    conv.tensors[Conv::kFilter].scales = {1.f, 1.f};
    ExpectRule("scale_count", At(StatusCode::kBadQuantization, 0, Operand::Input(1)),
               Allocate(conv));
  }
  {
    Conv conv;
    conv.tensors[Conv::kX].scales = {};
    ExpectRule("scale_count", At(StatusCode::kBadQuantization, 0, Operand::Input(0)),
               Allocate(conv));
  }
  for (const float scale : {0.f, -1.f, std::numeric_limits<float>::infinity(), -0.f}) {
    Conv conv;
    conv.tensors[Conv::kX].scales = {scale};
    ExpectRule("scale_range", At(StatusCode::kBadScale, 0, Operand::Input(0)), Allocate(conv));
  }
  for (const int64_t zero_point : {int64_t{128}, INT64_MAX, INT64_MIN, int64_t{1} << 32}) {
    Conv conv;
    conv.tensors[Conv::kX].zero_points = {zero_point};
    ExpectRule("zero_point_range", At(StatusCode::kBadZeroPoint, 0, Operand::Input(0)),
               Allocate(conv));
  }
  for (const int32_t dimension : {1, 3, 77, -1}) {
    Conv conv;
    conv.tensors[Conv::kFilter].scales = {1.f, 1.f, 1.f};
    conv.tensors[Conv::kFilter].quantized_dimension = dimension;
    ExpectRule("scale_dimension", At(StatusCode::kBadQuantizedDimension, 0, Operand::Input(1)),
               Allocate(conv));
  }
}

TEST(Rules, OfGraphs) {
  {
    Reshapes reshapes(1);
    std::swap(reshapes.nodes[0], reshapes.nodes[1]);
    ExpectRule("written_first", At(StatusCode::kNotWritten, 0, Operand::Input(0)),
               Allocate(reshapes));
  }
  {
    Reshapes reshapes;
    reshapes.outputs = {reshapes.Activation({4})};
    ExpectRule("written_first", AtTensor(StatusCode::kNotWritten, 2), Allocate(reshapes));
  }
  {
    Reshapes reshapes;
    reshapes.nodes.push_back(reshapes.nodes[0]);
    ExpectRule("written_once", At(StatusCode::kWrittenTwice, 1, Operand::Output(0)),
               Allocate(reshapes));
  }
  {
    Reshapes reshapes(1);
    reshapes.tensors[2].shape = {4};
    reshapes.nodes[1].outputs = {0};
    ExpectRule("inputs_kept", At(StatusCode::kWritesInput, 1, Operand::Output(0)),
               Allocate(reshapes));
  }
  {
    Reshapes reshapes;
    reshapes.tensors[1].data.resize(4);
    ExpectRule("constants_kept", At(StatusCode::kWritesConstant, 0, Operand::Output(0)),
               Allocate(reshapes));
  }
  {
    Reshapes reshapes;
    reshapes.tensors[1].is_variable = true;
    ExpectRule("constants_kept", At(StatusCode::kWritesConstant, 0, Operand::Output(0)),
               Allocate(reshapes));
  }
  {
    Conv conv;
    conv.inputs = {Conv::kFilter};
    conv.nodes[0].inputs[0] = Conv::kX;
    ExpectRule("input_kinds", AtTensor(StatusCode::kBadGraph, Conv::kFilter), Allocate(conv));
  }
  {
    Variable variable;
    variable.nodes.erase(variable.nodes.begin());
    ExpectRule("input_kinds", At(StatusCode::kBadGraph, 0, Operand::Input(0)), Allocate(variable));
  }
}

TEST(Rules, OfSubgraphs) {
  {
    Loop loop;
    Set(loop.nodes[0], schema::OptionsType::WhileOptions,
        schema::CreateWhileOptions(loop.fbb, 1, 7).Union());
    ExpectRule("subgraph_index", At(StatusCode::kBadIndex, 0), Allocate(loop));
  }
  {
    Loop loop;
    GraphBuilder& body = loop.Subgraph();
    body.inputs = {body.Activation({1}, TensorType::kBool)};
    body.outputs = {body.Activation({1}, TensorType::kBool)};
    loop.While(body, 0, 1, 3);
    Set(loop.nodes[0], schema::OptionsType::WhileOptions,
        schema::CreateWhileOptions(loop.fbb, 1, 3).Union());
    ExpectRule("call_depth", At(StatusCode::kTooDeep, 1), Allocate(loop));
  }
  {
    Loop loop;
    GraphBuilder& body = loop.Subgraph();
    body.inputs = body.outputs = {body.Activation({1}, TensorType::kBool)};
    body.Activation({1}, TensorType::kBool);
    body.tensors[1].is_variable = true;
    Set(loop.nodes[0], schema::OptionsType::WhileOptions,
        schema::CreateWhileOptions(loop.fbb, 1, 3).Union());
    ExpectRule("subgraph_variables", AtTensor(StatusCode::kUnsupportedOption, 5), Allocate(loop));
  }
  {
    Loop loop;
    GraphBuilder& body = loop.Subgraph();
    body.inputs = {body.Activation({1}, TensorType::kBool)};
    const int yes = body.Constant({}, {1}, TensorType::kBool);
    const int extents = body.Activation({1}, TensorType::kInt32);
    const int twice = body.Activation({1}, TensorType::kInt32);
    body.outputs = {body.Activation({1}, TensorType::kBool)};  // which has 2
    Set(body.Node(BuiltinOp::kShape, {0}, {extents}), schema::OptionsType::ShapeOptions,
        schema::CreateShapeOptions(loop.fbb, schema::TensorType::INT32).Union());
    Set(body.Node(BuiltinOp::kAdd, {extents, extents}, {twice}), schema::OptionsType::AddOptions,
        schema::CreateAddOptions(loop.fbb).Union());
    body.Node(BuiltinOp::kFill, {twice, yes}, {body.outputs[0]});
    Set(loop.nodes[0], schema::OptionsType::WhileOptions,
        schema::CreateWhileOptions(loop.fbb, 1, 3).Union());
    ExpectRule("subgraph_outputs", AtTensor(StatusCode::kBadShape, 8), Allocate(loop));
  }
  {
    Variable variable;
    GraphBuilder& init = variable.Subgraph();
    const int zeros = init.Constant({2}, std::vector<uint8_t>(8), TensorType::kFloat32);
    const int handle = variable.Handle(init, "of nobody else");
    init.Node(BuiltinOp::kAssignVariable, {handle, zeros}, {});
    Set(variable.Node(BuiltinOp::kCallOnce, {}, {}), schema::OptionsType::CallOnceOptions,
        schema::CreateCallOnceOptions(variable.fbb, 1).Union());
    ExpectRule("subgraph_variables", At(StatusCode::kUnsupportedOption, 5), Allocate(variable));
  }
}

TEST(Rules, OfCallOnce) {
  Variable variable;
  variable.Subgraph();
  ModelBuilder::NodeSpec& call = variable.Node(BuiltinOp::kCallOnce, {}, {});
  EXPECT_TRUE(Allocate(variable) == At(StatusCode::kMissingOptions, 4));
  Set(call, schema::OptionsType::CallOnceOptions,
      schema::CreateCallOnceOptions(variable.fbb, 1).Union());
  EXPECT_TRUE(Allocate(variable).ok());
  call.inputs = {Variable::kX};
  EXPECT_TRUE(Allocate(variable) == At(StatusCode::kBadOperands, 4));
  // In a subgraph, which may be executed often.
  Loop loop;
  GraphBuilder& body = loop.Subgraph();
  loop.Subgraph();
  body.inputs = body.outputs = {body.Activation({1}, TensorType::kBool)};
  Set(body.Node(BuiltinOp::kCallOnce, {}, {}), schema::OptionsType::CallOnceOptions,
      schema::CreateCallOnceOptions(loop.fbb, 4).Union());
  Set(loop.nodes[0], schema::OptionsType::WhileOptions,
      schema::CreateWhileOptions(loop.fbb, 1, 3).Union());
  EXPECT_TRUE(Allocate(loop) == At(StatusCode::kUnsupportedOption, 1));
}

TEST(Rules, OfMemory) {
  {
    Add add({0x0fffffff});
    ExpectRule("plan_size", StatusCode::kTooLarge, Allocate(add));
  }
  {
    Reshapes reshapes;
    reshapes.metadata = {{"OfflineMemoryAllocation", {1, 0, 2, 8, -1}}};
    ExpectRule("offline_plan", AtTensor(StatusCode::kBadOfflinePlan, 0), Allocate(reshapes));
    reshapes.metadata = {{"OfflineMemoryAllocation", {1, 0, 1, -1}}};
    ExpectRule("offline_plan", StatusCode::kBadOfflinePlan, Allocate(reshapes));
  }
}

TEST(Rules, OfAPlanShorterThanItsHeader) {
  Reshapes reshapes;
  reshapes.metadata = {{"midge_plan", {3, 0, 0, 0, 0}}};
  Interpreter interpreter(reshapes.Finish(), kAllOps, arena);
  ExpectRule("plan_header", StatusCode::kBadPlan, interpreter.AllocateTensorsAsPlanned());
}

TEST(Rules, WhileItRuns) {
  {
    ModelBuilder gather;
    gather.inputs = {gather.Activation({3}, TensorType::kInt32)};
    gather.Constant({4}, {1, 2, 3, 4});
    gather.outputs = {gather.Activation({3})};
    Set(gather.Node(BuiltinOp::kGather, {1, 0}, {2}), schema::OptionsType::GatherOptions,
        schema::CreateGatherOptions(gather.fbb, 0, 0).Union());
    Interpreter interpreter(gather.Finish(), kAllOps, arena);
    EXPECT_TRUE(interpreter.AllocateTensors().ok());
    for (const int32_t index : std::initializer_list<int32_t>{-1, 4, INT32_MIN, INT32_MAX}) {
      interpreter.input(0).data<int32_t>()[0] = 0;
      interpreter.input(0).data<int32_t>()[1] = index;
      interpreter.input(0).data<int32_t>()[2] = 3;
      ExpectRule("indices", At(StatusCode::kBadData, 0, Operand::Input(1)), interpreter.Invoke());
    }
  }
  Loop loop;
  Interpreter interpreter(loop.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  interpreter.input(0).data<bool>()[0] = true;
  ExpectRule("rounds", At(StatusCode::kTooManyIterations, 0), interpreter.Invoke());
}

TEST(Rules, OfArenas) {
  Conv conv;
  const Span<const uint8_t> model = conv.Finish();
  Interpreter small(model, kAllOps, {arena, 16});
  ExpectRule("arena_size", StatusCode::kArenaTooSmall, small.AllocateTensors());
  Interpreter odd(model, kAllOps, {arena + 4, sizeof arena - 4});
  ExpectRule("arena_alignment", StatusCode::kArenaMisaligned, odd.AllocateTensors());
}

// A model of one constant of 8 bytes, which are the last of the file, as converters write them.
size_t WriteConstantLast(Span<uint8_t> to) {
  flatbuffers::FlatBufferBuilder fbb;
  const std::vector<uint8_t> data = {1, 2, 3, 4, 5, 6, 7, 8};
  const auto data_vector = fbb.CreateVector(data);  // written from the end
  const std::vector<flatbuffers::Offset<schema::Buffer>> buffers = {
      schema::CreateBuffer(fbb, data_vector)};
  const auto buffer_vector = fbb.CreateVector(buffers);
  const auto shape = fbb.CreateVector(std::vector<int32_t>{8});
  const std::vector<flatbuffers::Offset<schema::Tensor>> tensors = {
      schema::CreateTensor(fbb, shape, schema::TensorType::INT8)};
  const auto tensor_vector = fbb.CreateVector(tensors);
  const std::vector<flatbuffers::Offset<schema::SubGraph>> graphs = {
      schema::CreateSubGraph(fbb, tensor_vector)};
  const auto graph_vector = fbb.CreateVector(graphs);
  const auto codes = fbb.CreateVector(
      std::vector<flatbuffers::Offset<schema::OperatorCode>>{schema::CreateOperatorCode(fbb)});
  fbb.Finish(schema::CreateModel(fbb, 3, codes, graph_vector, 0, buffer_vector),
             schema::ModelIdentifier());
  const size_t size = fbb.GetSize();
  if (!EXPECT_TRUE(size <= to.size())) return 0;
  std::memcpy(to.data(), fbb.GetBufferPointer(), size);
  EXPECT_EQ(to.data()[size - 1], 8);
  return size;
}

// One message per model, different from all others.
class Messages {
 public:
  void Expect(const char* what, Status expected, ModelBuilder& builder) {
    Expect(what, expected, builder.Finish());
  }
  void Expect(const char* what, Status expected, Span<const uint8_t> model) {
    Interpreter interpreter(model, kAllOps, arena);
    const Status status = interpreter.AllocateTensors();
    char text[240];
    std::string line = Describe(status, interpreter, text);
    if (!EXPECT_TRUE(status == expected)) Say(what, line);
    for (const std::string& other : lines_) {
      if (!EXPECT_TRUE(other != line)) Say(what, line);
    }
    lines_.push_back(line);
  }

 private:
  static void Say(const char* what, const std::string& line) {
    midge_test::Print("  ");
    midge_test::Print(what);
    midge_test::Print(": ");
    midge_test::Print(line.c_str());
    midge_test::Print("\n");
  }
  std::vector<std::string> lines_;
};

TEST(Malformed, ModelsThatOthersRun) {
  Messages messages;
  for (const uint32_t version : {0u, 99u}) {
    Conv conv;
    conv.version = version;
    messages.Expect("schema version", StatusCode::kUnsupportedSchemaVersion, conv);
  }
  {
    Conv conv;
    conv.nodes[0].version = 99;
    messages.Expect("op version 99", At(StatusCode::kUnsupportedOpVersion, 0), conv);
  }
  {
    Reshapes reshapes(1);
    std::swap(reshapes.nodes[0], reshapes.nodes[1]);
    messages.Expect("forward reference", At(StatusCode::kNotWritten, 0, Operand::Input(0)),
                    reshapes);
  }
  {
    Reshapes reshapes(1);
    reshapes.nodes[0].inputs = {2};
    messages.Expect("cycle", At(StatusCode::kNotWritten, 0, Operand::Input(0)), reshapes);
  }
  {
    Reshapes reshapes;
    reshapes.nodes.push_back(reshapes.nodes[0]);
    messages.Expect("two writers", At(StatusCode::kWrittenTwice, 1, Operand::Output(0)), reshapes);
  }
  {
    Conv conv;
    conv.tensors[Conv::kY].data.resize(48);
    messages.Expect("constant written", At(StatusCode::kWritesConstant, 0, Operand::Output(0)),
                    conv);
  }
  {
    Reshapes reshapes(1);
    reshapes.tensors[2].shape = {4};
    reshapes.nodes[1].outputs = {0};
    messages.Expect("input written", At(StatusCode::kWritesInput, 1, Operand::Output(0)), reshapes);
  }
  {
    Conv conv;
    conv.tensors[Conv::kFilter].data.resize(5);
    messages.Expect("weights too short", AtTensor(StatusCode::kBadBufferSize, Conv::kFilter), conv);
  }
  {
    Conv conv;
    conv.tensors[Conv::kBias].data.resize(8);
    messages.Expect("bias' data too short", AtTensor(StatusCode::kBadBufferSize, Conv::kBias),
                    conv);
    conv.tensors[Conv::kBias].shape = {2};
    messages.Expect("bias too short", At(StatusCode::kBadShape, 0, Operand::Input(2)), conv);
  }
  {
    Conv conv;
    conv.tensors[Conv::kY].shape = {1, 4, 5, 3};
    messages.Expect("output too wide", At(StatusCode::kBadShape, 0, Operand::Output(0)), conv);
    conv.tensors[Conv::kY].shape = {1, 4, 4, 2};
    messages.Expect("output of other channels", At(StatusCode::kBadShape, 0, Operand::Input(2)),
                    conv);
  }
  {
    Conv conv;
    conv.tensors[Conv::kX].shape = {1, 4, 4, 3};
    messages.Expect("filter of another depth", At(StatusCode::kBadShape, 0, Operand::Input(1)),
                    conv);
  }
  {
    Conv conv;
    conv.nodes[0].options_type = schema::OptionsType::None;
    messages.Expect("no options", At(StatusCode::kMissingOptions, 0), conv);
    conv.nodes[0].options_type = schema::OptionsType::SoftmaxOptions;
    messages.Expect("another op's options", At(StatusCode::kForeignOptions, 0), conv);
  }
  {
    Conv conv;
    conv.SetOptions(1, static_cast<schema::ActivationFunctionType>(99));
    messages.Expect("activation 99", At(StatusCode::kBadOptions, 0), conv);
  }
  for (const int32_t dimension : {77, -1}) {
    Conv conv;
    conv.tensors[Conv::kFilter].scales = {1.f, 1.f, 1.f};
    conv.tensors[Conv::kFilter].quantized_dimension = dimension;
    messages.Expect("quantized_dimension",
                    At(StatusCode::kBadQuantizedDimension, 0, Operand::Input(1)), conv);
  }
  {
    Conv conv;
    conv.tensors[Conv::kX].zero_points = {INT64_MAX};
    messages.Expect("zero point", At(StatusCode::kBadZeroPoint, 0, Operand::Input(0)), conv);
  }
  {
    Conv conv;
    const Span<const uint8_t> bytes = conv.Finish();
    messages.Expect("cut short", StatusCode::kCorruptModel, {bytes.data(), bytes.size() / 2});
  }
  {
    // Its constant is what the file ends with.
    alignas(kArenaAlignment) uint8_t bytes[512];
    const size_t size = WriteConstantLast(bytes);
    EXPECT_TRUE(Model::Verify({bytes, size}).ok());
    messages.Expect("cut inside the last buffer", StatusCode::kCorruptModel, {bytes, size - 1});
    messages.Expect("all but a byte of it gone", StatusCode::kCorruptModel, {bytes, size - 7});
  }
}

TEST(Malformed, ModelsThatCrashOthers) {
  Messages messages;
  messages.Expect("empty file", StatusCode::kNotAModel, Span<const uint8_t>());
  alignas(16) uint8_t flash[64];
  for (const int byte : {0xff, 0x00, 0x55}) {
    std::memset(flash, byte, sizeof flash);
    messages.Expect("erased flash, zeros, others", StatusCode::kNotAModel, flash);
  }
  {
    Conv conv;
    conv.subgraphs = List::kEmpty;
    messages.Expect("no subgraph", StatusCode::kCorruptModel, conv);
  }
  {
    Conv conv;
    conv.op_codes = List::kAbsent;
    messages.Expect("no list of op codes", StatusCode::kCorruptModel, conv);
    conv.op_codes = List::kEmpty;
    messages.Expect("no op codes", At(StatusCode::kBadIndex, 0), conv);
  }
  {
    Conv conv;
    conv.buffers = List::kAbsent;
    messages.Expect("no list of buffers", StatusCode::kCorruptModel, conv);
    conv.buffers = List::kEmpty;
    messages.Expect("no buffers", AtTensor(StatusCode::kBadIndex, 0), conv);
  }
  {
    Conv conv;
    conv.tensors.clear();
    messages.Expect("no tensors", At(StatusCode::kBadIndex, 0, Operand::Input(0)), conv);
  }
  {
    Conv conv;
    conv.inputs.clear();
    messages.Expect("no graph inputs", At(StatusCode::kNotWritten, 0, Operand::Input(0)), conv);
  }
  {
    Conv conv;
    conv.nodes[0].inputs.clear();
    messages.Expect("no inputs", At(StatusCode::kMissingKernel, 0, Operand::Input(0)), conv);
  }
  {
    Add add;
    add.nodes[0].outputs.clear();
    messages.Expect("no outputs", At(StatusCode::kBadOperands, 0), add);
  }
  {
    Conv conv;
    conv.tensors[Conv::kFilter].buffer = 99;
    messages.Expect("buffer 99", AtTensor(StatusCode::kBadIndex, Conv::kFilter), conv);
  }
  {
    Conv conv;
    conv.nodes[0].opcode_index = 7;
    messages.Expect("op code 7", At(StatusCode::kBadIndex, 0), conv);
  }
  for (const int32_t index : std::initializer_list<int32_t>{4, -2, INT32_MAX}) {
    Conv conv;
    conv.nodes[0].inputs[2] = index;
    messages.Expect("operand", At(StatusCode::kBadIndex, 0, Operand::Input(2)), conv);
    Conv graph;
    graph.inputs = {index};
    messages.Expect("graph input", StatusCode::kBadIndex, graph);
    Conv output;
    output.outputs = {index};
    messages.Expect("graph output", StatusCode::kBadIndex, output);
  }
  for (const size_t rank : {size_t{7}, size_t{300}}) {
    Conv conv;
    conv.tensors[Conv::kX].shape.resize(rank, 1);
    messages.Expect("rank", AtTensor(StatusCode::kTooLarge, Conv::kX), conv);
  }
  {
    Conv conv;
    conv.tensors[Conv::kX].shape = {0x40000000, 0x40000000, 16, 4};
    messages.Expect("overflow", AtTensor(StatusCode::kTooLarge, Conv::kX), conv);
    conv.tensors[Conv::kX].shape = {1, -4, 4, 2};
    messages.Expect("negative", AtTensor(StatusCode::kBadShape, Conv::kX), conv);
  }
  {
    Loop loop;
    Set(loop.nodes[0], schema::OptionsType::WhileOptions,
        schema::CreateWhileOptions(loop.fbb, 1, 0).Union());
    messages.Expect("a WHILE of itself", At(StatusCode::kBadIndex, 0), loop);
  }
}

// What was found, what is needed, what to do.
TEST(Describe, SaysWhatIsNeeded) {
  char text[240];
  const auto describe = [&](ModelBuilder& builder, const OpResolverView& ops) {
    Interpreter interpreter(builder.Finish(), ops, arena);
    return Describe(interpreter.AllocateTensors(), interpreter, text);
  };
  {
    Conv conv;
    EXPECT_STREQ(describe(conv, OpResolver{&kAdd}),
                 "node 0 (CONV_2D): its op is not in the resolver; register midge::kConv2D");
    conv.nodes[0].code = 120;
    EXPECT_STREQ(
        describe(conv, OpResolver{&kAdd}),
        "node 0 (NON_MAX_SUPPRESSION_V4): its op is not in the resolver, and Midge has none; "
        "write it as an Op of your own");
  }
  {
    Conv conv;
    conv.tensors[Conv::kX].type = TensorType::kInt16;
    EXPECT_STREQ(describe(conv, OpResolver{&kConv2DInt8, &kConv2DFloat32}),
                 "node 0 (CONV_2D), input 0 [t0, INT16 1x4x4x2]: the resolver has its op, but not "
                 "for this type; its rows take INT8, FLOAT32; register midge::kConv2D for all "
                 "types that Midge has");
  }
  {
    Conv conv;
    conv.tensors[Conv::kY].type = TensorType::kInt16;
    EXPECT_STREQ(describe(conv, kAllOps),
                 "node 0 (CONV_2D), output 0 [t3, INT16 1x4x4x3]: has a type that this op does not "
                 "take; needs INT8");
  }
  {
    Conv conv;
    conv.tensors[Conv::kFilter].scales = {1.f, 1.f};
    EXPECT_STREQ(describe(conv, kAllOps),
                 "node 0 (CONV_2D), input 1 [t1, INT8 3x1x1x2]: has scales or zero points that are "
                 "missing, of the wrong number, or of no use to the op; it has 2 scales and 1 zero "
                 "point; needs 3 scales");
  }
  {
    Conv conv;
    conv.tensors[Conv::kX].shape = {4, 4, 2};
    EXPECT_STREQ(describe(conv, kAllOps),
                 "node 0 (CONV_2D), input 0 [t0, INT8 4x4x2]: has a shape that does not fit the "
                 "op; needs 4 dimensions");
  }
  {
    Conv conv;
    conv.tensors[Conv::kX].shape = {1, 4, 4, 3};
    EXPECT_STREQ(describe(conv, kAllOps),
                 "node 0 (CONV_2D), input 1 [t1, INT8 3x1x1x2]: has a shape that does not fit the "
                 "op; beside input 0 [t0, INT8 1x4x4x3], input 2 [t2, INT32 3], output 0 [t3, INT8 "
                 "1x4x4x3]");
  }
  {
    Conv conv;
    conv.tensors[Conv::kX].scales = {std::numeric_limits<float>::quiet_NaN()};
    EXPECT_STREQ(describe(conv, kAllOps),
                 "node 0 (CONV_2D), input 0 [t0, INT8 1x4x4x2]: has a scale that is not above zero "
                 "and finite, or not what the op fixes; scale 0 is not a number");
  }
}

TEST(Describe, KnowsTheNamesOfAllOps) {
  const OpResolverView all = kAllOps;
  for (int i = 0; i < all.count(); ++i) {
    char symbol[40];
    EXPECT_TRUE(OpSymbol(all.row(i).code, symbol)[0] == 'k');
  }
  char symbol[40];
  EXPECT_STREQ(OpSymbol(BuiltinOp::kL2Normalization, symbol), "kL2Normalization");
  EXPECT_STREQ(OpSymbol(BuiltinOp::kTopKV2, symbol), "kTopKV2");
  EXPECT_STREQ(OpSymbol(BuiltinOp::kReluN1To1, symbol), "kReluN1To1");
  EXPECT_STREQ(OpSymbol(BuiltinOp::kCustom, symbol), "");
}

void ExpectRuns(ModelBuilder& builder) {
  Interpreter interpreter(builder.Finish(), kAllOps, arena);
  if (!EXPECT_TRUE(interpreter.AllocateTensors().ok())) {
    char text[200];
    midge_test::Print(Describe(interpreter.AllocateTensors(), interpreter, text));
    midge_test::Print("\n");
    return;
  }
  for (int i = 0; i < interpreter.input_count(); ++i) {
    const Span<uint8_t> bytes = interpreter.input(i).mutable_bytes();
    if (!bytes.empty()) std::memset(bytes.data(), 0, bytes.size());
  }
  EXPECT_TRUE(interpreter.Invoke().ok());
}

// The model begins 4 bytes behind a multiple of 16, so everything in it is aligned to 4 bytes only.
TEST(Healthy, ConstantsAlignedToFourBytes) {
  Conv conv;
  const Span<const uint8_t> bytes = conv.Finish();
  std::vector<uint64_t> storage(bytes.size() / 8 + 4);
  auto* moved = reinterpret_cast<uint8_t*>(storage.data());
  while (reinterpret_cast<uintptr_t>(moved) % 16 != 4) moved += 4;
  std::memcpy(moved, bytes.data(), bytes.size());
  Interpreter interpreter({moved, bytes.size()}, kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  std::memset(interpreter.input(0).mutable_bytes().data(), 1, 32);
  EXPECT_TRUE(interpreter.Invoke().ok());
  EXPECT_EQ(interpreter.output(0).data<int8_t>()[2], 11);
}

// Buffer 1 has no data; the activations name it, all of them.
TEST(Healthy, ActivationsOfAnEmptyBuffer) {
  Add add;
  add.metadata = {{"of no bytes", {}}};
  for (auto& tensor : add.tensors) tensor.buffer = 1;
  ExpectRuns(add);
}

TEST(Healthy, UnknownBatchInTheSignature) {
  Conv conv;
  conv.tensors[Conv::kX].shape_signature = {-1, 4, 4, 2};
  conv.tensors[Conv::kY].shape_signature = {-1, 4, 4, 3};
  ExpectRuns(conv);
}

TEST(Healthy, NoOptionsWhereNobodyReadsThem) {
  Reshapes reshapes(2);
  ExpectRuns(reshapes);
  for (const BuiltinOp code :
       {BuiltinOp::kLogistic, BuiltinOp::kTanh, BuiltinOp::kRelu, BuiltinOp::kQuantize}) {
    ModelBuilder builder;
    const bool sigmoid = code == BuiltinOp::kLogistic;
    const float scale = sigmoid ? 1.f / 256 : code == BuiltinOp::kTanh ? 1.f / 128 : 1.f;
    builder.inputs = {builder.Activation({4})};
    builder.outputs = {builder.Activation({4}, TensorType::kInt8, scale, sigmoid ? -128 : 0)};
    builder.Node(code, builder.inputs, builder.outputs);
    ExpectRuns(builder);
  }
  for (const BuiltinOp code : {BuiltinOp::kFloor, BuiltinOp::kRelu}) {
    ModelBuilder builder;
    builder.inputs = {builder.Activation({4}, TensorType::kFloat32)};
    builder.outputs = {builder.Activation({4}, TensorType::kFloat32)};
    builder.Node(code, builder.inputs, builder.outputs);
    ExpectRuns(builder);
  }
  {
    ModelBuilder builder;
    builder.inputs = {builder.Activation({4})};
    builder.outputs = {builder.Activation({4}, TensorType::kFloat32)};
    builder.Node(BuiltinOp::kDequantize, builder.inputs, builder.outputs);
    ExpectRuns(builder);
  }
  {
    ModelBuilder builder;
    builder.inputs = {builder.Activation({4, 2})};
    builder.outputs = {builder.Activation({2}, TensorType::kInt32)};
    builder.Node(BuiltinOp::kShape, builder.inputs, builder.outputs);
    ExpectRuns(builder);
  }
  {
    ModelBuilder builder;
    builder.inputs = {builder.Activation({4}, TensorType::kFloat32)};
    builder.Constant({1}, std::vector<uint8_t>(4), TensorType::kFloat32);
    builder.outputs = {builder.Activation({4}, TensorType::kFloat32)};
    builder.Node(BuiltinOp::kPrelu, {0, 1}, builder.outputs);
    ExpectRuns(builder);
  }
  Variable variable;  // READ_VARIABLE and ASSIGN_VARIABLE have none
  ExpectRuns(variable);
  Variable nameless;
  nameless.nodes[0].options_type = schema::OptionsType::None;  // VAR_HANDLE
  ExpectRuns(nameless);
}

TEST(Healthy, OpCodesInEitherField) {
  using Code = ModelBuilder::NodeSpec::Code;
  constexpr Code kFields[] = {Code::kNarrow, Code::kBoth};
  for (const Code where : kFields) {
    Conv conv;
    conv.nodes[0].where = where;
    ExpectRuns(conv);
  }
  // Above 127: the narrow field says 127.
  ModelBuilder builder;
  builder.inputs = {builder.Activation({4}, TensorType::kFloat32)};
  builder.outputs = {builder.Activation({4}, TensorType::kFloat32)};
  builder.Node(BuiltinOp::kGelu, builder.inputs, builder.outputs);
  Set(builder.nodes[0], schema::OptionsType::GeluOptions,
      schema::CreateGeluOptions(builder.fbb).Union());
  builder.nodes[0].where = Code::kBoth;
  ExpectRuns(builder);
}

// With a state that nobody wrote, and without the optional bias.
TEST(Healthy, VariablesThatNobodyWroteAndAbsentInputs) {
  Svdf svdf;
  ExpectRuns(svdf);
}

// float32 LSTM: a gate's peephole, projection and normalization are absent, intermediates have no
// elements, and an input whose quantization nobody reads has a scale of 0.
TEST(Healthy, AnLstmAsConvertersWriteIt) {
  constexpr int kSteps = 3, kInputs = 2, kCells = 4;
  ModelBuilder lstm;
  const auto weights = [&](std::vector<int32_t> shape) {
    int32_t count = 1;
    for (const int32_t extent : shape) count *= extent;
    return lstm.Constant(std::move(shape), std::vector<uint8_t>(static_cast<size_t>(count) * 4),
                         TensorType::kFloat32, 0.f);
  };
  lstm.inputs = {lstm.Activation({1, kSteps, kInputs}, TensorType::kFloat32, 0.f)};
  std::vector<int32_t> operands = lstm.inputs;
  for (int gate = 0; gate < 4; ++gate) operands.push_back(weights({kCells, kInputs}));
  for (int gate = 0; gate < 4; ++gate) operands.push_back(weights({kCells, kCells}));
  for (int i = 0; i < 3; ++i) operands.push_back(-1);  // peephole
  for (int gate = 0; gate < 4; ++gate) operands.push_back(weights({kCells}));
  for (int i = 0; i < 2; ++i) operands.push_back(-1);  // projection
  for (int state = 0; state < 2; ++state) {
    operands.push_back(lstm.Activation({1, kCells}, TensorType::kFloat32));
    lstm.tensors.back().is_variable = true;
  }
  for (int i = 0; i < 4; ++i) operands.push_back(-1);  // normalization
  lstm.outputs = {lstm.Activation({1, kSteps, kCells}, TensorType::kFloat32)};
  Set(lstm.Node(BuiltinOp::kUnidirectionalSequenceLstm, operands, lstm.outputs),
      schema::OptionsType::UnidirectionalSequenceLSTMOptions,
      schema::CreateUnidirectionalSequenceLSTMOptions(lstm.fbb,
                                                      schema::ActivationFunctionType::TANH)
          .Union());
  for (int i = 0; i < 5; ++i) {
    lstm.nodes[0].intermediates.push_back(lstm.Activation({0}, TensorType::kFloat32));
  }
  ExpectRuns(lstm);
  lstm.nodes[0].inputs[9] = weights({kCells});  // a peephole that Midge has not
  EXPECT_TRUE(Allocate(lstm) == At(StatusCode::kUnsupportedOption, 0, Operand::Input(9)));
}

TEST(Healthy, TensorsThatNothingUsesAndBuffersThatAreShared) {
  Conv conv;
  const int unused = conv.Activation({0}, TensorType::kFloat32, 0.f);
  conv.tensors[static_cast<size_t>(unused)].zero_points = {INT64_MAX};
  conv.Activation({1, 1, 1, 1, 1, 1, 1, 1});  // of a rank that no node could take
  const int twin = conv.Constant({3, 1, 1, 2}, {});
  conv.tensors[static_cast<size_t>(twin)].buffer = 1;  // the filter's
  const int z = conv.Activation({1, 4, 4, 3});
  conv.nodes.push_back(conv.nodes[0]);
  conv.nodes[1].inputs[1] = twin;
  conv.nodes[1].outputs = {z};
  conv.outputs.push_back(z);
  ExpectRuns(conv);
}

TEST(Healthy, QuantizationThatNobodyReads) {
  Conv conv;
  conv.tensors[Conv::kBias].scales = {1.f, 1.f, 1.f};
  conv.tensors[Conv::kBias].quantized_dimension = 3;  // of rank 1
  conv.tensors[Conv::kFilter].zero_points = {INT64_MIN};
  ExpectRuns(conv);
}

TEST(Healthy, IntegersWithoutQuantization) {
  for (const TensorType type : {TensorType::kInt16, TensorType::kInt8}) {
    ModelBuilder builder;
    builder.inputs = {builder.Activation({4}, type)};
    builder.outputs = {builder.Activation({2, 2}, type)};
    for (auto& tensor : builder.tensors) {
      tensor.scales.clear();
      tensor.zero_points.clear();
    }
    builder.Node(BuiltinOp::kReshape, {0}, {1});
    ExpectRuns(builder);
  }
}

TEST(Healthy, AGraphInputThatIsAlsoAnOutput) {
  Reshapes reshapes;
  reshapes.outputs.push_back(0);
  ExpectRuns(reshapes);
}

}  // namespace
}  // namespace midge
