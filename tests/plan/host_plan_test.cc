// SPDX-License-Identifier: Apache-2.0
//
// Plans of the host for graphs that are made here. The corpus has few graphs of several nodes, and
// none of some kinds.
#include <algorithm>
#include <cstring>
#include <vector>

#include "embedded_plan.h"
#include "midge/all_ops.h"
#include "midge/midge.h"
#include "midge/ops_by_rows.h"
#include "midge/record.h"
#include "plan_file.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::ModelBuilder;

uint32_t random_state = 1;
int Random(int below) {
  random_state = random_state * 1664525 + 1013904223;
  return static_cast<int>((random_state >> 8) % static_cast<uint32_t>(below));
}

// Memory at a multiple of kArenaAlignment.
class Aligned {
 public:
  explicit Aligned(size_t size) : storage_(size + kArenaAlignment), size_(size) {}
  Span<uint8_t> span() {
    uint8_t* begin = storage_.data();
    while (reinterpret_cast<uintptr_t>(begin) % kArenaAlignment != 0) ++begin;
    return {begin, size_};
  }

 private:
  std::vector<uint8_t> storage_;
  size_t size_;
};

using Bytes = std::vector<uint8_t>;

std::vector<Bytes> Run(Interpreter& interpreter) {
  for (int i = 0; i < interpreter.input_count(); ++i) {
    const Span<uint8_t> input = interpreter.input(i).mutable_bytes();
    for (size_t k = 0; k < input.size(); ++k) {
      input[k] = static_cast<uint8_t>(k * 7 + static_cast<size_t>(i) * 31 + k / 16);
    }
  }
  EXPECT_TRUE(interpreter.Invoke().ok());
  std::vector<Bytes> outputs;
  for (int i = 0; i < interpreter.output_count(); ++i) {
    const Span<const uint8_t> bytes = interpreter.output(i).bytes();
    outputs.emplace_back(bytes.begin(), bytes.end());
  }
  return outputs;
}

// Graphs of int8 tensors [rows, 16].
struct Graph : ModelBuilder {
  int Rows(int rows) { return Activation({rows, 16}); }
  int RowsOf(int t) const { return tensors[static_cast<size_t>(t)].shape[0]; }
  int Integers(const std::vector<int32_t>& values) {
    Bytes bytes(values.size() * 4);
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return Constant({static_cast<int32_t>(values.size())}, bytes, TensorType::kInt32);
  }

  int Add(int a, int b) {
    const int y = Rows(RowsOf(a));
    NodeSpec& node = Node(BuiltinOp::kAdd, {a, b}, {y});
    node.options_type = schema::OptionsType::AddOptions;
    node.options = schema::CreateAddOptions(fbb).Union();
    return y;
  }
  int Concatenate(const std::vector<int>& parts) {
    int rows = 0;
    for (const int t : parts) rows += RowsOf(t);
    const int y = Rows(rows);
    NodeSpec& node = Node(BuiltinOp::kConcatenation, {parts.begin(), parts.end()}, {y});
    node.options_type = schema::OptionsType::ConcatenationOptions;
    node.options = schema::CreateConcatenationOptions(fbb, 0).Union();
    return y;
  }
  std::vector<int> Split(int x, int first_rows) {
    const int rest_rows = RowsOf(x) - first_rows;
    const std::vector<int> parts = {Rows(first_rows), Rows(rest_rows)};
    const int sizes = Integers({first_rows, rest_rows});
    NodeSpec& node = Node(BuiltinOp::kSplitV, {x, sizes, Integers({0})}, {parts[0], parts[1]});
    node.options_type = schema::OptionsType::SplitVOptions;
    node.options = schema::CreateSplitVOptions(fbb, 2).Union();
    return parts;
  }
  int Slice(int x, int begin, int rows) {
    const int y = Rows(rows);
    const int begins = Integers({begin, 0});
    Node(BuiltinOp::kSlice, {x, begins, Integers({rows, 16})}, {y});
    return y;
  }
  // Every second row, read by a row window.
  int EverySecond(int x) {
    const int y = Rows((RowsOf(x) + 1) / 2);
    const int begin = Integers({0, 0}), end = Integers({RowsOf(x), 16});
    NodeSpec& node = Node(BuiltinOp::kStridedSlice, {x, begin, end, Integers({2, 1})}, {y});
    node.options_type = schema::OptionsType::StridedSliceOptions;
    node.options = schema::CreateStridedSliceOptions(fbb).Union();
    return y;
  }
  int Reversed(int x) {  // needs its input whole
    const int y = Rows(RowsOf(x));
    Node(BuiltinOp::kReverseV2, {x, Integers({0})}, {y});
    return y;
  }
};

// The file with its plan, which gives the same as all tensors apart do, in an arena of which one
// byte less is too small.
struct Planned {
  explicit Planned(Graph& graph, OpResolverView ops = kAllOps) : bytes(0) {
    const Span<const uint8_t> file = graph.Finish();
    const Result<Model> model = Model::Verify(file);
    if (!EXPECT_TRUE(model.ok())) return;
    std::vector<uint8_t> with_plan;
    if (!EXPECT_TRUE(midge_tool::MakePlannedFile(*model, ops, {}, &with_plan, &plan).ok())) {
      return;
    }
    bytes = Aligned(with_plan.size());
    std::memcpy(bytes.span().data(), with_plan.data(), with_plan.size());

    Aligned large(1 << 20);
    Interpreter apart(*model, kAllOps, large.span());
    AllocateOptions options;
    options.keep_tensors_apart = true;
    EXPECT_TRUE(apart.AllocateTensors(options).ok());
    const std::vector<Bytes> expected = Run(apart);

    Interpreter measure(bytes.span(), ops, {});
    (void)measure.AllocateTensorsAsPlanned();
    const size_t needed = measure.arena_used_bytes();
    arena = Aligned(needed);
    Interpreter small(bytes.span(), ops, {arena.span().data(), needed - 1});
    EXPECT_TRUE(small.AllocateTensorsAsPlanned().code() == StatusCode::kArenaTooSmall);
    Interpreter interpreter(bytes.span(), ops, arena.span());
    ok = EXPECT_TRUE(interpreter.AllocateTensorsAsPlanned().ok()) &&
         EXPECT_TRUE(Run(interpreter) == expected) && EXPECT_TRUE(Run(interpreter) == Run(apart));
  }

  // Where tensor t lies above tensor `from`.
  ptrdiff_t Distance(int from, int t) {
    Interpreter interpreter(bytes.span(), kAllOps, arena.span());
    EXPECT_TRUE(interpreter.AllocateTensorsAsPlanned().ok());
    return interpreter.tensor(t).bytes().data() - interpreter.tensor(from).bytes().data();
  }

  midge_tool::HostPlan plan;
  Aligned bytes, arena{0};
  bool ok = false;
};

TEST(HostPlan, PartsLieInTheirWhole) {
  Graph graph;
  const int x = graph.Rows(8);
  const int a = graph.Reversed(x), b = graph.Add(a, a);
  const std::vector<int> parts = graph.Split(graph.Reversed(b), 3);
  const int c = graph.Add(parts[0], parts[0]), d = graph.Add(parts[1], parts[1]);
  const int y = graph.Concatenate({d, c});
  graph.inputs = {x};
  graph.outputs = {y};
  Planned planned(graph);
  EXPECT_EQ(planned.Distance(parts[0], parts[1]), 3 * 16);
  EXPECT_EQ(planned.Distance(y, d), 0);
  EXPECT_EQ(planned.Distance(y, c), 5 * 16);
}

TEST(HostPlan, SlicesLieInTheirInput) {
  Graph graph;
  const int x = graph.Rows(40);
  const int a = graph.Reversed(x);
  const int b = graph.Slice(a, 0, 39), c = graph.Slice(a, 1, 39);
  graph.inputs = {x};
  graph.outputs = {graph.Reversed(graph.Add(b, c))};
  Planned planned(graph);
  EXPECT_EQ(planned.Distance(a, b), 0);
  EXPECT_EQ(planned.Distance(a, c), 16);
  EXPECT_TRUE(planned.plan.activation_bytes <= 80u * 16);
}

// A node that Reset() runs would see all its rows, also where a ring has a few.
TEST(HostPlan, NothingElseRunsAtReset) {
  Graph graph;
  const int x = graph.Rows(8);
  graph.inputs = {x};
  graph.outputs = {graph.Reversed(x)};
  Planned planned(graph);
  const Result<Model> model = Model::Verify(planned.bytes.span());
  const Span<const uint8_t> plan = model->metadata(internal::kPlanMetadataName);
  uint8_t* const payload = planned.bytes.span().data() + (plan.data() - model->bytes().data());
  auto* const record =
      reinterpret_cast<uint32_t*>(payload + sizeof(internal::EmbeddedPlanHeader)) + 2;
  record[1] |= internal::kAtReset;
  Interpreter interpreter(planned.bytes.span(), kAllOps, planned.arena.span());
  EXPECT_TRUE(interpreter.AllocateTensorsAsPlanned() ==
              Status(StatusCode::kBadPlan, 0, Operand::None()));
}

// A damaged plan may say that an update lies where the output does, which may be where the input
// is.
TEST(HostPlan, UpdateWhereTheOutputIs) {
  Graph graph;
  const int x = graph.Rows(8), update = graph.Rows(4), y = graph.Rows(8);
  graph.Node(BuiltinOp::kDynamicUpdateSlice, {x, update, graph.Integers({1, 0})}, {y});
  graph.inputs = {x, update};
  graph.outputs = {y};
  Planned planned(graph);
  const Result<Model> model = Model::Verify(planned.bytes.span());
  const Span<const uint8_t> plan = model->metadata(internal::kPlanMetadataName);
  uint8_t* const payload = planned.bytes.span().data() + (plan.data() - model->bytes().data());
  auto* const record =
      reinterpret_cast<uint32_t*>(payload + sizeof(internal::EmbeddedPlanHeader)) + 3;
  record[3] = record[2];
  Interpreter interpreter(planned.bytes.span(), kAllOps, planned.arena.span());
  EXPECT_TRUE(interpreter.AllocateTensorsAsPlanned().ok());
  EXPECT_TRUE(interpreter.Invoke().ok());
}

// A node of one of its graphs that gives the variable "sum".
int Handle(Graph& graph, midge_test::GraphBuilder& in) {
  const int h = in.Activation({}, TensorType::kResource);
  auto& node = in.Node(BuiltinOp::kVarHandle, {}, {h});
  node.options_type = schema::OptionsType::VarHandleOptions;
  node.options =
      schema::CreateVarHandleOptions(graph.fbb, 0, graph.fbb.CreateString("sum")).Union();
  return h;
}

// What has no bytes is not where variables are, where the runtime accepts no tensor. Found by
// tools_fuzzer.
TEST(HostPlan, NoBytesBesideVariables) {
  Graph graph;
  const int nothing = graph.Rows(0), h = Handle(graph, graph);
  const int before = graph.Rows(4), y = graph.Rows(4);
  graph.Node(BuiltinOp::kReadVariable, {h}, {before});
  graph.Node(BuiltinOp::kReverseV2, {before, graph.Integers({0})}, {y});
  graph.inputs = {nothing};
  graph.outputs = {y};
  EXPECT_EQ(Planned(graph).plan.variable_bytes, 4u * 16);
}

// A named variable that the main graph reads and a subgraph adds to: its memory is its own.
TEST(HostPlan, VariablesOfSubgraphs) {
  Graph graph;
  const int condition = graph.Activation({1}, TensorType::kBool), x = graph.Rows(4);
  const int y = graph.Rows(4), before = graph.Rows(4), z = graph.Rows(4);
  auto& branch = graph.Node(BuiltinOp::kIf, {condition, x}, {y});
  branch.options_type = schema::OptionsType::IfOptions;
  branch.options = schema::CreateIfOptions(graph.fbb, 1, 1).Union();
  const int h = Handle(graph, graph);
  graph.Node(BuiltinOp::kReadVariable, {h}, {before});
  graph.Node(BuiltinOp::kReverseV2, {before, graph.Integers({0})}, {z});
  graph.inputs = {condition, x};
  graph.outputs = {y, z};

  midge_test::GraphBuilder& sum = graph.Subgraph();
  const int in = sum.Activation({4, 16}), old = sum.Activation({4, 16}),
            out = sum.Activation({4, 16});
  const int inner = Handle(graph, sum);
  sum.Node(BuiltinOp::kReadVariable, {inner}, {old});
  auto& add = sum.Node(BuiltinOp::kAdd, {in, old}, {out});
  add.options_type = schema::OptionsType::AddOptions;
  add.options = schema::CreateAddOptions(graph.fbb).Union();
  sum.Node(BuiltinOp::kAssignVariable, {inner, out}, {});
  sum.inputs = {in};
  sum.outputs = {out};
  Planned planned(graph);
  EXPECT_EQ(planned.plan.variable_bytes, 4u * 16);
  EXPECT_TRUE(planned.plan.work_bytes > 0);
}

// An image twice as large as the input, made and combined row by row: neither is ever whole.
TEST(HostPlan, MeansAndPoolsTakeRows) {
  constexpr OpResolver kOps{&kAdd, &kConcatenation, &kMeanInt8ByRows, &kMaxPool2DInt8ByRows,
                            &kAveragePool2DInt8ByRows};
  for (const BuiltinOp op : {BuiltinOp::kMean, BuiltinOp::kMaxPool2D, BuiltinOp::kAveragePool2D}) {
    Graph graph;
    const int x = graph.Activation({1, 24, 16, 32}), twice = graph.Activation({1, 24, 16, 64});
    const bool is_mean = op == BuiltinOp::kMean;
    const int y = graph.Activation({1, 1, is_mean ? 1 : 2, 64});
    auto& wide = graph.Node(BuiltinOp::kConcatenation, {x, x}, {twice});
    wide.options_type = schema::OptionsType::ConcatenationOptions;
    wide.options = schema::CreateConcatenationOptions(graph.fbb, 3).Union();
    if (is_mean) {
      auto& mean = graph.Node(op, {twice, graph.Integers({1, 2})}, {y});
      mean.options_type = schema::OptionsType::ReducerOptions;
      mean.options = schema::CreateReducerOptions(graph.fbb, true).Union();
    } else {
      auto& pool = graph.Node(op, {twice}, {y});
      pool.options_type = schema::OptionsType::Pool2DOptions;
      pool.options =
          schema::CreatePool2DOptions(graph.fbb, schema::Padding::VALID, 8, 1, 8, 24).Union();
    }
    graph.inputs = {x};
    graph.outputs = {y};
    Planned by_rows(graph, kOps), whole(graph);
    constexpr uint32_t kInputBytes = 24 * 16 * 32;
    EXPECT_TRUE(by_rows.plan.activation_bytes < kInputBytes + kInputBytes / 4);
    EXPECT_TRUE(whole.plan.activation_bytes >= 2 * kInputBytes);
  }
}

// Any graph of these nodes, run by a plan with views, rings and overlaps.
TEST(HostPlan, RandomGraphs) {
  constexpr int kGraphs = 300, kMostNodes = 9, kMostRows = 40;
  for (int g = 0; g < kGraphs; ++g) {
    random_state = static_cast<uint32_t>(g + 1);
    Graph graph;
    std::vector<int> made = {graph.Rows(1 + Random(12)), graph.Rows(1 + Random(12))};
    graph.inputs = {made[0], made[1]};
    const auto any = [&] {
      return made[made.size() - 1 -
                  static_cast<size_t>(Random(std::min(4, static_cast<int>(made.size()))))];
    };
    for (int n = 0; n < kMostNodes; ++n) {
      const int x = any(), rows = graph.RowsOf(x);
      switch (Random(6)) {
        case 0: {
          int other = any();
          if (graph.RowsOf(other) != rows) other = x;
          made.push_back(graph.Add(x, other));
          break;
        }
        case 1: {
          const int other = any();
          if (rows + graph.RowsOf(other) > kMostRows) break;
          made.push_back(graph.Concatenate({x, other}));
          break;
        }
        case 2:
          if (rows < 2) break;
          for (const int part : graph.Split(x, 1 + Random(rows - 1))) made.push_back(part);
          break;
        case 3: {
          const int begin = Random(rows);
          made.push_back(graph.Slice(x, begin, 1 + Random(rows - begin)));
          break;
        }
        case 4:
          made.push_back(graph.EverySecond(x));
          break;
        default:
          made.push_back(graph.Reversed(x));
      }
    }
    graph.outputs = {made.back(), any()};
    if (graph.outputs[0] == graph.outputs[1]) graph.outputs.pop_back();
    if (graph.nodes.empty() || graph.outputs[0] < 2) continue;
    if (!Planned(graph).ok) {
      midge_test::Print("graph ");
      midge_test::PrintSigned(g);
      midge_test::Print("\n");
      return;
    }
  }
}

}  // namespace
}  // namespace midge
