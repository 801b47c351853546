// SPDX-License-Identifier: Apache-2.0
//
// What a device plans with kStreamRows: chains, residual branches and whatever else these nodes can
// be joined to give the bytes that they give with all tensors apart.
#include "plan/streaming.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "midge/midge.h"
#include "midge/ops.h"
#include "tests/support/model_builder.h"
#include "tests/support/test.h"

namespace midge {
namespace {

using midge_test::ModelBuilder;

constexpr OpResolver kOps{&kAdd,           &kConcatenation,     &kConv2DInt8,
                          &kMaxPool2DInt8, &kAveragePool2DInt8, &kReshape};

uint32_t random_state = 1;
int Random(int below) {
  random_state = random_state * 1664525 + 1013904223;
  return static_cast<int>((random_state >> 8) % static_cast<uint32_t>(below));
}

// Graphs of int8 images [1, height, width, channels].
struct Graph : ModelBuilder {
  struct Size {
    int height, width, channels;
    bool operator==(const Size& other) const {
      return height == other.height && width == other.width && channels == other.channels;
    }
  };

  int Image(Size size) { return Activation({1, size.height, size.width, size.channels}); }
  Size SizeOf(int t) const {
    const std::vector<int32_t>& shape = tensors[static_cast<size_t>(t)].shape;
    return {shape[1], shape[2], shape[3]};
  }

  int Add(int a, int b) {
    const int y = Image(SizeOf(a));
    NodeSpec& node = Node(BuiltinOp::kAdd, {a, b}, {y});
    node.options_type = schema::OptionsType::AddOptions;
    node.options = schema::CreateAddOptions(fbb).Union();
    return y;
  }
  struct Window {
    int height, width, stride;
    bool same;
  };
  // What a window makes of an image; empty if it does not fit.
  static Size Windowed(Size in, const Window& window, int channels) {
    const auto of = [&](int extent, int span) {
      return window.same     ? (extent + window.stride - 1) / window.stride
             : extent < span ? 0
                             : (extent - span) / window.stride + 1;
    };
    return {of(in.height, window.height), of(in.width, window.width), channels};
  }
  static schema::Padding PaddingOf(const Window& window) {
    return window.same ? schema::Padding::SAME : schema::Padding::VALID;
  }
  int Pool(int x, const Window& window, bool max = true) {
    const Size size = Windowed(SizeOf(x), window, SizeOf(x).channels);
    if (size.height == 0 || size.width == 0) return x;
    const int y = Image(size);
    NodeSpec& node = Node(max ? BuiltinOp::kMaxPool2D : BuiltinOp::kAveragePool2D, {x}, {y});
    node.options_type = schema::OptionsType::Pool2DOptions;
    node.options = schema::CreatePool2DOptions(fbb, PaddingOf(window), window.stride, window.stride,
                                               window.width, window.height)
                       .Union();
    return y;
  }
  int Convolve(int x, const Window& window, int channels) {
    const Size size = Windowed(SizeOf(x), window, channels);
    if (size.height == 0 || size.width == 0) return x;
    const int depth = SizeOf(x).channels;
    std::vector<uint8_t> weights(
        static_cast<size_t>(channels * window.height * window.width * depth));
    for (uint8_t& weight : weights) weight = static_cast<uint8_t>(Random(256));
    const int filter = Constant({channels, window.height, window.width, depth}, weights,
                                TensorType::kInt8, 1.f / 512);
    const int y = Image(size);
    NodeSpec& node = Node(BuiltinOp::kConv2D, {x, filter, -1}, {y});
    node.options_type = schema::OptionsType::Conv2DOptions;
    node.options =
        schema::CreateConv2DOptions(fbb, PaddingOf(window), window.stride, window.stride).Union();
    return y;
  }
  // One after the other in each pixel.
  int Concatenate(int a, int b) {
    Size size = SizeOf(a);
    size.channels += SizeOf(b).channels;
    const int y = Image(size);
    NodeSpec& node = Node(BuiltinOp::kConcatenation, {a, b}, {y});
    node.options_type = schema::OptionsType::ConcatenationOptions;
    node.options = schema::CreateConcatenationOptions(fbb, 3).Union();
    return y;
  }
  // Needs no memory of its own, and is no part of a segment.
  int Reshape(int x) {
    const Size size = SizeOf(x);
    const int y = Image(size);
    const int32_t shape[] = {1, size.height, size.width, size.channels};
    std::vector<uint8_t> bytes(sizeof shape);
    std::memcpy(bytes.data(), shape, sizeof shape);
    Node(BuiltinOp::kReshape, {x, Constant({4}, bytes, TensorType::kInt32)}, {y});
    return y;
  }
};

using Bytes = std::vector<uint8_t>;

Bytes Run(Interpreter& interpreter) {
  for (int i = 0; i < interpreter.input_count(); ++i) {
    const Span<uint8_t> input = interpreter.input(i).mutable_bytes();
    for (size_t k = 0; k < input.size(); ++k) {
      input[k] = static_cast<uint8_t>(k * 7 + static_cast<size_t>(i) * 31 + k / 16);
    }
  }
  EXPECT_TRUE(interpreter.Invoke().ok());
  Bytes outputs;
  for (int i = 0; i < interpreter.output_count(); ++i) {
    const Span<const uint8_t> bytes = interpreter.output(i).bytes();
    outputs.insert(outputs.end(), bytes.begin(), bytes.end());
  }
  return outputs;
}

// Memory at a multiple of kArenaAlignment, between bytes that must not change.
class Guarded {
 public:
  explicit Guarded(size_t size) : storage_(size + 3 * kArenaAlignment, kGuard), size_(size) {}
  Span<uint8_t> span() { return {begin(), size_}; }
  bool intact() {
    return std::all_of(storage_.data(), begin(), [](uint8_t byte) { return byte == kGuard; }) &&
           std::all_of(begin() + size_, storage_.data() + storage_.size(),
                       [](uint8_t byte) { return byte == kGuard; });
  }

 private:
  static constexpr uint8_t kGuard = 0xcd;
  uint8_t* begin() {
    uint8_t* begin = storage_.data() + kArenaAlignment;
    while (reinterpret_cast<uintptr_t>(begin) % kArenaAlignment != 0) ++begin;
    return begin;
  }

  Bytes storage_;
  size_t size_;
};

constexpr AllocateOptions kStreamAnyRows = {false, nullptr, &internal::kStreamingOfAnyRows};

struct Streamed {
  explicit Streamed(Graph& graph) {
    const Span<const uint8_t> file = graph.Finish();
    const Result<Model> model = Model::Verify(file);
    if (!EXPECT_TRUE(model.ok())) return;
    Guarded large(1 << 18);
    AllocateOptions keep_apart;
    keep_apart.keep_tensors_apart = true;
    Interpreter apart(*model, kOps, large.span());
    if (!EXPECT_TRUE(apart.AllocateTensors(keep_apart).ok())) return;
    const Bytes expected = Run(apart);

    Interpreter measure(*model, kOps, large.span());
    if (!EXPECT_TRUE(measure.AllocateTensors().ok())) return;
    whole_bytes = measure.arena_usage().activation_bytes;
    if (!EXPECT_TRUE(measure.AllocateTensors(kStreamAnyRows).ok())) return;
    const size_t needed = measure.arena_used_bytes();
    bytes = measure.arena_usage().activation_bytes;

    Guarded small(needed - 1), exact(needed);
    Interpreter refused(*model, kOps, small.span());
    EXPECT_TRUE(refused.AllocateTensors(kStreamAnyRows).code() == StatusCode::kArenaTooSmall);
    EXPECT_EQ(refused.arena_used_bytes(), needed);
    Interpreter interpreter(*model, kOps, exact.span());
    ok = EXPECT_TRUE(interpreter.AllocateTensors(kStreamAnyRows).ok()) &&
         EXPECT_TRUE(Run(interpreter) == expected) && EXPECT_TRUE(Run(interpreter) == expected) &&
         EXPECT_TRUE(exact.intact()) && EXPECT_TRUE(small.intact());
    for (int t = 0; t < model->tensor_count(); ++t) {
      rings += interpreter.region(t) == Region::kNone;
    }
  }

  bool ok = false;
  int rings = 0;
  uint32_t bytes = 0, whole_bytes = 0;
};

// What kernels of a board's variant want beside the tensors; those of the host are portable, and
// want nothing.
constexpr uint32_t kMostScratch = MIDGE_STREAMING_TEST_GRAPHS > 1000 ? 0 : 32768;

constexpr Graph::Window kOnePixel = {1, 1, 1, true}, kThree = {3, 3, 1, true};

// A wide tensor between two narrow ones need not be there whole.
TEST(Streaming, RingsOfAChain) {
  constexpr uint32_t kRows = 192, kNarrow = 4 * 8, kWide = 4 * 32;
  Graph graph;
  const int x = graph.Image({static_cast<int>(kRows), 4, 8});
  const int wide = graph.Convolve(x, kOnePixel, 32);
  const int mixed = graph.Convolve(wide, kThree, 32);
  graph.inputs = {x};
  graph.outputs = {graph.Convolve(mixed, kOnePixel, 8)};
  const Streamed streamed(graph);
  EXPECT_EQ(streamed.rings, 2);
  // Beside the input, which the output overwrites, rings of three rows and of one.
  EXPECT_TRUE(streamed.bytes <= (kRows + 1) * kNarrow + (3 + 1) * kWide + kMostScratch);
}

// The ring of a tensor that is added again later holds the rows that the branch is ahead.
TEST(Streaming, RingOfAResidualBranch) {
  constexpr uint32_t kRows = 192, kNarrow = 4 * 8, kWide = 4 * 32;
  Graph graph;
  const int x = graph.Image({static_cast<int>(kRows), 4, 8});
  const int trunk = graph.Convolve(x, kOnePixel, 32);
  const int branch = graph.Convolve(graph.Convolve(trunk, kThree, 32), kThree, 32);
  graph.inputs = {x};
  graph.outputs = {graph.Convolve(graph.Add(trunk, branch), kOnePixel, 8)};
  const Streamed streamed(graph);
  EXPECT_TRUE(streamed.ok);
  EXPECT_EQ(streamed.rings, 4);
  // Row y of the sum needs rows y - 2 to y + 2 of the first, and y - 1 to y + 1 of the second.
  EXPECT_TRUE(streamed.bytes <= (kRows + 3) * kNarrow + (5 + 3 + 1 + 1) * kWide + kMostScratch);
}

// The branch may be further ahead for something that comes after it was added.
TEST(Streaming, RingOfATensorUsedBesideItsBranch) {
  Graph graph;
  const int x = graph.Image({96, 4, 8});
  const int trunk = graph.Convolve(x, kOnePixel, 32);
  const int branch = graph.Convolve(trunk, kThree, 32);
  const int sum = graph.Add(trunk, branch);
  const int further = graph.Convolve(branch, {9, 1, 1, true}, 32);
  graph.inputs = {x};
  graph.outputs = {graph.Convolve(graph.Add(sum, further), kOnePixel, 8)};
  const Streamed streamed(graph);
  EXPECT_TRUE(streamed.ok);
  EXPECT_EQ(streamed.rings, 5);
}

// Before the first row of what joins them, one branch is ahead while the other has not begun.
TEST(Streaming, RingOfBranchesThatBegin) {
  Graph graph;
  const int x = graph.Image({96, 4, 8});
  const int trunk = graph.Convolve(x, kOnePixel, 32);
  const int one = graph.Convolve(graph.Pool(trunk, {2, 1, 1, true}), kThree, 32);
  const int other = graph.Convolve(graph.Add(trunk, trunk), {4, 1, 1, true}, 32);
  graph.inputs = {x};
  graph.outputs = {graph.Convolve(graph.Add(one, other), kOnePixel, 8)};
  const Streamed streamed(graph);
  EXPECT_TRUE(streamed.ok);
  EXPECT_EQ(streamed.rings, 6);
}

// Over an input that is needed to the end, as well.
TEST(Streaming, OutputOverAnInputOfAllNodes) {
  constexpr uint32_t kRows = 192, kNarrow = 4 * 8, kWide = 4 * 32;
  Graph graph;
  const int x = graph.Image({static_cast<int>(kRows), 4, 8});
  const int wide = graph.Convolve(graph.Convolve(x, kOnePixel, 32), kThree, 32);
  graph.inputs = {x};
  graph.outputs = {graph.Add(x, graph.Convolve(wide, kOnePixel, 8))};
  const Streamed streamed(graph);
  EXPECT_TRUE(streamed.ok);
  EXPECT_TRUE(streamed.bytes <= (kRows + 3) * kNarrow + (3 + 1) * kWide + kMostScratch);
}

// What the graph gives out is whole, also in the middle of a chain.
TEST(Streaming, OutputsAreWhole) {
  Graph graph;
  const int x = graph.Image({16, 4, 8});
  const int first = graph.Convolve(x, kOnePixel, 32);
  graph.inputs = {x};
  graph.outputs = {first, graph.Convolve(graph.Convolve(first, kThree, 32), kOnePixel, 8)};
  EXPECT_TRUE(Streamed(graph).ok);
}

// A row of a few elements is not worth a call.
TEST(Streaming, NarrowRowsStayWhole) {
  Graph graph;
  const int x = graph.Image({64, 1, 8});
  graph.inputs = {x};
  graph.outputs = {graph.Convolve(graph.Convolve(x, kOnePixel, 32), kOnePixel, 8)};
  const Result<Model> model = Model::Verify(graph.Finish());
  Guarded arena(8192);
  Interpreter interpreter(*model, kOps, arena.span());
  EXPECT_TRUE(interpreter.AllocateTensors({false, nullptr, kStreamRows}).ok());
  for (int t = 0; t < model->tensor_count(); ++t) {
    EXPECT_TRUE(interpreter.region(t) != Region::kNone);
  }
}

TEST(Streaming, RandomGraphs) {
  constexpr int kGraphs = MIDGE_STREAMING_TEST_GRAPHS, kMostNodes = 8;
  int streamed_graphs = 0;
  for (int g = 0; g < kGraphs; ++g) {
    random_state = static_cast<uint32_t>(g + 1);
    Graph graph;
    std::vector<int> made = {graph.Image({4 + Random(16), 1 + Random(6), 8})};
    graph.inputs = {made[0]};
    if (Random(3) == 0) {
      made.push_back(graph.Image(graph.SizeOf(made[0])));
      graph.inputs.push_back(made[1]);
    }
    const auto any = [&] {
      const int count = static_cast<int>(made.size());
      return made[static_cast<size_t>(count - 1 - Random(std::min(4, count)))];
    };
    for (int n = 0; n < kMostNodes; ++n) {
      const int x = Random(3) == 0 ? any() : made.back();
      const Graph::Window window = {1 + Random(4), 1 + Random(3),
                                    1 + Random(4) / 3 * (1 + Random(2)), Random(3) != 0};
      int y = x;
      switch (Random(8)) {
        case 0:
          y = graph.Pool(x, window, Random(2) == 0);
          break;
        case 1:
        case 2:
        case 3:
          y = graph.Convolve(x, window, 8 * (1 + Random(3)));
          break;
        case 4:
          y = graph.Reshape(x);
          break;
        default: {
          // Two of one size, if there are, the older the better.
          const Graph::Size size = graph.SizeOf(x);
          int other = x;
          for (const int t : made) {
            if (graph.SizeOf(t) == size && Random(2) == 0) {
              other = t;
              break;
            }
          }
          const bool side_by_side = size.channels <= 24 && Random(3) == 0;
          y = side_by_side     ? graph.Concatenate(x, other)
              : Random(2) == 0 ? graph.Add(x, other)
                               : graph.Add(other, x);
        }
      }
      if (y != x) made.push_back(y);
    }
    graph.outputs = {made.back()};
    if (const int t = any(); Random(3) == 0 && t != made.back()) graph.outputs.push_back(t);
    if (graph.nodes.empty() || graph.outputs[0] == made[0]) continue;
    const Streamed streamed(graph);
    if (!streamed.ok) {
      midge_test::Print("graph ");
      midge_test::PrintSigned(g);
      midge_test::Print("\n");
      return;
    }
    streamed_graphs += streamed.rings != 0;
  }
  // Else they would not test much.
  EXPECT_TRUE(streamed_graphs >= kGraphs / 60);
}

}  // namespace
}  // namespace midge
