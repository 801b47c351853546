// SPDX-License-Identifier: Apache-2.0
// The firmware that benchmarks/bench builds around a model and runs. It prints one fact per line, a
// name and values separated by tabs; README.md says what each figure includes.

#include <cstdlib>
#include <cstring>

#include "bench_model.h"
#include "benchmarks/input.h"
#include "benchmarks/line.h"
#include "benchmarks/macs.h"
#include "midge/midge.h"
#include "ports/port.h"

namespace {

using midge::Interpreter;
using midge::Model;
using midge::Monitor;
using midge::Span;
using midge_bench::Line;

// Appends the shape of operand `i` as "1x49x10x1", or "-" if it is absent or a scalar.
void AppendDimensions(Line& line, const Model& model, Span<const int32_t> operands, size_t i = 0) {
  midge::Shape shape;
  if (i < operands.size() && operands[i] >= 0) shape = model.tensor_shape(operands[i]);
  line.Text(shape.rank() == 0 ? "-" : "");
  for (int k = 0; k < shape.rank(); ++k) {
    line.Append(k == 0 ? "" : "x").Digits(static_cast<uint32_t>(shape[k]));
  }
}

int Fail(midge::Status status, const Interpreter& interpreter) {
  char text[160];
  Line("error").Text(midge::Describe(status, interpreter, {text, sizeof(text)}));
  return 1;
}

// Takes the count around every node.
struct NodeCounter {
  static bool OnNode(void* context, const Interpreter&, Monitor::Moment moment, int node) {
    auto& counter = *static_cast<NodeCounter*>(context);
    if (moment == Monitor::Moment::kBeforeNode) {
      counter.begin = PortInstructionCount();
    } else {
      const uint64_t count = PortInstructionCount() - counter.begin;
      if (count < counter.counts[node]) counter.counts[node] = count;
    }
    return true;
  }

  // What a node that does nothing would count: the way from one callback to the next.
  static uint64_t CallbackCount(const Interpreter& interpreter) {
    // Volatile, so that it is called as the interpreter calls it.
    bool (*volatile callback)(void*, const Interpreter&, Monitor::Moment, int) = OnNode;
    uint64_t least = UINT64_MAX;
    NodeCounter counter = {&least, 0};
    for (int i = 0; i < 16; ++i) {
      callback(&counter, interpreter, Monitor::Moment::kBeforeNode, 0);
      callback(&counter, interpreter, Monitor::Moment::kAfterNode, 0);
    }
    return least;
  }

  uint64_t* counts;  // the least so far of each node
  uint64_t begin;
};

alignas(midge::kArenaAlignment) uint8_t arena[bench_model::kArenaBytes];

}  // namespace

int main() {
  const auto ops = bench_model::Ops();
  Interpreter interpreter(bench_model::g_model, ops, arena);
  const uint64_t allocate_begin = PortInstructionCount();
  midge::Status status = bench_model::Allocate(interpreter);
  const uint64_t allocate = PortInstructionCount() - allocate_begin;
  if (!status.ok()) return Fail(status, interpreter);

  // Counted instructions are the same each time; times are not, so the least of some is taken.
  const bool is_time = std::strcmp(PortCountUnit(), "ns") == 0;
  const int repeats = is_time ? 20 : 1;
  midge_bench::FillInputs(interpreter);
  status = interpreter.Invoke();
  uint64_t invoke = UINT64_MAX;
  uint32_t crc32 = 0;
  for (int repeat = 0; repeat < repeats && status.ok(); ++repeat) {
    midge_bench::FillInputs(interpreter);
    const uint64_t invoke_begin = PortInstructionCount();
    status = interpreter.Invoke();
    const uint64_t count = PortInstructionCount() - invoke_begin;
    if (count < invoke) invoke = count;
    if (repeat == 0) crc32 = midge_bench::OutputCrc32(interpreter);
  }
  if (!status.ok()) return Fail(status, interpreter);

  const Model& model = interpreter.model();
  const int node_count = model.node_count();
  const uint64_t callback_count = NodeCounter::CallbackCount(interpreter);
  // At least one byte: malloc(0) may be null.
  const size_t counts_bytes = static_cast<size_t>(node_count) * sizeof(uint64_t) + 1;
  NodeCounter counter = {static_cast<uint64_t*>(std::malloc(counts_bytes)), 0};
  if (counter.counts == nullptr) {
    Line("error").Text("the board has no memory for the counts of all nodes");
    return 1;
  }
  for (int n = 0; n < node_count; ++n) counter.counts[n] = UINT64_MAX;
  for (int repeat = 0; repeat < repeats && status.ok(); ++repeat) {
    midge_bench::FillInputs(interpreter);
    status = interpreter.Invoke(Monitor{NodeCounter::OnNode, &counter});
  }
  if (!status.ok()) return Fail(status, interpreter);

  Line("unit").Text(PortCountUnit());
  Line("allocate").Number(allocate);
  Line("invoke").Number(invoke);
  Line("arena_bytes").Number(interpreter.arena_used_bytes());
  Line("output_crc32").Hex(crc32);
  for (int n = 0; n < node_count; ++n) {
    const midge::NodeView node = model.node(n);
    // A node that is executed together with later ones is counted with the last of them.
    const bool counted = counter.counts[n] != UINT64_MAX && counter.counts[n] > callback_count;
    Line line("node");
    line.Text(midge::OpName(node.code)).Number(midge_bench::CountMacs(model, node));
    AppendDimensions(line, model, node.inputs);
    AppendDimensions(line, model,
                     midge_bench::HasWeights(node) ? node.inputs : Span<const int32_t>(), 1);
    AppendDimensions(line, model, node.outputs);
    line.Number(counted ? counter.counts[n] - callback_count : 0);
  }
  return 0;
}
