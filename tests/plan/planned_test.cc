// SPDX-License-Identifier: Apache-2.0
//
// Properties of plans, over every model that is given (packs of conformance cases, or
// models):
//
//   rows      A node with a row window, run a few rows at a time in any order, its inputs and its
//             output in rings that hold nothing but these rows and their windows, gives the bytes
//             that it gives when run whole; so does one that takes rows of its input, in their
//             order.
//   planned   A model run by its embedded plan, in exactly the arena that this needs and with what
//             is around it poisoned, gives the bytes that it gives without; one byte less is
//             refused.
//   streamed  InvokeRows, however the input is cut into pieces, gives the same bytes, with the
//             whole input in the arena and with a plan that keeps only the rows in use.
//   apart     With all tensors apart, every layer has the bytes that it has when they share memory.
//   by rows   The same of a plan in which ops take the rows of their input as they come.
//   segments  Planned on the device with segments, a model gives the same bytes in exactly the arena
//             that it says it needs; one byte less is refused.
//   blocks    In several blocks of memory, a model gives the same bytes.
//
// usage: planned_test FILE...   *.cases are packs, all else are models
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "embedded_plan.h"
#include "midge/all_ops.h"
#include "midge/midge.h"
#include "midge/ops_by_rows.h"
#include "midge/record.h"
#include "plan/streaming.h"
#include "plan_file.h"
#include "prepare_node.h"
#include "tests/conformance/pack.h"

namespace {

using midge::Model;
using midge::RowGeometry;
using midge::Span;
using midge::StatusCode;
using midge::TensorView;

int checks = 0, failures = 0, streamed = 0;

void Expect(bool holds, const std::string& name, const char* what) {
  ++checks;
  if (holds) return;
  ++failures;
  std::printf("FAILED  %s: %s\n", name.c_str(), what);
}

// Memory at a multiple of 16.
class Aligned {
 public:
  explicit Aligned(size_t size) : storage_(size + 16), size_(size) {}
  Span<uint8_t> span() const {
    auto* begin = const_cast<uint8_t*>(storage_.data());
    while (reinterpret_cast<uintptr_t>(begin) % 16 != 0) ++begin;
    return {begin, size_};
  }

 private:
  std::vector<uint8_t> storage_;
  size_t size_;
};

uint32_t random_state = 1;
uint32_t Random() {
  random_state = random_state * 1664525 + 1013904223;
  return random_state >> 8;
}

// Any bytes for integers, moderate numbers for floats.
void Fill(midge::TensorType type, Span<uint8_t> bytes) {
  if (type != midge::TensorType::kFloat32) {
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(Random());
    return;
  }
  for (size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    const float value = static_cast<float>(Random() % 2001) / 1000.f - 1.f;
    std::memcpy(bytes.data() + i, &value, 4);
  }
}

// Models above this are too slow to run hundreds of times.
constexpr size_t kMaxDamagedBytes = 32768;

using Tensors = std::vector<std::vector<uint8_t>>;

Tensors Outputs(const midge::Interpreter& interpreter) {
  Tensors outputs;
  for (int i = 0; i < interpreter.output_count(); ++i) {
    const Span<const uint8_t> bytes = interpreter.output(i).bytes();
    outputs.emplace_back(bytes.begin(), bytes.end());
  }
  return outputs;
}

Tensors RunOn(midge::Interpreter& interpreter, const Tensors& inputs) {
  for (int i = 0; i < interpreter.input_count(); ++i) {
    const Span<uint8_t> to = interpreter.input(i).mutable_bytes();
    if (to.size() != 0) std::memcpy(to.data(), inputs[static_cast<size_t>(i)].data(), to.size());
  }
  if (!interpreter.Invoke().ok()) return {};
  return Outputs(interpreter);
}

// The next `count` elements, as an application gives them: typed.
template <typename T>
midge::Status FeedAs(midge::Interpreter& interpreter, const uint8_t* from, size_t count,
                     bool in_place) {
  if (in_place) {
    const Span<T> place = interpreter.next_rows<T>();
    if (count > place.size()) count = place.size();
    std::memcpy(place.data(), from, count * sizeof(T));
    return interpreter.InvokeRows(Span<T>(place.data(), count));
  }
  return interpreter.InvokeRows(Span<const T>(reinterpret_cast<const T*>(from), count));
}

midge::Status Feed(midge::Interpreter& interpreter, const uint8_t* from, size_t count,
                   bool in_place) {
  switch (interpreter.input(0).type()) {
    case midge::TensorType::kFloat32:
      return FeedAs<float>(interpreter, from, count, in_place);
    case midge::TensorType::kInt8:
      return FeedAs<int8_t>(interpreter, from, count, in_place);
    case midge::TensorType::kUInt8:
      return FeedAs<uint8_t>(interpreter, from, count, in_place);
    case midge::TensorType::kInt16:
      return FeedAs<int16_t>(interpreter, from, count, in_place);
    case midge::TensorType::kInt32:
      return FeedAs<int32_t>(interpreter, from, count, in_place);
    default:
      return StatusCode::kUnsupportedType;
  }
}

size_t ElementBytes(const midge::Interpreter& interpreter) {
  return static_cast<size_t>(std::max(midge::ElementBits(interpreter.input(0).type()) / 8, 1));
}

// All ops, those of ops_by_rows.h before what has their names.
midge::OpResolverView OpsByRows() {
  static const std::vector<const midge::Op*> heads = [] {
    std::vector<const midge::Op*> rows = {&midge::kAveragePool2DInt8ByRows,
                                          &midge::kAveragePool2DInt16ByRows,
                                          &midge::kAveragePool2DFloat32ByRows,
                                          &midge::kMaxPool2DInt8ByRows,
                                          &midge::kMaxPool2DInt16ByRows,
                                          &midge::kMaxPool2DFloat32ByRows,
                                          &midge::kMeanInt8ByRows,
                                          &midge::kMeanInt16ByRows,
                                          &midge::kMeanFloat32ByRows};
    const midge::OpResolverView all = midge::kAllOps;
    for (int i = 0; i < all.count(); ++i) rows.push_back(&all.row(i));
    return rows;
  }();
  static const int count = static_cast<int>(heads.size());
  return {heads.data(), &count};
}

bool HasOpsByRows(const Model& model) {
  for (int n = 0; n < model.node_count(); ++n) {
    for (int i = 0; i < OpsByRows().count() - midge::kAllOps.view().count(); ++i) {
      if (midge::internal::CheckServes(OpsByRows().row(i), model, model.node(n), nullptr).ok()) {
        return true;
      }
    }
  }
  return false;
}

void CheckDamaged(const std::string& name, Span<uint8_t> file, size_t needed, const Tensors& inputs,
                  midge::OpResolverView ops) {
  const midge::Result<Model> model = Model::Verify(file);
  const Span<const uint8_t> plan = model->metadata(midge::internal::kPlanMetadataName);
  uint8_t* const payload = file.data() + (plan.data() - file.data());
  // Twice the arena: a plan may say that it needs more.
  const size_t size = 2 * needed + 256;
  constexpr size_t kMargin = 256;
  Aligned memory(size + kMargin);
  const Span<uint8_t> arena = memory.span();
  const size_t step = 1 + plan.size() / 300;
  for (size_t at = Random() % step; at < plan.size(); at += step) {
    uint8_t old[4];
    const size_t word = at / 4 * 4;
    std::memcpy(old, payload + word, 4);
    switch (Random() % 4) {
      case 0:
        payload[at] ^= static_cast<uint8_t>(1u << Random() % 8);
        break;
      case 1:
        payload[at] = static_cast<uint8_t>(Random());
        break;
      case 2:
        std::memset(payload + word, 0, 4);
        break;
      default:
        std::memset(payload + word, 0xff, 4);
        break;
    }
    std::memset(arena.data(), 0xcd, arena.size());
    midge::Interpreter interpreter(file, ops, {arena.data(), size});
    if (interpreter.AllocateTensorsAsPlanned().ok() && RunOn(interpreter, inputs).empty()) {
      (void)Feed(interpreter, inputs[0].data(), inputs[0].size() / ElementBytes(interpreter),
                 false);
    }
    bool intact = true;
    for (size_t i = size; i < arena.size(); ++i) intact &= arena[i] == 0xcd;
    Expect(intact, name, "a damaged plan wrote behind the arena");
    std::memcpy(payload + word, old, 4);
  }
}

bool ComputesShapes(const Model& model) {
  for (int g = 0; g < model.subgraph_count(); ++g) {
    const Model graph = model.Subgraph(g);
    for (int n = 0; n < graph.node_count(); ++n) {
      if (graph.node(n).code == midge::BuiltinOp::kShape) return true;
    }
  }
  return false;
}

void CheckPlanned(const std::string& name, const Model& model, const Tensors& inputs,
                  const Tensors& expected, midge::OpResolverView ops, bool smallest = false) {
  std::vector<uint8_t> file;
  midge_tool::HostPlan plan;
  const midge_tool::HostPlanOptions options = {false, smallest};
  const midge::Status made = midge_tool::MakePlannedFile(model, ops, options, &file, &plan);
  // Shapes that nodes compute are known on the device only.
  if (made.code() == StatusCode::kUnsupportedOption && ComputesShapes(model)) return;
  if (!made.ok()) return Expect(false, name, "cannot be planned");
  Aligned bytes(file.size());
  std::memcpy(bytes.span().data(), file.data(), file.size());
  midge::Interpreter measure(bytes.span(), ops, {});
  const midge::Status none = measure.AllocateTensorsAsPlanned();
  const size_t needed = measure.arena_used_bytes();
  Expect(none.ok() || none.code() == StatusCode::kArenaTooSmall, name, "plan refused");

  constexpr size_t kMargin = 64;
  Aligned memory(needed + kMargin);
  const Span<uint8_t> arena = memory.span();
  std::memset(arena.data(), 0xcd, arena.size());
  if (needed > 0) {
    midge::Interpreter small(bytes.span(), ops, {arena.data(), needed - 1});
    Expect(small.AllocateTensorsAsPlanned().code() == StatusCode::kArenaTooSmall &&
               small.arena_used_bytes() == needed,
           name, "an arena one byte too small");
  }
  midge::Interpreter interpreter(bytes.span(), ops, {arena.data(), needed});
  if (!interpreter.AllocateTensorsAsPlanned().ok()) {
    return Expect(false, name, "the arena that is needed is refused");
  }
  Expect(RunOn(interpreter, inputs) == expected, name, "planned outputs differ");
  bool intact = true;
  for (size_t i = needed; i < arena.size(); ++i) intact &= arena[i] == 0xcd;
  Expect(intact, name, "bytes behind the arena were written");
  if (file.size() < kMaxDamagedBytes) CheckDamaged(name, bytes.span(), needed, inputs, ops);
}

// Feeds input 0 in the given number of elements at a time (0: random numbers), others before.
void CheckFed(const std::string& name, midge::Interpreter& interpreter, const Tensors& inputs,
              const Tensors& expected, size_t at_once, bool in_place) {
  Expect(interpreter.Reset().ok(), name, "Reset");
  for (int i = 1; i < interpreter.input_count(); ++i) {
    const Span<uint8_t> to = interpreter.input(i).mutable_bytes();
    if (to.size() != 0) std::memcpy(to.data(), inputs[static_cast<size_t>(i)].data(), to.size());
  }
  const size_t element = ElementBytes(interpreter);
  const std::vector<uint8_t>& input = inputs[0];
  bool fed = true;
  while (fed && interpreter.input_bytes_left() != 0) {
    const size_t left = interpreter.input_bytes_left();
    const uint8_t* const from = input.data() + (input.size() - left);
    const size_t count = std::min(left / element, at_once != 0 ? at_once : 1 + Random() % 99);
    fed = Feed(interpreter, from, count, in_place).ok();
  }
  Expect(fed, name, "InvokeRows");
  Expect(Outputs(interpreter) == expected, name, "outputs differ if the input is fed by rows");
  Expect(Feed(interpreter, input.data(), 1, false).code() == StatusCode::kTooManyRows, name,
         "a row too many");
  Expect(interpreter.RestartRows().ok() && interpreter.input_bytes_left() == input.size(), name,
         "RestartRows");
}

void CheckFedInEveryWay(const std::string& name, midge::Interpreter& interpreter,
                        const Tensors& inputs, const Tensors& expected) {
  const size_t element = ElementBytes(interpreter);
  const size_t all = inputs[0].size() / element;
  const bool small = all < 4096;
  if (small) CheckFed(name, interpreter, inputs, expected, 1, false);
  if (small) CheckFed(name, interpreter, inputs, expected, 7, false);
  CheckFed(name, interpreter, inputs, expected, 0, false);
  CheckFed(name, interpreter, inputs, expected, all, true);
  // Given up halfway.
  Expect(Feed(interpreter, inputs[0].data(), (all + 1) / 2, false).ok() &&
             interpreter.RestartRows().ok(),
         name, "half an input");
  CheckFed(name, interpreter, inputs, expected, all, false);
}

// A plan that takes input 0 row by row, where the first ops work by rows.
void CheckStreamed(const std::string& name, const Model& model, const Tensors& inputs,
                   const Tensors& expected) {
  const midge_tool::HostPlanOptions options = {true, false};
  std::vector<uint8_t> file;
  midge_tool::HostPlan plan;
  const midge::Status made =
      midge_tool::MakePlannedFile(model, midge::kAllOps, options, &file, &plan);
  if (made.code() == StatusCode::kUnsupportedOption) return;
  Expect(made.ok(), name, "cannot be planned for InvokeRows");
  Aligned bytes(file.size());
  std::memcpy(bytes.span().data(), file.data(), file.size());
  midge::Interpreter measure(bytes.span(), midge::kAllOps, {});
  Expect(measure.AllocateTensorsAsPlanned().code() == StatusCode::kArenaTooSmall, name,
         "an empty arena for InvokeRows");
  const size_t needed = measure.arena_used_bytes();
  constexpr size_t kMargin = 64;
  Aligned memory(needed + kMargin);
  const Span<uint8_t> arena = memory.span();
  std::memset(arena.data(), 0xcd, arena.size());
  midge::Interpreter small(bytes.span(), midge::kAllOps, {arena.data(), needed - 1});
  Expect(small.AllocateTensorsAsPlanned().code() == StatusCode::kArenaTooSmall &&
             small.arena_used_bytes() == needed,
         name, "an arena one byte too small for InvokeRows");
  midge::Interpreter interpreter(bytes.span(), midge::kAllOps, {arena.data(), needed});
  if (!interpreter.AllocateTensorsAsPlanned().ok()) {
    return Expect(false, name, "a plan for InvokeRows is refused");
  }
  ++streamed;
  Expect(!interpreter.input(0).has_data() && interpreter.Invoke().code() == StatusCode::kInputIsFed,
         name, "Invoke of an input that is not there");
  CheckFedInEveryWay(name, interpreter, inputs, expected);
  bool intact = true;
  for (size_t i = needed; i < arena.size(); ++i) intact &= arena[i] == 0xcd;
  Expect(intact, name, "bytes behind the arena were written by InvokeRows");
  if (file.size() < kMaxDamagedBytes)
    CheckDamaged(name, bytes.span(), needed, inputs, midge::kAllOps);
}

// Enough for the program and the planner's tables of any model here, so that needs can be told.
const Aligned& MeasuringArena() {
  static const Aligned memory(131072);
  return memory;
}

// The outputs of every node, taken when it has run.
struct Layers {
  std::vector<int> tensors;
  Tensors bytes;

  static bool OnNode(void* context, const midge::Interpreter& interpreter,
                     midge::Monitor::Moment moment, int node) {
    if (moment == midge::Monitor::Moment::kBeforeNode) return true;
    auto& layers = *static_cast<Layers*>(context);
    for (const int32_t t : interpreter.model().node(node).outputs) {
      const Span<const uint8_t> bytes = interpreter.tensor(t).bytes();
      layers.tensors.push_back(t);
      layers.bytes.emplace_back(bytes.begin(), bytes.end());
    }
    return true;
  }
};

void Write(midge::Interpreter& interpreter, const Tensors& inputs) {
  for (int i = 0; i < interpreter.input_count(); ++i) {
    const Span<uint8_t> to = interpreter.input(i).mutable_bytes();
    if (to.size() != 0) std::memcpy(to.data(), inputs[static_cast<size_t>(i)].data(), to.size());
  }
}

// With all tensors apart, every layer is what it is when memory is shared.
void CheckApart(const std::string& name, const Model& model, const Tensors& inputs,
                const Tensors& expected) {
  midge::AllocateOptions options;
  options.keep_tensors_apart = true;
  midge::Interpreter measure(model, midge::kAllOps, MeasuringArena().span());
  (void)measure.AllocateTensors(options);
  Aligned memory(measure.arena_used_bytes());
  midge::Interpreter apart(model, midge::kAllOps, memory.span());
  Expect(apart.AllocateTensors(options).ok(), name, "AllocateTensors with all tensors apart");
  Expect(RunOn(apart, inputs) == expected, name, "outputs with all tensors apart");

  midge::Interpreter measure_shared(model, midge::kAllOps, MeasuringArena().span());
  (void)measure_shared.AllocateTensors();
  Aligned shared_memory(measure_shared.arena_used_bytes());
  midge::Interpreter shared(model, midge::kAllOps, shared_memory.span());
  Layers layers;
  const midge::Monitor monitor = {Layers::OnNode, &layers};
  Expect(shared.AllocateTensors().ok(), name, "AllocateTensors");
  Write(shared, inputs);
  if (!shared.Invoke(monitor).ok()) return Expect(expected.empty(), name, "Invoke with a monitor");
  for (size_t i = 0; i < layers.tensors.size(); ++i) {
    const Span<const uint8_t> bytes = apart.tensor(layers.tensors[i]).bytes();
    Expect(std::vector<uint8_t>(bytes.begin(), bytes.end()) == layers.bytes[i], name,
           "a layer differs with all tensors apart");
  }
}

void CheckSegments(const std::string& name, const Model& model, const Tensors& inputs,
                   const Tensors& expected) {
  constexpr size_t kMargin = 64;
  for (const auto* streaming : {midge::kStreamRows, &midge::internal::kStreamingOfAnyRows}) {
    const midge::AllocateOptions options = {false, nullptr, streaming};
    midge::Interpreter measure(model, midge::kAllOps, MeasuringArena().span());
    (void)measure.AllocateTensors(options);
    const size_t needed = measure.arena_used_bytes();
    Aligned memory(needed + kMargin);
    const Span<uint8_t> arena = memory.span();
    std::memset(arena.data(), 0xcd, arena.size());
    if (needed > 0) {
      midge::Interpreter small(model, midge::kAllOps, {arena.data(), needed - 1});
      Expect(small.AllocateTensors(options).code() == StatusCode::kArenaTooSmall &&
                 small.arena_used_bytes() == needed,
             name, "an arena one byte too small for segments");
    }
    midge::Interpreter interpreter(model, midge::kAllOps, {arena.data(), needed});
    Expect(interpreter.AllocateTensors(options).ok(), name, "AllocateTensors with segments");
    Expect(RunOn(interpreter, inputs) == expected, name, "outputs with segments");
    bool intact = true;
    for (size_t i = needed; i < arena.size(); ++i) intact &= arena[i] == 0xcd;
    Expect(intact, name, "bytes behind the arena were written with segments");
  }
}

// In several blocks, each as large as is needed, around them poison.
void CheckBlocks(const std::string& name, const Model& model, const Tensors& inputs,
                 const Tensors& expected) {
  midge::Interpreter plain(model, midge::kAllOps, MeasuringArena().span());
  (void)plain.AllocateTensors();
  const uint32_t activation_bytes = plain.arena_usage().activation_bytes;
  constexpr size_t kMargin = 64;
  for (const uint32_t fast_bytes : {0u, activation_bytes / 3, 4 * activation_bytes}) {
    for (const bool own_block : {false, true}) {
      Aligned activations(own_block ? 4 * activation_bytes + kMargin : 0), fast(fast_bytes);
      midge::MemoryBlocks blocks = {MeasuringArena().span(), activations.span(), fast.span()};
      midge::Interpreter measure(model.bytes(), midge::kAllOps, blocks);
      (void)measure.AllocateTensors();
      const midge::ArenaUsage usage = measure.arena_usage();
      Aligned arena(usage.total_bytes() + kMargin);
      for (const Aligned* memory : {&arena, &activations}) {
        std::memset(memory->span().data(), 0xcd, memory->span().size());
      }
      blocks.arena = {arena.span().data(), usage.total_bytes()};
      midge::Interpreter interpreter(model.bytes(), midge::kAllOps, blocks);
      Expect(interpreter.AllocateTensors().ok(), name, "AllocateTensors in blocks");
      Expect(RunOn(interpreter, inputs) == expected, name, "outputs in blocks");
      bool intact = true;
      for (size_t i = usage.total_bytes(); i < arena.span().size(); ++i) {
        intact &= arena.span()[i] == 0xcd;
      }
      for (size_t i = usage.activation_bytes; i < activations.span().size(); ++i) {
        intact &= activations.span()[i] == 0xcd;
      }
      Expect(intact, name, "bytes behind a block were written");
    }
  }
}

// Rows [0, count) in pieces of one row to `most`, in their order or in any.
std::vector<midge::Rows> AnyChunks(int32_t count, int32_t most, bool any_order) {
  std::vector<midge::Rows> chunks;
  for (int32_t y = 0; y < count; y = chunks.back().end) {
    const auto rows = 1 + static_cast<int32_t>(Random() % static_cast<uint32_t>(most));
    chunks.push_back(midge::Rows{y, y + rows}.Clip(count));
  }
  for (size_t i = any_order ? chunks.size() : 0; i > 1; --i)
    std::swap(chunks[i - 1], chunks[Random() % i]);
  return chunks;
}

// The first node's inputs are the graph's; so this is for graphs of one node. With as many units of
// scratch as the node asks for, or with none.
void CheckRows(const std::string& name, const Model& model, const Tensors& inputs,
               const Tensors& expected, midge::OpResolverView ops, int32_t at_once,
               bool most_scratch) {
  using namespace midge::internal;  // NOLINT: the test is about what is inside
  const midge::NodeView node = model.node(0);
  NodePlan plan;
  PrepareState state = {};
  state.model = &model;
  state.node = node;
  state.plan = &plan;
  if (!PrepareNode(ops, state).ok()) return;
  const bool takes_input_rows = midge::TakesInputRows(plan.window);
  const midge::RowWindow window = takes_input_rows ? midge::RowWindow::SameRow() : plan.window;
  if (window.is_whole()) return;
  std::vector<uint32_t> words(static_cast<size_t>(state.program.size_bytes) / 4);
  state.program = {reinterpret_cast<uint8_t*>(words.data()),
                   static_cast<uint32_t>(state.program.size_bytes), 0};
  if (!PrepareNode(ops, state).ok()) return;

  // Memory: a ring per activation input of what so many output rows need, a ring of these, scratch.
  struct Ring {
    const std::vector<uint8_t>* tensor;
    RowGeometry rows;
    size_t row_bytes, offset;
  };
  std::vector<Ring> rings;
  size_t size = 0;
  const auto place = [&](size_t bytes) {
    const size_t at = size;
    size += (bytes + 31) / 16 * 16;  // with a gap, so that poison lies between
    return at;
  };
  const auto ring_location = [&](size_t offset, int32_t rows) {
    return kInRing | static_cast<uint32_t>(rows) << kRingRowsShift |
           static_cast<uint32_t>(offset / 16);
  };
  const int32_t window_rows = (at_once - 1) * window.stride + window.span;
  uint32_t* slot = words.data() + 2;
  for (const int32_t t : node.inputs) {
    if (t < 0) {
      *slot++ = kAbsent;
      continue;
    }
    const TensorView tensor = model.tensor(t);
    if (tensor.is_constant()) {
      *slot++ = kInModel | static_cast<uint32_t>(tensor.bytes().data() - model.bytes().data());
      continue;
    }
    const RowGeometry rows = RowGeometry::Of(tensor.shape());
    if (rows.count == 0) return;
    const size_t row_bytes = tensor.size_bytes() / static_cast<size_t>(rows.count);
    size_t index = 0;
    while (model.inputs()[index] != t) ++index;
    rings.push_back(
        {&inputs[index], rows, row_bytes, place(row_bytes * static_cast<size_t>(window_rows))});
    *slot++ = ring_location(rings.back().offset, window_rows);
  }
  const TensorView output = model.tensor(node.outputs[0]);
  const RowGeometry output_rows = RowGeometry::Of(output.shape());
  if (output_rows.count == 0) return;
  const size_t output_row = output.size_bytes() / static_cast<size_t>(output_rows.count);
  const size_t rings_end = size;
  const int32_t output_ring = takes_input_rows ? output_rows.count : at_once;
  const size_t output_at = place(output_row * static_cast<size_t>(output_ring));
  *slot++ = takes_input_rows ? static_cast<uint32_t>(output_at) : ring_location(output_at, at_once);
  if (RecordView(words.data()).has_scratch()) {
    const uint32_t units = most_scratch ? plan.scratch_units : 0;
    words.back() = static_cast<uint32_t>(place(plan.ScratchBytes(units))) | units;
  }

  Aligned memory(size);
  std::vector<uint8_t> result(output.size_bytes());
  const midge::Op* op = nullptr;
  op = &ops.row(RecordView(words.data()).op_row());
  for (int i = RecordView(words.data()).variant(); i > 0; --i) op = op->next;
  std::memset(memory.span().data(), 0xa5, size);
  const int32_t row_count = takes_input_rows ? rings[0].rows.count : output_rows.count;
  for (const midge::Rows rows : AnyChunks(row_count, at_once, !takes_input_rows)) {
    const int32_t y = rows.begin;
    // Sums stay.
    std::memset(memory.span().data(), 0xa5, takes_input_rows ? rings_end : size);
    const int32_t first = y * window.stride - window.pad;
    const int32_t end = (rows.end - 1) * window.stride - window.pad + window.span;
    for (const Ring& ring : rings) {
      for (int32_t r = std::max(0, first); r < std::min(end, ring.rows.count); ++r) {
        std::memcpy(memory.span().data() + ring.offset +
                        static_cast<size_t>(r % window_rows) * ring.row_bytes,
                    ring.tensor->data() + static_cast<size_t>(r) * ring.row_bytes, ring.row_bytes);
      }
    }
    const midge::EvalContext context(words.data(), model.bytes().data(), memory.span().data(),
                                     first > 0 ? first : 0, y);
    Expect(op->eval(context, rows).ok(), name, "Eval of rows");
    if (takes_input_rows) continue;
    uint8_t* const ring = memory.span().data() + output_at;
    for (int32_t r = rows.begin; r < rows.end; ++r) {
      uint8_t* const row = ring + static_cast<size_t>(r % at_once) * output_row;
      std::memcpy(result.data() + static_cast<size_t>(r) * output_row, row, output_row);
      std::memset(row, 0xa5, output_row);
    }
    const size_t ring_bytes = (output_row * static_cast<size_t>(at_once) + 31) / 16 * 16;
    for (size_t i = 0; i < ring_bytes; ++i) {
      if (ring[i] != 0xa5) Expect(false, name, "rows wrote where others are");
    }
  }
  if (takes_input_rows) {
    std::memcpy(result.data(), memory.span().data() + output_at, result.size());
  }
  Expect(result == expected[0], name, "row by row, outputs differ");
}

// `recorded`: inputs that the model takes for sure; empty if none are known.
void CheckModel(const std::string& name, Span<const uint8_t> bytes, const Tensors& recorded) {
  const midge::Result<Model> model = Model::Verify(bytes);
  if (!model.ok()) return;  // a case of a refusal
  midge::Interpreter measure(*model, midge::kAllOps, {});
  if (const midge::Status status = measure.AllocateTensors();
      !status.ok() && status.code() != StatusCode::kArenaTooSmall) {
    return;
  }
  size_t needed = measure.arena_used_bytes();
  Aligned memory(needed + 65536);
  midge::Interpreter interpreter(*model, midge::kAllOps, memory.span());
  if (!interpreter.AllocateTensors().ok()) return Expect(false, name, "AllocateTensors");
  Tensors inputs;
  for (int i = 0; i < interpreter.input_count(); ++i) {
    const TensorView input = interpreter.input(i);
    Fill(input.type(), input.mutable_bytes());
    inputs.emplace_back(input.bytes().begin(), input.bytes().end());
  }
  Tensors expected = RunOn(interpreter, inputs);
  if (expected.empty() && !recorded.empty()) {  // indices cannot be any numbers
    inputs = recorded;
    expected = RunOn(interpreter, inputs);
    Expect(!expected.empty(), name, "the recorded inputs");
  }
  CheckPlanned(name, *model, inputs, expected, midge::kAllOps);
  if (HasOpsByRows(*model)) {
    CheckPlanned(name, *model, inputs, expected, OpsByRows());
    CheckPlanned(name, *model, inputs, expected, OpsByRows(), true);
  }
  CheckApart(name, *model, inputs, expected);
  CheckSegments(name, *model, inputs, expected);
  CheckBlocks(name, *model, inputs, expected);
  // A type that an application can name, and something to feed.
  if (!inputs.empty() && !inputs[0].empty() && Feed(interpreter, inputs[0].data(), 0, false).ok()) {
    CheckFedInEveryWay(name, interpreter, inputs, expected);
    CheckStreamed(name, *model, inputs, expected);
  }
  if (model->node_count() == 1 && expected.size() == 1) {
    for (const int32_t at_once : {1, 2, 5}) {
      for (const midge::OpResolverView ops : {midge::kAllOps.view(), OpsByRows()}) {
        CheckRows(name, *model, inputs, expected, ops, at_once, false);
        CheckRows(name, *model, inputs, expected, ops, at_once, true);
      }
    }
  }
}

bool CheckPack(const char* path) {
  midge_conformance::PackReader reader;
  if (!reader.Open(path)) {
    std::fprintf(stderr, "planned_test: %s: %s\n", path, reader.error());
    return false;
  }
  for (midge_conformance::Case test; reader.Next(&test);) {
    Aligned model(test.model_bytes);
    if (!reader.ReadModel(model.span().data())) break;
    Tensors inputs;
    for (int i = 0; test.invoke_count > 0 && i < test.input_count; ++i) {
      inputs.emplace_back(test.input(i).size_bytes);
      if (!reader.Read(inputs.back().data(), test.input(i).size_bytes)) break;
    }
    CheckModel(test.name, model.span(), inputs);
  }
  return reader.ok();
}

bool CheckFile(const char* path) {
  std::FILE* const file = std::fopen(path, "rb");
  if (file == nullptr) {
    std::fprintf(stderr, "planned_test: cannot read %s\n", path);
    return false;
  }
  std::fseek(file, 0, SEEK_END);
  Aligned model(static_cast<size_t>(std::ftell(file)));
  std::rewind(file);
  const bool read =
      std::fread(model.span().data(), 1, model.span().size(), file) == model.span().size();
  std::fclose(file);
  if (read) CheckModel(path, model.span(), {});
  return read;
}

}  // namespace

int main(int argc, char** argv) {
  bool read = argc > 1;
  for (int i = 1; i < argc; ++i) {
    const std::string path = argv[i];
    const bool pack = path.size() > 6 && path.substr(path.size() - 6) == ".cases";
    read &= pack ? CheckPack(argv[i]) : CheckFile(argv[i]);
  }
  std::printf("%d checks, %d failed; %d models take their input by rows\n", checks, failures,
              streamed);
  return read && checks > 0 && failures == 0 ? 0 : 1;
}
