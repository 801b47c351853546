// SPDX-License-Identifier: Apache-2.0
//
// Subgraphs and variables: what the conformance corpus cannot hold, because the field's runtime
// loops for ever or crashes.
#include "midge/all_ops.h"
#include "midge/midge.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::GraphBuilder;
using midge_test::ModelBuilder;

alignas(kArenaAlignment) uint8_t arena[4096];

// while (condition(x)) x = body(x), of one bool.
struct Loop : ModelBuilder {
  Loop() {
    inputs = {Activation({1}, TensorType::kBool)};
    outputs = {Activation({1}, TensorType::kBool)};
    NodeSpec& node = Node(BuiltinOp::kWhile, inputs, outputs);
    node.options_type = schema::OptionsType::WhileOptions;
    node.options = schema::CreateWhileOptions(fbb, 1, 2).Union();
    // The condition is what it is given; the body gives what it gets.
    GraphBuilder& condition = Subgraph();
    condition.inputs = condition.outputs = {condition.Activation({1}, TensorType::kBool)};
    GraphBuilder& body = Subgraph();
    body.inputs = body.outputs = {body.Activation({1}, TensorType::kBool)};
  }
};

TEST(ControlFlow, ALoopThatNeverEndsIsStopped) {
  Loop loop;
  Interpreter interpreter(loop.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  interpreter.input(0).data<bool>()[0] = false;
  EXPECT_TRUE(interpreter.Invoke().ok());
  EXPECT_TRUE(!interpreter.output(0).data<bool>()[0]);
  interpreter.input(0).data<bool>()[0] = true;
  EXPECT_TRUE(interpreter.Invoke() == Status(StatusCode::kTooManyIterations, 0, Operand::None()));
  // And not for good.
  interpreter.input(0).data<bool>()[0] = false;
  EXPECT_TRUE(interpreter.Invoke().ok());
}

TEST(ControlFlow, ErrorsInSubgraphsAreNumberedOn) {
  {
    Loop loop;
    GraphBuilder& more = loop.Subgraph();
    more.Activation({1});
    more.tensors[0].buffer = 99;
    Interpreter interpreter(loop.Finish(), kAllOps, arena);
    // Two tensors of the main graph, one of each other.
    EXPECT_TRUE(interpreter.AllocateTensors() == Status::AtTensor(StatusCode::kBadIndex, 4));
  }
  {
    Loop loop;
    loop.nodes[0].options = schema::CreateWhileOptions(loop.fbb, 1, 3).Union();
    GraphBuilder& body = loop.Subgraph();
    const int x = body.Activation({1}, TensorType::kBool),
              y = body.Activation({1}, TensorType::kBool);
    body.inputs = {x};
    body.outputs = {y};
    body.Custom("unknown", {x}, {y});
    Interpreter interpreter(loop.Finish(), kAllOps, arena);
    EXPECT_TRUE(interpreter.AllocateTensors() ==
                Status(StatusCode::kMissingOp, 1, Operand::None()));
    char text[160];
    EXPECT_STREQ(
        Describe(interpreter.AllocateTensors(), interpreter, text),
        "node 0 of subgraph 3 (custom op unknown): its op is not in the resolver; register an Op "
        "with this custom_name");
  }
}

TEST(ControlFlow, GraphsThatCallThemselvesAreRefused) {
  Loop loop;
  loop.nodes[0].options = schema::CreateWhileOptions(loop.fbb, 1, 3).Union();
  GraphBuilder& body = loop.Subgraph();
  const int x = body.Activation({1}, TensorType::kBool),
            y = body.Activation({1}, TensorType::kBool);
  body.inputs = {x};
  body.outputs = {y};
  GraphBuilder::NodeSpec& node = body.Node(BuiltinOp::kWhile, {x}, {y});
  node.options_type = schema::OptionsType::WhileOptions;
  node.options = schema::CreateWhileOptions(loop.fbb, 1, 3).Union();
  Interpreter interpreter(loop.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors() == Status(StatusCode::kTooDeep, 1, Operand::None()));
}

TEST(ControlFlow, OperandsMustBeLikeThoseOfTheSubgraph) {
  Loop loop;
  loop.tensors[0].type = TensorType::kInt8;
  Interpreter interpreter(loop.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors() ==
              Status(StatusCode::kUnsupportedType, 0, Operand::Input(0)));
}

// x is added to a variable; y is the sum.
struct Accumulator : ModelBuilder {
  Accumulator() {
    const int x = Activation({2}, TensorType::kFloat32);
    const int before = Activation({2}, TensorType::kFloat32);
    const int y = Activation({2}, TensorType::kFloat32);
    inputs = {x};
    outputs = {y};
    const int handle = Handle(*this);
    Node(BuiltinOp::kReadVariable, {handle}, {before});
    NodeSpec& add = Node(BuiltinOp::kAdd, {before, x}, {y});
    add.options_type = schema::OptionsType::AddOptions;
    add.options = schema::CreateAddOptions(fbb).Union();
    Node(BuiltinOp::kAssignVariable, {handle, y}, {});
  }
  int Handle(GraphBuilder& graph) {
    const int handle = graph.Activation({1}, TensorType::kResource);
    NodeSpec& node = graph.Node(BuiltinOp::kVarHandle, {}, {handle});
    node.options_type = schema::OptionsType::VarHandleOptions;
    node.options = schema::CreateVarHandleOptions(fbb, 0, fbb.CreateString("total")).Union();
    return handle;
  }
};

float Feed(Interpreter& interpreter, float value) {
  interpreter.input(0).data<float>()[1] = value;
  return interpreter.Invoke().ok() ? interpreter.output(0).data<float>()[1] : -1.f;
}

TEST(Variables, ResetClearsThem) {
  Accumulator accumulator;
  Interpreter interpreter(accumulator.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_EQ(Feed(interpreter, 1.f), 1.f);
  EXPECT_EQ(Feed(interpreter, 2.f), 3.f);
  EXPECT_TRUE(interpreter.Reset().ok());
  EXPECT_EQ(Feed(interpreter, 5.f), 5.f);
}

TEST(Variables, ResetInitializesThemAgain) {
  Accumulator accumulator;
  GraphBuilder& init = accumulator.Subgraph();
  const std::vector<uint8_t> sevens = {0, 0, 0xe0, 0x40, 0, 0, 0xe0, 0x40};
  const int seven = init.Constant({2}, sevens, TensorType::kFloat32);
  const int handle = accumulator.Handle(init);
  init.Node(BuiltinOp::kAssignVariable, {handle, seven}, {});
  ModelBuilder::NodeSpec& call = accumulator.Node(BuiltinOp::kCallOnce, {}, {});
  call.options_type = schema::OptionsType::CallOnceOptions;
  call.options = schema::CreateCallOnceOptions(accumulator.fbb, 1).Union();
  Interpreter interpreter(accumulator.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_EQ(Feed(interpreter, 1.f), 8.f);
  EXPECT_EQ(Feed(interpreter, 1.f), 9.f);
  EXPECT_TRUE(interpreter.Reset().ok());
  EXPECT_EQ(Feed(interpreter, 1.f), 8.f);
}

TEST(Variables, AllUsesHaveOneShape) {
  Accumulator accumulator;
  accumulator.tensors[1].shape = {3};
  accumulator.tensors[2].shape = {3};
  accumulator.tensors[0].shape = {3};
  const int other = accumulator.Activation({2}, TensorType::kFloat32);
  accumulator.Node(BuiltinOp::kReadVariable, {3}, {other});
  Interpreter interpreter(accumulator.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors() ==
              Status(StatusCode::kBadShape, 4, Operand::Output(0)));
}

TEST(Variables, AHandleComesFromItsOp) {
  Accumulator accumulator;
  accumulator.nodes.erase(accumulator.nodes.begin());
  Interpreter interpreter(accumulator.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors() == Status(StatusCode::kBadGraph, 0, Operand::Input(0)));
}

}  // namespace
}  // namespace midge
