// SPDX-License-Identifier: Apache-2.0
//
// What a caller can do wrong or in an unusual order: each call has a defined Status, and does no
// harm to what follows.
#include <initializer_list>
#include <vector>

#include "midge/all_ops.h"
#include "midge/midge.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::GraphBuilder;
using midge_test::ModelBuilder;

// step: output = input + 1, unless it is to fail.
Status prepare_status, eval_status;
int evals_left = -1;  // that succeed before eval_status comes; -1: all

Status StepPrepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  context.NewState<int32_t>() = context.input(0).shape().elements();
  return prepare_status;
}
Status StepEval(const EvalContext& context, Rows) {
  if (evals_left == 0) return eval_status;
  if (evals_left > 0) --evals_left;
  for (int32_t i = 0; i < context.state<int32_t>(); ++i) {
    context.output<int8_t>(0)[i] = static_cast<int8_t>(context.input<int8_t>(0)[i] + 1);
  }
  return {};
}
constexpr Op kStep = {BuiltinOp::kCustom, TensorType::kInt8, 0,      "step",
                      StepPrepare,        StepEval,          nullptr};
constexpr OpResolver kSteps{&kStep};
constexpr OpResolver kOthers{&kAdd};

// x -> step -> step -> step -> y, 24 elements each.
constexpr int kNodes = 3;
struct Chain : ModelBuilder {
  Chain() {
    inputs = {Activation({24})};
    for (int n = 0; n < kNodes; ++n) Custom("step", {n}, {Activation({24})});
    outputs = {kNodes};
  }
};

alignas(kArenaAlignment) uint8_t arena[2048], other_arena[2048];

void Fill(Interpreter& interpreter, int value) {
  const Span<uint8_t> bytes = interpreter.input(0).mutable_bytes();
  std::memset(bytes.data(), value, bytes.size());
}
void ExpectOutput(const Interpreter& interpreter, int value) {
  for (const int8_t y : interpreter.output(0).data<const int8_t>()) {
    if (!EXPECT_EQ(int32_t{y}, value)) return;
  }
}
void ExpectWorks(Interpreter& interpreter) {
  Fill(interpreter, 4);
  EXPECT_TRUE(interpreter.Invoke().ok());
  ExpectOutput(interpreter, 4 + kNodes);
}

bool GoOn(void*, const Interpreter&, Monitor::Moment, int) { return true; }

// Every call that needs tensors says that there are none.
void ExpectNotAllocated(Interpreter& interpreter) {
  const int8_t elements[2] = {};
  EXPECT_TRUE(interpreter.Invoke() == StatusCode::kNotAllocated);
  EXPECT_TRUE(interpreter.Invoke({GoOn, nullptr}) == StatusCode::kNotAllocated);
  EXPECT_TRUE(interpreter.Reset() == StatusCode::kNotAllocated);
  EXPECT_TRUE(interpreter.RestartRows() == StatusCode::kNotAllocated);
  EXPECT_TRUE(!interpreter.InvokeRows(Span<const int8_t>(elements)).ok());
  EXPECT_TRUE(interpreter.next_rows<int8_t>().empty());
  EXPECT_EQ(interpreter.input_bytes_left(), size_t{0});
  for (const TensorView& view :
       {interpreter.input(0), interpreter.output(0), interpreter.tensor(1)}) {
    EXPECT_TRUE(!view.has_data() && view.bytes().empty() && view.data<int8_t>().empty());
  }
  EXPECT_TRUE(interpreter.region(1) == Region::kNone);
}

TEST(Misuse, CallsBeforeAllocateTensors) {
  Chain chain;
  const Span<const uint8_t> model = chain.Finish();
  Interpreter of_bytes(model, kSteps, arena), of_model(*Model::Verify(model), kSteps, arena);
  for (Interpreter* interpreter : {&of_bytes, &of_model}) {
    EXPECT_EQ(interpreter->arena_used_bytes(), size_t{0});
    ExpectNotAllocated(*interpreter);
    EXPECT_TRUE(interpreter->AllocateTensors().ok());
    ExpectWorks(*interpreter);
  }
}

TEST(Misuse, CallsAfterAFailedAllocateTensors) {
  Chain chain;
  const Span<const uint8_t> model = chain.Finish();
  Interpreter small(model, kSteps, {arena, 16});
  EXPECT_TRUE(small.AllocateTensors() == StatusCode::kArenaTooSmall);
  ExpectNotAllocated(small);
  Interpreter no_ops(model, kOthers, arena);
  EXPECT_TRUE(no_ops.AllocateTensors().code() == StatusCode::kMissingOp);
  ExpectNotAllocated(no_ops);
  Interpreter no_model({model.data(), 100}, kSteps, arena);
  EXPECT_TRUE(no_model.AllocateTensors() == StatusCode::kCorruptModel);
  ExpectNotAllocated(no_model);
  EXPECT_EQ(no_model.input_count(), 0);
  EXPECT_EQ(no_model.output_count(), 0);
  // Failing once takes away what succeeded before, and is not for good.
  Interpreter interpreter(model, kSteps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_TRUE(interpreter.AllocateTensorsAsPlanned() == StatusCode::kNoPlan);
  ExpectNotAllocated(interpreter);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  ExpectWorks(interpreter);
}

TEST(Misuse, AllocateTensorsTwice) {
  Chain chain;
  Interpreter interpreter(chain.Finish(), kSteps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  const size_t needed = interpreter.arena_used_bytes();
  std::vector<uint8_t> program(arena, arena + interpreter.arena_usage().program_bytes);
  ExpectWorks(interpreter);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_EQ(interpreter.arena_used_bytes(), needed);
  EXPECT_TRUE(std::memcmp(arena, program.data(), program.size()) == 0);
  ExpectWorks(interpreter);
  ExpectWorks(interpreter);
}

TEST(Misuse, IndicesOutOfRange) {
  Chain chain;
  Interpreter interpreter(chain.Finish(), kSteps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  for (const int32_t i : std::initializer_list<int32_t>{-1, 1, INT32_MAX, INT32_MIN}) {
    for (const TensorView& view : {interpreter.input(i), interpreter.output(i),
                                   interpreter.tensor(i == 1 ? kNodes + 1 : i)}) {
      EXPECT_TRUE(!view.has_data() && view.size_bytes() == 0 && view.shape().rank() == 0);
      EXPECT_TRUE(view.type() == TensorType::kAny && view.data<int8_t>().empty());
      EXPECT_EQ(view.scale(), 0.f);
      EXPECT_EQ(view.zero_point(), 0);
    }
    EXPECT_TRUE(interpreter.region(i == 1 ? kNodes + 1 : i) == Region::kNone);
  }
  // And the wrong type.
  EXPECT_TRUE(interpreter.input(0).data<float>().empty());
  EXPECT_TRUE(interpreter.InvokeRows(Span<const float>()).code() == StatusCode::kInvalidArgument);
}

TEST(Misuse, NullAndEmpty) {
  Chain chain;
  const Span<const uint8_t> model = chain.Finish();
  for (const size_t size : {size_t{0}, size_t{1000}}) {
    Interpreter no_model(Span<const uint8_t>(nullptr, size), kSteps, arena);
    EXPECT_TRUE(no_model.AllocateTensors() == StatusCode::kNotAModel);
  }
  Interpreter no_bytes(Span<const uint8_t>(model.data(), 0), kSteps, arena);
  EXPECT_TRUE(no_bytes.AllocateTensors() == StatusCode::kNotAModel);

  Interpreter interpreter(model, kSteps, Span<uint8_t>());
  EXPECT_TRUE(interpreter.AllocateTensors() == StatusCode::kArenaTooSmall);
  const size_t needed = interpreter.arena_used_bytes();
  EXPECT_TRUE(needed > 0);
  interpreter.set_arena({nullptr, sizeof arena});
  EXPECT_TRUE(interpreter.AllocateTensors() == StatusCode::kInvalidArgument);
  interpreter.set_arena({arena, 0});
  EXPECT_TRUE(interpreter.AllocateTensors() == StatusCode::kArenaTooSmall);
  EXPECT_EQ(interpreter.arena_used_bytes(), needed);
  interpreter.set_arena({arena, needed});
  ExpectNotAllocated(interpreter);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  ExpectWorks(interpreter);

  const MemoryBlocks blocks({arena, sizeof arena}, {nullptr, 64});
  Interpreter blocked(model, kSteps, blocks);
  EXPECT_TRUE(blocked.AllocateTensors() == StatusCode::kInvalidArgument);

  OpResolver<1> no_ops;
  Interpreter without(model, no_ops, arena);
  EXPECT_TRUE(without.AllocateTensors() == Status(StatusCode::kMissingOp, 0, Operand::None()));
}

TEST(Misuse, EveryMisalignment) {
  Chain chain;
  const Span<const uint8_t> model = chain.Finish();
  for (size_t i = 1; i < kArenaAlignment; ++i) {
    std::memset(arena, 0xa5, sizeof arena);
    Interpreter interpreter(model, kSteps, {arena + i, sizeof arena - i});
    EXPECT_TRUE(interpreter.AllocateTensors() == StatusCode::kArenaMisaligned);
    ExpectNotAllocated(interpreter);
    bool untouched = true;
    for (const uint8_t byte : arena) untouched &= byte == 0xa5;
    EXPECT_TRUE(untouched);
    interpreter.set_arena(arena);
    EXPECT_TRUE(interpreter.AllocateTensors().ok());
    ExpectWorks(interpreter);
  }
  std::vector<uint8_t> copy(model.size() + 16);
  for (size_t i = 0; i < 16; ++i) {
    std::memcpy(copy.data() + i, model.data(), model.size());
    Interpreter interpreter({copy.data() + i, model.size()}, kSteps, arena);
    const bool aligned = reinterpret_cast<uintptr_t>(copy.data() + i) % kModelAlignment == 0;
    EXPECT_TRUE(interpreter.AllocateTensors() ==
                (aligned ? StatusCode::kOk : StatusCode::kModelMisaligned));
    if (aligned) ExpectWorks(interpreter);
  }
}

// Two interpreters in one arena: the one that allocated last may run. Every order of six calls.
TEST(Misuse, AnArenaThatTwoShare) {
  Chain chain, longer;
  longer.Custom("step", {kNodes}, {longer.Activation({24})});
  longer.outputs = {kNodes + 1};
  Interpreter a(chain.Finish(), kSteps, arena), b(longer.Finish(), kSteps, arena);
  for (int order = 0; order < 4 * 4 * 4 * 4 * 4 * 4; ++order) {
    Interpreter* owner = nullptr;
    for (int call = 0, rest = order; call < 6; ++call, rest /= 4) {
      Interpreter& interpreter = (rest & 1) != 0 ? b : a;
      if ((rest & 2) != 0) {
        if (!EXPECT_TRUE(interpreter.AllocateTensors().ok())) return;
        owner = &interpreter;
      } else if (owner == &interpreter) {
        Fill(interpreter, call);
        if (!EXPECT_TRUE(interpreter.Invoke().ok())) return;
        ExpectOutput(interpreter, call + kNodes + (owner == &b ? 1 : 0));
      }
    }
  }
}

struct Stop {
  int node;
  Monitor::Moment moment;
  static bool Call(void* context, const Interpreter&, Monitor::Moment moment, int node) {
    const auto& stop = *static_cast<const Stop*>(context);
    return node != stop.node || moment != stop.moment;
  }
};

TEST(Misuse, AMonitorThatStopsAtEachNode) {
  Chain chain;
  Interpreter interpreter(chain.Finish(), kSteps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  for (int node = 0; node < kNodes; ++node) {
    for (const auto moment : {Monitor::Moment::kBeforeNode, Monitor::Moment::kAfterNode}) {
      Stop stop = {node, moment};
      Fill(interpreter, 90);
      EXPECT_TRUE(interpreter.Invoke({Stop::Call, &stop}) ==
                  Status(StatusCode::kStopped, node, Operand::None()));
      ExpectWorks(interpreter);
    }
  }
}

// In Prepare, in the first and in the second Invoke.
TEST(Misuse, AnOpThatFails) {
  Chain chain;
  const Span<const uint8_t> model = chain.Finish();
  Interpreter interpreter(model, kSteps, arena);
  // Context.Error() knows the node; a bare code is returned as it is.
  prepare_status = Status(StatusCode::kBadOptions, 0, Operand::Input(0));
  EXPECT_TRUE(interpreter.AllocateTensors() == prepare_status);
  ExpectNotAllocated(interpreter);
  EXPECT_EQ(interpreter.arena_used_bytes(), size_t{0});
  prepare_status = StatusCode::kOpFailed;
  EXPECT_TRUE(interpreter.AllocateTensors() == StatusCode::kOpFailed);
  prepare_status = {};
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  // The node is the interpreter's to tell.
  eval_status = Status(StatusCode::kOpFailed, 77, Operand::Output(0));
  for (int node = 0; node < kNodes; ++node) {
    evals_left = node;
    EXPECT_TRUE(interpreter.Invoke() == Status(StatusCode::kOpFailed, node, Operand::Output(0)));
    evals_left = -1;
    ExpectWorks(interpreter);
    evals_left = kNodes + node;
    ExpectWorks(interpreter);
    EXPECT_TRUE(interpreter.Invoke() == Status(StatusCode::kOpFailed, node, Operand::Output(0)));
    evals_left = -1;
    ExpectWorks(interpreter);
  }
}

// A variable is initialized by a subgraph that looks for a row which its table does not have.
TEST(Misuse, AnInitializationThatFails) {
  ModelBuilder builder;
  const auto handle = [&](GraphBuilder& graph) {
    const int tensor = graph.Activation({1}, TensorType::kResource);
    ModelBuilder::NodeSpec& node = graph.Node(BuiltinOp::kVarHandle, {}, {tensor});
    node.options_type = schema::OptionsType::VarHandleOptions;
    node.options =
        schema::CreateVarHandleOptions(builder.fbb, 0, builder.fbb.CreateString("v")).Union();
    return tensor;
  };
  builder.outputs = {builder.Activation({2})};
  builder.Node(BuiltinOp::kReadVariable, {handle(builder)}, builder.outputs);
  ModelBuilder::NodeSpec& call = builder.Node(BuiltinOp::kCallOnce, {}, {});
  call.options_type = schema::OptionsType::CallOnceOptions;
  call.options = schema::CreateCallOnceOptions(builder.fbb, 1).Union();
  GraphBuilder& init = builder.Subgraph();
  const int table = init.Constant({3}, {1, 2, 3});
  const int rows = init.Constant({2}, {1, 0, 0, 0, 9, 0, 0, 0}, TensorType::kInt32);
  const int found = init.Activation({2});
  ModelBuilder::NodeSpec& gather = init.Node(BuiltinOp::kGather, {table, rows}, {found});
  gather.options_type = schema::OptionsType::GatherOptions;
  gather.options = schema::CreateGatherOptions(builder.fbb, 0, 0).Union();
  init.Node(BuiltinOp::kAssignVariable, {handle(init), found}, {});
  Interpreter interpreter(builder.Finish(), kAllOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().code() == StatusCode::kBadData);
  EXPECT_TRUE(interpreter.Invoke() == StatusCode::kNotAllocated);
  EXPECT_EQ(interpreter.arena_used_bytes(), size_t{0});
}

TEST(Misuse, RowsBeyondTheInput) {
  Chain chain;
  Interpreter interpreter(chain.Finish(), kSteps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  int8_t elements[25];
  std::memset(elements, 4, sizeof elements);
  EXPECT_TRUE(interpreter.InvokeRows(Span<int8_t>(elements, 25)) == StatusCode::kTooManyRows);
  EXPECT_TRUE(interpreter.InvokeRows(Span<int8_t>(elements, 24)).ok());
  ExpectOutput(interpreter, 4 + kNodes);
  EXPECT_TRUE(interpreter.InvokeRows(Span<int8_t>(elements, 1)) == StatusCode::kTooManyRows);
  EXPECT_TRUE(interpreter.RestartRows().ok());
  EXPECT_TRUE(interpreter.InvokeRows(Span<int8_t>(elements, 24)).ok());
}

// Verified before, so the structure is not looked at again; what Prepare checks is.
TEST(Trust, PreparesWithAllChecks) {
  Chain chain;
  const Span<const uint8_t> model = chain.Finish();
  Interpreter trusted(Model::Trust(model), kSteps, arena);
  Interpreter verified(model, kSteps, other_arena);
  EXPECT_TRUE(trusted.AllocateTensors().ok() && verified.AllocateTensors().ok());
  EXPECT_EQ(trusted.arena_used_bytes(), verified.arena_used_bytes());
  ExpectWorks(trusted);
  Interpreter missing(Model::Trust(model), kAllOps, arena);
  EXPECT_TRUE(missing.AllocateTensors() == Status(StatusCode::kMissingOp, 0, Operand::None()));
  Interpreter small(Model::Trust(model), kSteps, {arena, 16});
  EXPECT_TRUE(small.AllocateTensors() == StatusCode::kArenaTooSmall);
}

}  // namespace
}  // namespace midge
