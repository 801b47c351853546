// SPDX-License-Identifier: Apache-2.0
//
// The interpreter with ops made for the purpose: what it asks of them, what they may ask of it, and
// what a caller can do wrong.
#include <string>

#include "midge/midge.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::ModelBuilder;

// increment: output = input + 1, element by element.
struct IncrementState {
  int32_t count;
};
Status IncrementPrepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), TensorType::kInt8));
  MIDGE_TRY(context.ExpectShape(Operand::Output(0), context.input(0).shape()));
  context.NewState<IncrementState>() = {context.input(0).shape().elements()};
  return {};
}
Status IncrementPrepareInPlace(PrepareContext& context) {
  MIDGE_TRY(IncrementPrepare(context));
  context.AllowInPlace(0);
  return {};
}
Status IncrementEval(const EvalContext& context, Rows) {
  const int8_t* const input = context.input<int8_t>(0);
  int8_t* const output = context.output<int8_t>(0);
  for (int32_t i = 0; i < context.state<IncrementState>().count; ++i) {
    output[i] = static_cast<int8_t>(input[i] + 1);
  }
  return {};
}
constexpr Op kIncrement = {BuiltinOp::kCustom, TensorType::kInt8, 0,      "increment",
                           IncrementPrepare,   IncrementEval,     nullptr};
constexpr Op kIncrementInPlace = {
    BuiltinOp::kCustom,      TensorType::kInt8, 0,      "increment_in_place",
    IncrementPrepareInPlace, IncrementEval,     nullptr};

// alias: output is input under another shape.
Status AliasPrepare(PrepareContext& context) {
  context.AliasOutput(0);
  return {};
}
Status AliasEval(const EvalContext&, Rows) { return {}; }
constexpr Op kAlias = {BuiltinOp::kCustom, TensorType::kAny, 0,      "alias",
                       AliasPrepare,       AliasEval,        nullptr};

// reverse: output = input backwards, through scratch that it fills before it reads.
Status ReversePrepare(PrepareContext& context) {
  MIDGE_TRY(IncrementPrepare(context));
  auto* const table = context.NewArray<uint16_t>(3);
  if (table != nullptr) table[0] = 7, table[1] = 8, table[2] = 9;
  context.RequestScratch(static_cast<uint32_t>(context.input(0).shape().elements()));
  return {};
}
Status ReverseEval(const EvalContext& context, Rows) {
  const int32_t count = context.state<IncrementState>().count;
  const auto* const table = context.StateArray<uint16_t>(sizeof(IncrementState));
  if (table[0] != 7 || table[2] != 9) return StatusCode::kOpFailed;
  auto* const scratch = context.scratch<int8_t>();
  for (int32_t i = 0; i < count; ++i) scratch[i] = context.input<int8_t>(0)[i];
  for (int32_t i = 0; i < count; ++i) context.output<int8_t>(0)[i] = scratch[count - 1 - i];
  return {};
}
constexpr Op kReverse = {BuiltinOp::kCustom, TensorType::kInt8, 0,      "reverse",
                         ReversePrepare,     ReverseEval,       nullptr};

// accumulate: variable += input; output = variable.
Status AccumulateEval(const EvalContext& context, Rows) {
  for (int32_t i = 0; i < context.state<IncrementState>().count; ++i) {
    auto* const sum = context.variable<int8_t>(1);
    sum[i] = static_cast<int8_t>(sum[i] + context.input<int8_t>(0)[i]);
    context.output<int8_t>(0)[i] = sum[i];
  }
  return {};
}
Status AccumulatePrepare(PrepareContext& context) {
  context.NewState<IncrementState>() = {context.input(0).shape().elements()};
  return context.ExpectVariable(Operand::Input(1));
}
constexpr Op kAccumulate = {BuiltinOp::kCustom, TensorType::kInt8, 0,      "accumulate",
                            AccumulatePrepare,  AccumulateEval,    nullptr};

Status FailEval(const EvalContext&, Rows) { return StatusCode::kOpFailed; }
constexpr Op kFail = {BuiltinOp::kCustom, TensorType::kAny, 0,      "fail",
                      AliasPrepare,       FailEval,         nullptr};

// hoard: keeps as many integers as the input has elements.
Status HoardPrepare(PrepareContext& context) {
  (void)context.NewArray<int32_t>(context.input_shape(0).elements());
  return {};
}
constexpr Op kHoard = {BuiltinOp::kCustom, TensorType::kAny, 0,      "hoard",
                       HoardPrepare,       FailEval,         nullptr};

constexpr OpResolver kOps{&kIncrement, &kIncrementInPlace, &kAlias, &kReverse, &kAccumulate, &kFail,
                          &kHoard};

// x -> increment -> reverse -> increment -> y, 40 elements each.
struct Chain : ModelBuilder {
  Chain() {
    const int x = Activation({40}), a = Activation({40}), b = Activation({40}),
              y = Activation({40});
    inputs = {x};
    outputs = {y};
    Custom("increment", {x}, {a});
    Custom("reverse", {a}, {b});
    Custom("increment", {b}, {y});
  }
};

alignas(16) uint8_t arena[4096];

TEST(Interpreter, RunsNodesInOrder) {
  Chain chain;
  Interpreter interpreter(chain.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_EQ(interpreter.input_count(), 1);
  const Span<int8_t> input = interpreter.input(0).data<int8_t>();
  EXPECT_EQ(input.size(), size_t{40});
  for (size_t i = 0; i < 40; ++i) input[i] = static_cast<int8_t>(i);
  EXPECT_TRUE(interpreter.Invoke().ok());
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(interpreter.output(0).data<int8_t>()[i], static_cast<int8_t>(41 - i));
  }
}

TEST(Interpreter, ReusesTheMemoryOfDeadTensors) {
  Chain chain;
  Interpreter interpreter(chain.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  // At most two tensors and a scratch live at once: two of 48 bytes aligned, one of 40.
  EXPECT_EQ(interpreter.arena_usage().activation_bytes, 136u);
}

TEST(Interpreter, EveryArenaThatIsTooSmallSaysExactlyWhatIsNeeded) {
  Chain chain;
  const Span<const uint8_t> model = chain.Finish();
  Interpreter whole(model, kOps, arena);
  EXPECT_TRUE(whole.AllocateTensors().ok());
  const size_t needed = whole.arena_used_bytes();
  for (size_t size = 0; size <= needed; ++size) {
    std::memset(arena, 0xa5, sizeof arena);
    Interpreter interpreter(model, kOps, {arena, size});
    const Status status = interpreter.AllocateTensors();
    EXPECT_EQ(interpreter.arena_used_bytes(), needed);
    EXPECT_TRUE(status.code() == (size < needed ? StatusCode::kArenaTooSmall : StatusCode::kOk));
    if (status.ok()) EXPECT_TRUE(interpreter.Invoke().ok());
    for (size_t i = size; i < sizeof arena; ++i) {
      if (arena[i] != 0xa5) {
        EXPECT_EQ(i, size);  // the first byte that was touched outside
        break;
      }
    }
  }
}

TEST(Interpreter, NeedsTheSameArenaOnEveryMachine) {
  Chain chain;
  std::memset(arena, 0xa5, sizeof arena);
  Interpreter interpreter(chain.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  // Literals on purpose: a host of 64 bits and a board of 32 must both find these.
  EXPECT_EQ(interpreter.arena_usage().program_bytes, 80u);
  EXPECT_EQ(interpreter.arena_usage().planning_bytes, 176u);
  uint32_t hash = 2166136261u;
  for (uint32_t i = 0; i < interpreter.arena_usage().program_bytes; ++i) {
    hash = (hash ^ arena[i]) * 16777619u;
  }
  EXPECT_EQ(hash, 2098228248u);
}

TEST(Interpreter, RefusesAMisalignedArena) {
  Chain chain;
  Interpreter interpreter(chain.Finish(), kOps, {arena + 8, sizeof arena - 8});
  EXPECT_TRUE(interpreter.AllocateTensors().code() == StatusCode::kArenaMisaligned);
}

TEST(Interpreter, MustBeAllocatedFirst) {
  Chain chain;
  Interpreter interpreter(chain.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.Invoke().code() == StatusCode::kNotAllocated);
  EXPECT_TRUE(interpreter.Reset().code() == StatusCode::kNotAllocated);
  EXPECT_TRUE(!interpreter.input(0).has_data());
  EXPECT_TRUE(!interpreter.tensor(0).has_data());
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_TRUE(interpreter.Invoke().ok());
  EXPECT_TRUE(!interpreter.input(1).has_data());
  EXPECT_TRUE(!interpreter.input(-1).has_data());
  EXPECT_TRUE(!interpreter.output(1).has_data());
  EXPECT_TRUE(!interpreter.tensor(4).has_data());
  EXPECT_TRUE(interpreter.tensor(3).has_data());
}

TEST(Interpreter, NamesTheNodeWhoseOpOrTypeIsMissing) {
  Chain chain;
  const Span<const uint8_t> model = chain.Finish();
  OpResolver<1> ops;
  EXPECT_TRUE(ops.Add(kIncrement).ok());
  EXPECT_TRUE(ops.Add(kReverse).code() == StatusCode::kInvalidArgument);
  Interpreter missing(model, ops, arena);
  EXPECT_TRUE(missing.AllocateTensors() == Status(StatusCode::kMissingOp, 1, Operand::None()));

  Chain wide;
  wide.tensors[0].type = TensorType::kInt16;
  Interpreter type(wide.Finish(), kOps, arena);
  EXPECT_TRUE(type.AllocateTensors() == Status(StatusCode::kMissingKernel, 0, Operand::Input(0)));
}

TEST(Interpreter, CustomNamesMustMatchWholly) {
  Chain chain;
  chain.nodes[0].custom_name = "incremen";
  Interpreter interpreter(chain.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors() == Status(StatusCode::kMissingOp, 0, Operand::None()));
}

TEST(Interpreter, FailsWithThePlaceThatPrepareNames) {
  Chain chain;
  chain.tensors[2].shape = {41};
  Interpreter interpreter(chain.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors() ==
              Status(StatusCode::kBadShape, 1, Operand::Output(0)));
  EXPECT_EQ(interpreter.arena_used_bytes(), size_t{0});
}

TEST(Interpreter, RefusesGraphsOutOfOrder) {
  {
    Chain read_too_early;
    std::swap(read_too_early.nodes[0], read_too_early.nodes[1]);
    Interpreter interpreter(read_too_early.Finish(), kOps, arena);
    EXPECT_TRUE(interpreter.AllocateTensors() ==
                Status(StatusCode::kNotWritten, 0, Operand::Input(0)));
  }
  {
    Chain two_writers;
    two_writers.nodes[2].outputs = {1};
    Interpreter interpreter(two_writers.Finish(), kOps, arena);
    EXPECT_TRUE(interpreter.AllocateTensors() ==
                Status(StatusCode::kWrittenTwice, 2, Operand::Output(0)));
  }
  {
    Chain input_written;
    input_written.nodes[2].outputs = {0};
    Interpreter interpreter(input_written.Finish(), kOps, arena);
    EXPECT_TRUE(interpreter.AllocateTensors() ==
                Status(StatusCode::kWritesInput, 2, Operand::Output(0)));
  }
  {
    Chain constant_written;
    constant_written.tensors[3].data.resize(40);
    Interpreter interpreter(constant_written.Finish(), kOps, arena);
    EXPECT_TRUE(interpreter.AllocateTensors() ==
                Status(StatusCode::kWritesConstant, 2, Operand::Output(0)));
  }
  {
    Chain variable_written;
    variable_written.tensors[3].is_variable = true;
    Interpreter interpreter(variable_written.Finish(), kOps, arena);
    EXPECT_TRUE(interpreter.AllocateTensors() ==
                Status(StatusCode::kWritesConstant, 2, Operand::Output(0)));
  }
  {
    Chain output_not_written;
    output_not_written.outputs = {output_not_written.Activation({40})};
    Interpreter interpreter(output_not_written.Finish(), kOps, arena);
    EXPECT_TRUE(interpreter.AllocateTensors() == Status::AtTensor(StatusCode::kNotWritten, 4));
  }
}

TEST(Interpreter, InPlaceWhereTheInputDies) {
  ModelBuilder builder;
  const int x = builder.Activation({100}), a = builder.Activation({100}),
            y = builder.Activation({100});
  builder.inputs = {x};
  builder.outputs = {y};
  builder.Custom("increment_in_place", {x}, {a});
  builder.Custom("increment_in_place", {a}, {y});
  Interpreter interpreter(builder.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_EQ(interpreter.arena_usage().activation_bytes, 100u);
  interpreter.input(0).data<int8_t>()[99] = 5;
  EXPECT_TRUE(interpreter.Invoke().ok());
  EXPECT_EQ(interpreter.output(0).data<int8_t>()[99], 7);
}

TEST(Interpreter, NotInPlaceWhereTheInputIsStillNeeded) {
  ModelBuilder builder;
  const int x = builder.Activation({100}), a = builder.Activation({100}),
            y = builder.Activation({100});
  builder.inputs = {x};
  builder.outputs = {a, y};
  builder.Custom("increment_in_place", {x}, {a});
  builder.Custom("increment_in_place", {x}, {y});
  Interpreter interpreter(builder.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  interpreter.input(0).data<int8_t>()[0] = 5;
  EXPECT_TRUE(interpreter.Invoke().ok());
  EXPECT_EQ(interpreter.output(0).data<int8_t>()[0], 6);
  EXPECT_EQ(interpreter.output(1).data<int8_t>()[0], 6);
}

TEST(Interpreter, AnAliasMovesNothingAndKeepsItsSourceAlive) {
  ModelBuilder builder;
  const int x = builder.Activation({4, 25}), flat = builder.Activation({100}),
            other = builder.Activation({100}), y = builder.Activation({100});
  builder.inputs = {x};
  builder.outputs = {y};
  builder.Custom("alias", {x}, {flat});
  builder.Custom("increment", {flat}, {other});
  // Reads `flat` again: its memory, which is x's, may not have been given to `other`.
  builder.Custom("increment", {flat}, {y});
  Interpreter interpreter(builder.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_TRUE(interpreter.tensor(flat).bytes().data() == interpreter.input(0).bytes().data());
  interpreter.input(0).data<int8_t>()[50] = 1;
  EXPECT_TRUE(interpreter.Invoke().ok());
  EXPECT_EQ(interpreter.output(0).data<int8_t>()[50], 2);
}

TEST(Interpreter, AnAliasOfAConstantIsThatConstant) {
  ModelBuilder builder;
  const int x = builder.Activation({2});
  const int constant = builder.Constant({1, 2}, {3, 4});
  const int flat = builder.Activation({2});
  builder.inputs = {x};
  builder.outputs = {flat};
  builder.Custom("alias", {constant}, {flat});
  Interpreter interpreter(builder.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_TRUE(interpreter.Invoke().ok());
  EXPECT_TRUE(interpreter.output(0).is_constant());
  EXPECT_EQ(interpreter.output(0).data<const int8_t>()[1], 4);
}

// Nobody would set it to anything.
TEST(Interpreter, AVariableIsReadOnlyByOpsThatKeepIt) {
  ModelBuilder builder;
  const int variable = builder.Activation({40}), y = builder.Activation({40});
  builder.tensors[static_cast<size_t>(variable)].is_variable = true;
  builder.outputs = {y};
  builder.Custom("increment", {variable}, {y});
  Interpreter interpreter(builder.Finish(), kOps, arena);
  const Status status = interpreter.AllocateTensors();
  EXPECT_TRUE(status.code() == StatusCode::kNotWritten);
  EXPECT_EQ(status.node(), 0);
  EXPECT_TRUE(status.operand().is_input());
}

TEST(Interpreter, VariablesKeepTheirValueUntilReset) {
  ModelBuilder builder;
  const int x = builder.Activation({3}), sum = builder.Activation({3}), y = builder.Activation({3});
  builder.tensors[static_cast<size_t>(sum)].is_variable = true;
  builder.tensors[static_cast<size_t>(sum)].zero_points = {
      -7};  // what an int8 variable begins with
  builder.inputs = {x};
  builder.outputs = {y};
  builder.Custom("accumulate", {x, sum}, {y});
  std::memset(arena, 0x55, sizeof arena);
  Interpreter interpreter(builder.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  for (int invoke = 1; invoke <= 3; ++invoke) {
    interpreter.input(0).data<int8_t>()[1] = 2;
    EXPECT_TRUE(interpreter.Invoke().ok());
    EXPECT_EQ(interpreter.output(0).data<int8_t>()[1], 2 * invoke - 7);
  }
  EXPECT_TRUE(interpreter.Reset().ok());
  interpreter.input(0).data<int8_t>()[1] = 2;
  EXPECT_TRUE(interpreter.Invoke().ok());
  EXPECT_EQ(interpreter.output(0).data<int8_t>()[1], -5);
}

struct Watch {
  int before = 0, after = 0;
  int stop_at = -1;
  Monitor::Moment stop_moment = Monitor::Moment::kBeforeNode;
  int8_t first_output_of_node_0 = 0;

  static bool Call(void* context, const Interpreter& interpreter, Monitor::Moment moment,
                   int node) {
    auto& watch = *static_cast<Watch*>(context);
    (moment == Monitor::Moment::kBeforeNode ? watch.before : watch.after)++;
    if (moment == Monitor::Moment::kAfterNode && node == 0) {
      watch.first_output_of_node_0 =
          interpreter.tensor(interpreter.model().node(0).outputs[0]).data<const int8_t>()[0];
    }
    return node != watch.stop_at || moment != watch.stop_moment;
  }
};

TEST(Monitor, SeesEveryNodeAndItsOutputs) {
  Chain chain;
  Interpreter interpreter(chain.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  interpreter.input(0).data<int8_t>()[0] = 9;
  Watch watch;
  EXPECT_TRUE(interpreter.Invoke({Watch::Call, &watch}).ok());
  EXPECT_EQ(watch.before, 3);
  EXPECT_EQ(watch.after, 3);
  EXPECT_EQ(watch.first_output_of_node_0, 10);
}

TEST(Monitor, StopsBeforeOrAfterANode) {
  Chain chain;
  Interpreter interpreter(chain.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  for (const Monitor::Moment moment : {Monitor::Moment::kBeforeNode, Monitor::Moment::kAfterNode}) {
    Watch watch;
    watch.stop_at = 1;
    watch.stop_moment = moment;
    EXPECT_TRUE(interpreter.Invoke({Watch::Call, &watch}) ==
                Status(StatusCode::kStopped, 1, Operand::None()));
    EXPECT_EQ(watch.before, 2);
    EXPECT_EQ(watch.after, moment == Monitor::Moment::kBeforeNode ? 1 : 2);
    EXPECT_TRUE(interpreter.Invoke().ok());
  }
}

TEST(Interpreter, ReportsTheNodeOfAnOpThatFails) {
  ModelBuilder builder;
  const int x = builder.Activation({1}), y = builder.Activation({1});
  builder.inputs = {x};
  builder.outputs = {y};
  builder.Custom("fail", {x}, {y});
  Interpreter interpreter(builder.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_TRUE(interpreter.Invoke() == Status(StatusCode::kOpFailed, 0, Operand::None()));
}

TEST(Interpreter, RefusesARecordThatNoWordCanCount) {
  constexpr int32_t kMost = (1 << 24) / 4;  // integers that are 16 MiB
  const auto allocate = [](int32_t count) {
    ModelBuilder builder;
    const int x = builder.Activation({count}), y = builder.Activation({1});
    builder.inputs = {x};
    builder.outputs = {y};
    builder.Custom("hoard", {x}, {y});
    return Interpreter(builder.Finish(), kOps, arena).AllocateTensors();
  };
  EXPECT_TRUE(allocate(kMost - 8) == StatusCode::kArenaTooSmall);
  EXPECT_TRUE(allocate(kMost) == StatusCode::kTooLarge);
}

TEST(Describe, SaysWhereWhatAndHowMuch) {
  char text[160];
  Chain chain;
  chain.tensors[2].shape = {41};
  Interpreter interpreter(chain.Finish(), kOps, arena);
  EXPECT_STREQ(
      Describe(interpreter.AllocateTensors(), interpreter, text),
      "node 1 (custom op reverse), output 0 [t2, INT8 41]: has a shape that does not fit the op; "
      "needs 40");
  EXPECT_STREQ(Describe(Status::AtTensor(StatusCode::kBadIndex, 3), interpreter.model(), text),
               "tensor 3 [t3, INT8 40]: refers to a tensor, buffer, op code or subgraph that does "
               "not exist");
  EXPECT_STREQ(Describe(StatusCode::kNotAModel, Model(), text),
               "these bytes are not a .tflite model (no TFL3 identifier)");
  Chain good;
  Interpreter small(good.Finish(), kOps, {arena, 16});
  EXPECT_STREQ(Describe(small.AllocateTensors(), small, text),
               "arena too small: needs 256 bytes, has 16");
  char cut[8];
  EXPECT_STREQ(Describe(StatusCode::kNotAModel, Model(), cut), "these b");
}

}  // namespace
}  // namespace midge
