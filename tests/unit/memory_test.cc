// SPDX-License-Identifier: Apache-2.0
//
// Where tensors lie: apart, in several blocks, in a block that two models share, where the model
// says.
#include <cstring>
#include <initializer_list>
#include <utility>
#include <vector>

#include "midge/midge.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::ModelBuilder;

struct State {
  int32_t count;
};

// double: output[i] = 2 * input[i] + 1, row by row.
Status DoublePrepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  context.NewState<State>() = {context.input(0).shape().elements()};
  context.SetRowWindow(RowWindow::SameRow());
  return {};
}
Status DoubleEval(const EvalContext& context, Rows rows) {
  const RowView<const int8_t> input = context.InputRows<int8_t>(0, 16);
  const RowView<int8_t> output = context.OutputRows<int8_t>(0, 16);
  rows = rows.Clip(context.state<State>().count / 16);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    for (int32_t i = 0; i < 16; ++i) {
      output.Row(y)[i] = static_cast<int8_t>(2 * input.Row(y)[i] + 1);
    }
  }
  return {};
}
constexpr Op kDouble = {BuiltinOp::kCustom, TensorType::kInt8, 0,      "double",
                        DoublePrepare,      DoubleEval,        nullptr};

// sum: output = a + b.
Status SumPrepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(2, 2, 1));
  context.NewState<State>() = {context.input(0).shape().elements()};
  return {};
}
Status SumEval(const EvalContext& context, Rows) {
  for (int32_t i = 0; i < context.state<State>().count; ++i) {
    context.output<int8_t>(0)[i] =
        static_cast<int8_t>(context.input<int8_t>(0)[i] + context.input<int8_t>(1)[i]);
  }
  return {};
}
constexpr Op kSum = {BuiltinOp::kCustom, TensorType::kInt8, 0, "sum", SumPrepare, SumEval, nullptr};

// reverse: output = input backwards, by way of scratch.
Status ReversePrepare(PrepareContext& context) {
  MIDGE_TRY(DoublePrepare(context));
  context.SetRowWindow(RowWindow::Whole());
  context.RequestScratch(static_cast<uint32_t>(context.input(0).shape().elements()));
  return {};
}
Status ReverseEval(const EvalContext& context, Rows) {
  const int32_t count = context.state<State>().count;
  auto* const scratch = context.scratch<int8_t>();
  for (int32_t i = 0; i < count; ++i) scratch[i] = context.input<int8_t>(0)[i];
  for (int32_t i = 0; i < count; ++i) context.output<int8_t>(0)[i] = scratch[count - 1 - i];
  return {};
}
constexpr Op kReverse = {BuiltinOp::kCustom, TensorType::kInt8, 0,      "reverse",
                         ReversePrepare,     ReverseEval,       nullptr};

// accumulate: variable += input; output = variable.
Status AccumulateEval(const EvalContext& context, Rows) {
  for (int32_t i = 0; i < context.state<State>().count; ++i) {
    int8_t& sum = context.variable<int8_t>(1)[i];
    sum = static_cast<int8_t>(sum + context.input<int8_t>(0)[i]);
    context.output<int8_t>(0)[i] = sum;
  }
  return {};
}
Status AccumulatePrepare(PrepareContext& context) {
  MIDGE_TRY(SumPrepare(context));
  return context.ExpectVariable(Operand::Input(1));
}
constexpr Op kAccumulate = {BuiltinOp::kCustom, TensorType::kInt8, 0,      "accumulate",
                            AccumulatePrepare,  AccumulateEval,    nullptr};

// join: output = inputs one after another; split: outputs = pieces of the input. Both count what
// they copy.
int copied_bytes = 0;

Status JoinPrepare(PrepareContext& context) {
  context.NewState<State>() = {0};
  auto* const sizes = context.NewArray<int32_t>(context.input_count());
  for (int i = 0; sizes != nullptr && i < context.input_count(); ++i) {
    sizes[i] = context.input(i).shape().elements();
  }
  context.OfferInputViews();
  return {};
}
Status SplitPrepare(PrepareContext& context) {
  context.NewState<State>() = {0};
  auto* const sizes = context.NewArray<int32_t>(context.output_count());
  for (int i = 0; sizes != nullptr && i < context.output_count(); ++i) {
    sizes[i] = context.output(i).shape().elements();
  }
  context.OfferOutputViews(0);
  return {};
}
void Copy(const int8_t* from, int8_t* to, int32_t count) {
  if (from == to) return;
  for (int32_t i = 0; i < count; ++i) to[i] = from[i];
  copied_bytes += count;
}
Status JoinEval(const EvalContext& context, Rows) {
  int8_t* to = context.output<int8_t>(0);
  for (int i = 0; i < context.input_count(); ++i) {
    const int32_t count = context.StateArray<int32_t>(sizeof(State))[i];
    Copy(context.input<int8_t>(i), to, count);
    to += count;
  }
  return {};
}
Status SplitEval(const EvalContext& context, Rows) {
  const int8_t* from = context.input<int8_t>(0);
  for (int i = 0; i < context.output_count(); ++i) {
    const int32_t count = context.StateArray<int32_t>(sizeof(State))[i];
    Copy(from, context.output<int8_t>(i), count);
    from += count;
  }
  return {};
}
constexpr Op kJoin = {BuiltinOp::kCustom, TensorType::kInt8, 0,      "join",
                      JoinPrepare,        JoinEval,          nullptr};
constexpr Op kSplitOp = {BuiltinOp::kCustom, TensorType::kInt8, 0,      "split",
                         SplitPrepare,       SplitEval,         nullptr};

// bump: output = input + 1, also in place.
Status BumpPrepare(PrepareContext& context) {
  MIDGE_TRY(DoublePrepare(context));
  context.AllowInPlace(0);
  return {};
}
Status BumpEval(const EvalContext& context, Rows rows) {
  const RowView<const int8_t> input = context.InputRows<int8_t>(0, 16);
  const RowView<int8_t> output = context.OutputRows<int8_t>(0, 16);
  rows = rows.Clip(context.state<State>().count / 16);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    for (int32_t i = 0; i < 16; ++i) output.Row(y)[i] = static_cast<int8_t>(input.Row(y)[i] + 1);
  }
  return {};
}
constexpr Op kBump = {BuiltinOp::kCustom, TensorType::kInt8, 0,      "bump",
                      BumpPrepare,        BumpEval,          nullptr};

constexpr OpResolver kOps{&kDouble,  &kSum,  &kReverse, &kAccumulate,  &kJoin,
                          &kSplitOp, &kBump, &kSlice,   &kStridedSlice};

constexpr int32_t kRows = 8, kElements = 16 * kRows;

// x -> double -> a -> double -> b -> reverse -> c; sum of c and a -> accumulate -> y.
struct Network : ModelBuilder {
  enum : int { kX, kA, kB, kC, kD, kVariable, kY };
  explicit Network(bool accumulates = true) {
    for (int t = 0; t < 7; ++t) Activation({kRows, 16});
    tensors[kVariable].is_variable = true;
    inputs = {kX};
    outputs = {accumulates ? kY : kD};
    Custom("double", {kX}, {kA});
    Custom("double", {kA}, {kB});
    Custom("reverse", {kB}, {kC});
    Custom("sum", {kC, kA}, {kD});
    if (accumulates) Custom("accumulate", {kD, kVariable}, {kY});
  }
};

int8_t InputAt(int seed, int32_t i) { return static_cast<int8_t>(seed * 31 + i * 7); }
int8_t DoubledAt(int seed, int32_t i) { return static_cast<int8_t>(2 * InputAt(seed, i) + 1); }
int8_t OutputAt(int seed, int32_t i) {
  return static_cast<int8_t>(2 * DoubledAt(seed, kElements - 1 - i) + 1 + DoubledAt(seed, i));
}

void Fill(Interpreter& interpreter, int seed) {
  const Span<int8_t> input = interpreter.input(0).data<int8_t>();
  for (size_t i = 0; i < input.size(); ++i) input[i] = InputAt(seed, static_cast<int32_t>(i));
}
// Expects what one Invoke() gives, or the sum of those of all seeds if the network accumulates.
void ExpectOutput(const Interpreter& interpreter, std::initializer_list<int> seeds) {
  for (int32_t i = 0; i < kElements; ++i) {
    int expected = 0;
    for (const int seed : seeds) expected += OutputAt(seed, i);
    const Span<const int8_t> output = interpreter.output(0).data<const int8_t>();
    if (!EXPECT_EQ(output[static_cast<size_t>(i)], static_cast<int8_t>(expected))) return;
  }
}

alignas(16) uint8_t arena[4096];
alignas(16) uint8_t other_arena[4096];
alignas(16) uint8_t block[4096];
alignas(16) uint8_t fast[1024];

TEST(KeepTensorsApart, AllAreThereAfterInvoke) {
  Network network;
  const Span<const uint8_t> model = network.Finish();
  Interpreter shared(model, kOps, arena);
  EXPECT_TRUE(shared.AllocateTensors().ok());
  EXPECT_TRUE(shared.arena_usage().activation_bytes < 7 * kElements);
  Interpreter apart(model, kOps, other_arena);
  AllocateOptions options;
  options.keep_tensors_apart = true;
  EXPECT_TRUE(apart.AllocateTensors(options).ok());
  EXPECT_EQ(apart.arena_usage().activation_bytes, 8u * kElements);  // seven and a scratch
  Fill(apart, 3);
  EXPECT_TRUE(apart.Invoke().ok());
  ExpectOutput(apart, {3});
  for (int32_t i = 0; i < kElements; ++i) {
    const auto at = [&](int t, int32_t j) {
      return apart.tensor(t).data<const int8_t>()[static_cast<size_t>(j)];
    };
    EXPECT_EQ(at(Network::kX, i), InputAt(3, i));
    EXPECT_EQ(at(Network::kA, i), DoubledAt(3, i));
    EXPECT_EQ(at(Network::kC, i), at(Network::kB, kElements - 1 - i));
    EXPECT_EQ(at(Network::kD, i), OutputAt(3, i));
  }
  // As before, once asked for.
  EXPECT_TRUE(apart.AllocateTensors().ok());
  EXPECT_EQ(apart.arena_usage().activation_bytes, shared.arena_usage().activation_bytes);
}

// Without a fast block or one of its own for activations, all is as in one arena.
TEST(MemoryBlocks, ArenaAlone) {
  Network network;
  const Span<const uint8_t> model = network.Finish();
  Interpreter plain(model, kOps, arena);
  EXPECT_TRUE(plain.AllocateTensors().ok());
  Interpreter blocks(model, kOps, MemoryBlocks{other_arena, {}, {}});
  EXPECT_TRUE(blocks.AllocateTensors().ok());
  EXPECT_EQ(blocks.arena_usage().kept_bytes, 0u);
  EXPECT_EQ(blocks.arena_usage().fast_bytes, 0u);
  EXPECT_TRUE(blocks.region(Network::kVariable) == Region::kActivations);
  Fill(blocks, 1);
  EXPECT_TRUE(blocks.Invoke().ok());
  ExpectOutput(blocks, {1});
}

TEST(MemoryBlocks, MostUsedGoesToTheFastBlock) {
  Network network(false);
  const Span<const uint8_t> model = network.Finish();
  // The scratch is filled anew for every row; tensor a is used three times, the others twice. Those
  // find room where they live while one of the two does not.
  Interpreter one(model, kOps, MemoryBlocks{arena, {}, {fast, 2 * kElements}});
  EXPECT_TRUE(one.AllocateTensors().ok());
  EXPECT_TRUE(one.region(Network::kA) == Region::kFast);
  EXPECT_TRUE(one.region(Network::kX) == Region::kFast);
  EXPECT_TRUE(one.region(Network::kB) == Region::kActivations);
  EXPECT_TRUE(one.region(Network::kC) == Region::kActivations);
  EXPECT_EQ(one.arena_usage().fast_bytes, 2u * kElements);
  EXPECT_TRUE(one.tensor(Network::kA).bytes().data() == fast + kElements);
  Fill(one, 2);
  EXPECT_TRUE(one.Invoke().ok());
  ExpectOutput(one, {2});
  // With room for everything nothing is left for the arena.
  Interpreter all(model, kOps, MemoryBlocks{arena, {}, fast});
  EXPECT_TRUE(all.AllocateTensors().ok());
  EXPECT_EQ(all.arena_usage().activation_bytes, 0u);
  EXPECT_TRUE(all.region(Network::kD) == Region::kFast);
  Fill(all, 4);
  EXPECT_TRUE(all.Invoke().ok());
  ExpectOutput(all, {4});
}

// Every size of the fast block gives the same bits, writes nothing around its blocks, and needs an
// arena that is known to the byte.
TEST(MemoryBlocks, EverySizeOfTheFastBlock) {
  Network network;
  const Span<const uint8_t> model = network.Finish();
  for (const bool own_block : {false, true}) {
    for (size_t size = 0; size <= 6 * kElements; size += 16) {
      for (uint8_t* memory : {arena, block}) std::memset(memory, 0xa5, 4096);
      std::memset(fast, 0xa5, sizeof fast);
      const Span<uint8_t> activations(block, own_block ? sizeof block : 0);
      Interpreter measure(model, kOps, MemoryBlocks{{}, activations, {fast, size}});
      EXPECT_TRUE(measure.AllocateTensors().code() == StatusCode::kArenaTooSmall);
      const ArenaUsage usage = measure.arena_usage();
      EXPECT_EQ(usage.activations_apart, own_block);
      EXPECT_TRUE(usage.fast_bytes <= size);
      EXPECT_EQ(usage.kept_bytes, own_block ? static_cast<uint32_t>(kElements) : 0u);
      const Span<uint8_t> less(arena, usage.total_bytes() - 1);
      Interpreter small(model, kOps, MemoryBlocks{less, activations, {fast, size}});
      EXPECT_TRUE(small.AllocateTensors().code() == StatusCode::kArenaTooSmall);
      const Span<uint8_t> enough(arena, usage.total_bytes());
      const Span<uint8_t> exact(block, own_block ? usage.activation_bytes : 0);
      if (own_block && !exact.empty()) {
        Interpreter short_of(model, kOps,
                             MemoryBlocks{enough, {block, exact.size() - 1}, {fast, size}});
        if (exact.size() > 1) {
          const Status status = short_of.AllocateTensors();
          EXPECT_TRUE(status.code() == StatusCode::kArenaTooSmall);
          char text[80];
          Describe(status, short_of, text);
          EXPECT_TRUE(std::strstr(text, "block of activations too small: needs ") == text);
        }
      }
      if (own_block && exact.empty()) continue;  // no block at all would mean the arena
      Interpreter interpreter(model, kOps, MemoryBlocks{enough, exact, {fast, size}});
      EXPECT_TRUE(interpreter.AllocateTensors().ok());
      for (const int seed : {1, 2}) {
        Fill(interpreter, seed);
        EXPECT_TRUE(interpreter.Invoke().ok());
      }
      ExpectOutput(interpreter, {1, 2});
      bool intact = true;
      for (size_t i = enough.size(); i < sizeof arena; ++i) intact &= arena[i] == 0xa5;
      for (size_t i = exact.size(); i < sizeof block; ++i) intact &= block[i] == 0xa5;
      for (size_t i = usage.fast_bytes; i < sizeof fast; ++i) intact &= fast[i] == 0xa5;
      EXPECT_TRUE(intact);
    }
  }
}

TEST(MemoryBlocks, MustBeAligned) {
  Network network;
  const Span<const uint8_t> model = network.Finish();
  const Span<uint8_t> crooked(block + 8, 1024);
  Interpreter activations(model, kOps, MemoryBlocks{arena, crooked, {}});
  EXPECT_TRUE(activations.AllocateTensors().code() == StatusCode::kArenaMisaligned);
  Interpreter fast_block(model, kOps, MemoryBlocks{arena, {}, crooked});
  EXPECT_TRUE(fast_block.AllocateTensors().code() == StatusCode::kArenaMisaligned);
}

// Two models, one of them with a variable, in one block of activations and one fast block: whoever
// runs, in whatever order, finds what it left.
TEST(MemoryBlocks, ModelsTakeTurnsInOneBlock) {
  Network with_variable;
  Network without(false);
  const Span<const uint8_t> models[] = {with_variable.Finish(), without.Finish()};
  for (unsigned order = 0; order < 256; ++order) {
    Interpreter a(models[0], kOps, MemoryBlocks{arena, block, {fast, 2 * kElements}});
    Interpreter b(models[1], kOps, MemoryBlocks{other_arena, block, {fast, 3 * kElements}});
    // Also while one is at work between two of its Invokes, the other may be allocated.
    const bool late = (order & 1) != 0;
    EXPECT_TRUE(a.AllocateTensors().ok());
    EXPECT_TRUE(a.region(Network::kVariable) == Region::kKept);
    if (!late) EXPECT_TRUE(b.AllocateTensors().ok());
    int sum_of[8], runs = 0;
    for (int turn = 0; turn < 8; ++turn) {
      if (late && turn == 3) EXPECT_TRUE(b.AllocateTensors().ok());
      const bool is_b = (order >> turn & 1) != 0 && (!late || turn >= 3);
      Interpreter& interpreter = is_b ? b : a;
      Fill(interpreter, turn);
      EXPECT_TRUE(interpreter.Invoke().ok());
      if (is_b) {
        ExpectOutput(b, {turn});
        continue;
      }
      sum_of[runs++] = turn;
      for (int32_t i = 0; i < kElements; ++i) {
        int expected = 0;
        for (int r = 0; r < runs; ++r) expected += OutputAt(sum_of[r], i);
        const int8_t output = a.output(0).data<const int8_t>()[static_cast<size_t>(i)];
        if (!EXPECT_EQ(output, static_cast<int8_t>(expected))) return;
      }
    }
  }
}

// Runs a model whose input 0 is InputAt(9, i), with tensors that share memory and with all apart,
// and expects the same of both.
void ExpectSame(ModelBuilder& network, int bytes_copied) {
  const Span<const uint8_t> model = network.Finish();
  Interpreter shared(model, kOps, arena), apart(model, kOps, other_arena);
  AllocateOptions options;
  options.keep_tensors_apart = true;
  EXPECT_TRUE(shared.AllocateTensors().ok());
  EXPECT_TRUE(apart.AllocateTensors(options).ok());
  for (int round = 0; round < 2; ++round) {
    Fill(apart, 9 + round);
    EXPECT_TRUE(apart.Invoke().ok());
    Fill(shared, 9 + round);
    copied_bytes = 0;
    EXPECT_TRUE(shared.Invoke().ok());
    EXPECT_EQ(copied_bytes, bytes_copied);
    for (int o = 0; o < shared.output_count(); ++o) {
      const Span<const uint8_t> a = shared.output(o).bytes(), b = apart.output(o).bytes();
      EXPECT_EQ(a.size(), b.size());
      EXPECT_TRUE(std::memcmp(a.data(), b.data(), a.size()) == 0);
    }
  }
}

struct Views : ModelBuilder {
  int Rows(int rows) { return Activation({rows, 16}); }
  int Integers(const std::vector<int32_t>& values) {
    std::vector<uint8_t> bytes(values.size() * 4);
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return Constant({static_cast<int32_t>(values.size())}, bytes, TensorType::kInt32);
  }
  void Slice(int from, std::vector<int32_t> begin, int to) {
    const int begins = Integers(begin);
    Node(BuiltinOp::kSlice, {from, begins, Integers(tensors[static_cast<size_t>(to)].shape)}, {to});
  }
};

TEST(Views, InputsLieInTheirOutput) {
  Views network;
  const int x = network.Rows(8), a = network.Rows(8), b = network.Rows(8), y = network.Rows(16);
  network.inputs = {x};
  network.outputs = {y};
  network.Custom("double", {x}, {a});
  network.Custom("bump", {x}, {b});
  network.Custom("join", {a, b}, {y});
  ExpectSame(network, 0);
}

TEST(Views, OutputsLieInTheirInput) {
  Views network;
  const int x = network.Rows(8), a = network.Rows(8), b = network.Rows(3), c = network.Rows(5),
            d = network.Rows(3), e = network.Rows(5), y = network.Rows(8);
  network.inputs = {x};
  network.outputs = {y, d};
  network.Custom("double", {x}, {a});
  network.Custom("split", {a}, {b, c});
  network.Custom("bump", {b}, {d});  // while c is to be read yet
  network.Custom("bump", {c}, {e});  // may lie where both were
  network.Custom("join", {e, b}, {y});
  ExpectSame(network, 3 * 16);  // b is a view already
}

TEST(Views, OfTheGraphsInputAndOfItsOutputs) {
  Views network;
  const int x = network.Rows(8), a = network.Rows(4), b = network.Rows(4), c = network.Rows(4),
            y = network.Rows(12);
  network.inputs = {x};
  network.outputs = {a, y};
  network.Custom("split", {x}, {a, b});
  network.Custom("bump", {b}, {c});
  network.Custom("join", {c, c, a}, {y});  // c twice: one is a copy; a lies in x
  ExpectSame(network, 8 * 16);
}

TEST(Views, InputOfTheGraphIsCopied) {
  Views network;
  const int x = network.Rows(8), a = network.Rows(8), y = network.Rows(16);
  network.inputs = {x};
  network.outputs = {y};
  network.Custom("bump", {x}, {a});
  network.Custom("join", {x, a}, {y});
  ExpectSame(network, 8 * 16);
}

// Both halves of one tensor are read while the sum is written: not over the second.
TEST(Views, TwoOfOneTensorAreReadTogether) {
  Views network;
  const int x = network.Rows(8), a = network.Rows(8), b = network.Rows(4), c = network.Rows(4),
            y = network.Rows(4), z = network.Rows(4);
  network.inputs = {x};
  network.outputs = {z};
  network.Custom("double", {x}, {a});
  network.Custom("split", {a}, {b, c});
  network.Custom("sum", {c, b}, {y});
  network.Custom("bump", {y}, {z});
  ExpectSame(network, 0);
}

// Of pieces of a tensor, those that are whole rows lie in it, wherever they overlap.
TEST(Views, SlicesLieInTheirInput) {
  Views network;
  const int x = network.Rows(8), a = network.Rows(8), b = network.Rows(5), c = network.Rows(5),
            columns = network.Activation({8, 8}), every_second = network.Rows(2),
            y = network.Rows(5);
  network.inputs = {x};
  network.outputs = {y, columns, every_second};
  network.Custom("double", {x}, {a});
  network.Slice(a, {1, 0}, b);
  network.Slice(a, {3, 0}, c);
  network.Slice(a, {0, 8}, columns);
  auto& strided = network.Node(
      BuiltinOp::kStridedSlice,
      {a, network.Integers({1, 0}), network.Integers({5, 16}), network.Integers({2, 1})},
      {every_second});
  strided.options_type = schema::OptionsType::StridedSliceOptions;
  strided.options = schema::CreateStridedSliceOptions(network.fbb).Union();
  network.Custom("sum", {b, c}, {y});
  ExpectSame(network, 0);
  const Span<const uint8_t> model = network.Finish();
  Interpreter interpreter(model, kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  const auto at = [&](int t) { return interpreter.tensor(t).bytes().data(); };
  EXPECT_TRUE(at(b) == at(a) + 16);
  EXPECT_TRUE(at(c) == at(a) + 3 * 16);
  EXPECT_TRUE(at(columns) < at(a) || at(columns) >= at(a) + kElements);
  EXPECT_TRUE(at(every_second) < at(a) || at(every_second) >= at(a) + kElements);
}

// Where memory would be kept for long, copying needs less.
TEST(Views, NotWhereTheyCost) {
  Views network;
  const int x = network.Rows(8), small = network.Rows(1), rest = network.Rows(7),
            big = network.Rows(40), wide = network.Rows(41), e = network.Rows(8),
            y = network.Rows(41);
  network.inputs = {x};
  network.outputs = {y};
  network.Custom("split", {x}, {small, rest});
  network.Custom("join", {x, x, x, x, x}, {big});
  network.Custom("split", {big}, {e, network.Rows(32)});
  network.Custom("join", {big, small}, {wide});
  network.Custom("bump", {wide}, {y});
  const Span<const uint8_t> model = network.Finish();
  Interpreter interpreter(model, kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  Fill(interpreter, 1);
  EXPECT_TRUE(interpreter.Invoke().ok());
  const Span<const int8_t> output = interpreter.output(0).data<const int8_t>();
  for (int32_t i = 0; i < 41 * 16; ++i) {
    const int32_t from = i < 40 * 16 ? i % kElements : i - 40 * 16;
    if (!EXPECT_EQ(output[static_cast<size_t>(i)], static_cast<int8_t>(InputAt(1, from) + 1)))
      return;
  }
}

// x and a where they are asked to be, the others around them.
TEST(OfflinePlan, IsFollowed) {
  Network network;
  network.metadata = {{"OfflineMemoryAllocation", {1, 0, 7, 1024, 0, -1, -1, -1, -1, -1}}};
  Interpreter interpreter(network.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors({false, kFollowOfflinePlan}).ok());
  const uint8_t* const activations = arena + interpreter.arena_usage().program_bytes;
  EXPECT_TRUE(interpreter.tensor(Network::kX).bytes().data() == activations + 1024);
  EXPECT_TRUE(interpreter.tensor(Network::kA).bytes().data() == activations);
  EXPECT_TRUE(interpreter.arena_usage().activation_bytes >= 1024 + kElements);
  for (const int seed : {1, 2}) {
    Fill(interpreter, seed);
    EXPECT_TRUE(interpreter.Invoke().ok());
  }
  ExpectOutput(interpreter, {1, 2});
  // Only if that is asked for.
  EXPECT_TRUE(interpreter.AllocateTensors().ok());
  EXPECT_TRUE(interpreter.arena_usage().activation_bytes < 1024 + kElements);
}

// An output may reach into an input that dies there, as far as rows allow and no further.
TEST(OfflinePlan, MayOverlapWhereThatIsSafe) {
  for (const int32_t distance : {0, 16, 32, 128}) {
    Network network(false);
    network.metadata = {{"OfflineMemoryAllocation", {1, 0, 7, distance, 0, -1, -1, -1, -1, -1}}};
    Interpreter interpreter(network.Finish(), kOps, arena);
    const Status status = interpreter.AllocateTensors({false, kFollowOfflinePlan});
    // Output row y may overwrite input rows before y.
    EXPECT_EQ(status.ok(), distance >= 16);
    if (!status.ok()) {
      EXPECT_TRUE(status.code() == StatusCode::kBadOfflinePlan);
      EXPECT_EQ(status.tensor(), int{Network::kA});
      continue;
    }
    Fill(interpreter, 5);
    EXPECT_TRUE(interpreter.Invoke().ok());
    ExpectOutput(interpreter, {5});
  }
}

Status Allocate(std::vector<int32_t> plan) {
  Network network;
  network.metadata = {{"OfflineMemoryAllocation", std::move(plan)}};
  Interpreter interpreter(network.Finish(), kOps, arena);
  return interpreter.AllocateTensors({false, kFollowOfflinePlan});
}

TEST(OfflinePlan, RefusesWhatCannotBe) {
  EXPECT_TRUE(Allocate({1, 0, 7, -1, -1, -1, -1, -1, -1, -1}).ok());
  const auto refuses = [](std::vector<int32_t> plan, int tensor) {
    const Status status = Allocate(std::move(plan));
    EXPECT_TRUE(status.code() == StatusCode::kBadOfflinePlan);
    EXPECT_EQ(status.tensor(), tensor);
  };
  refuses({1, 0, 7, -1, 8, -1, -1, -1, -1, -1}, Network::kA);           // misaligned
  refuses({1, 0, 7, -1, 0x0ffffff0, -1, -1, -1, -1, -1}, Network::kA);  // too far up
  refuses({1, 0, 7, -1, -1, 64, 0, -1, -1, -1}, Network::kC);           // over its input
  refuses({1, 0, 7, -1, 0, -1, -1, -1, 64, -1}, Network::kVariable);    // over a variable
  refuses({1, 0, 6, -1, -1, -1, -1, -1, -1, -1}, -1);                   // too few
  refuses({1, 0, 8, -1, -1, -1, -1, -1, -1, -1}, -1);                   // cut short
  refuses({1, 0}, -1);
  // An arena that is too small for it says so.
  Network network;
  network.metadata = {{"OfflineMemoryAllocation", {1, 0, 7, 65536, -1, -1, -1, -1, -1, -1}}};
  Interpreter interpreter(network.Finish(), kOps, arena);
  EXPECT_TRUE(interpreter.AllocateTensors({false, kFollowOfflinePlan}).code() ==
              StatusCode::kArenaTooSmall);
  EXPECT_TRUE(interpreter.arena_used_bytes() > 65536);
}

}  // namespace
}  // namespace midge
