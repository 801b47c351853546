// SPDX-License-Identifier: Apache-2.0
//
// Subgraphs that nodes call: their programs within the nodes' records, and how these run.
#include "graph_builder.h"
#include "midge/interpreter.h"
#include "segment.h"

namespace midge {
namespace {

using internal::GraphBuilder;
using internal::PrepareState;
using internal::RecordView;

// Where the tensors of subgraphs go, which lie relative to the scratch of the node that calls them,
// or are the variable of a node of the main graph (DeclareVariable).
struct Destination {
  uint32_t base;
  // Variables' places: by the plan of the main graph, or by its records. Without either they stay
  // as they are.
  const GraphBuilder* main;
  Span<const uint32_t> main_records;
};

// The output of node n, as its record says; absent if there is no such record.
uint32_t OutputIn(Span<const uint32_t> records, uint32_t n) {
  for (size_t at = 0; records.size() - at >= 2;) {
    const RecordView record(records.data() + at);
    const size_t record_words = record.size_bytes() / 4;
    if (record_words < 2 || record_words > records.size() - at) break;
    if (n == 0) {
      const auto output = static_cast<size_t>(2 + record.input_count());
      return output < record_words ? records[at + output] : internal::kAbsent;
    }
    --n;
    at += record_words;
  }
  return internal::kAbsent;
}

uint32_t Moved(uint32_t location, const Destination& to) {
  if (location == internal::kAbsent || (location & internal::kInModel) != 0) return location;
  if ((location & internal::kInRing) == 0) return location + to.base;
  const uint32_t node = location & ~internal::kInRing;
  if (to.main != nullptr) return to.main->LocationOfOutput(static_cast<int>(node));
  return to.main_records.empty() ? location : OutputIn(to.main_records, node);
}

void Move(uint32_t* record_words, const Destination& to) {
  const RecordView caller(record_words);
  const uint32_t end = caller.size_bytes() / 4 - 2;
  for (uint32_t at = record_words[end]; at < end; at += record_words[at + 2]) {
    const uint32_t nodes = record_words[at], operands = record_words[at + 1];
    uint32_t* words = record_words + at + internal::kSubgraphHeaderWords;
    for (uint32_t i = 0; i < operands; ++i, ++words) *words = Moved(*words, to);
    for (uint32_t n = 0; n < nodes; ++n) {
      const RecordView record(words);
      const int count = record.input_count() + record.output_count();
      for (int i = 0; i < count; ++i) words[2 + i] = Moved(words[2 + i], to);
      uint32_t* const next = words + record.size_bytes() / 4;
      if (record.has_scratch()) next[-1] += to.base;
      if (record.calls()) Move(words, to);
      words = next;
    }
  }
}

// Variables get their locations when the main graph is complete.
void Relocate(uint32_t* record_words, uint32_t base, const GraphBuilder* main) {
  Move(record_words, {base, main, {}});
}

void LocateVariables(uint32_t* record_words, Span<const uint32_t> main_records) {
  Move(record_words, {0, nullptr, main_records});
}

// Callers go by the shapes of the file. By itself, to keep the stack of nested graphs small.
[[gnu::noinline]] Status ExpectOutputsAsInFile(const Model& graph) {
  Model in_file = graph;
  in_file.UseShapes(nullptr, nullptr);
  for (const int32_t t : graph.outputs()) {
    if (graph.tensor_shape(t) == in_file.tensor_shape(t)) continue;
    return Status::AtTensor(StatusCode::kBadShape, graph.first_tensor() + t);
  }
  return {};
}

// What GraphBuilder does for a graph that is called.
Status Build(Model& graph, PrepareState& state, uint32_t* activation_bytes) {
  const size_t operands = graph.inputs().size() + graph.outputs().size();
  const uint64_t begin = state.program.size_bytes;
  auto* const header = static_cast<uint32_t*>(
      state.program.Append((internal::kSubgraphHeaderWords + operands) * sizeof(uint32_t)));
  GraphBuilder builder(graph, state);
  MIDGE_TRY(builder.PrepareNodes());
  MIDGE_TRY(ExpectOutputsAsInFile(graph));
  for (int t = 0; t < graph.tensor_count(); ++t) {
    // The memory of a subgraph is that of others as well, so nothing could be kept in it.
    if (graph.is_variable(t)) {
      return Status::AtTensor(StatusCode::kUnsupportedOption, graph.first_tensor() + t);
    }
  }
  const Status status = builder.Plan({false, false, nullptr, nullptr, nullptr}, activation_bytes);
  const uint64_t size_bytes = state.program.size_bytes;
  const uint64_t taken_bytes = size_bytes + builder.tables_bytes();
  if (taken_bytes > state.planning_bytes) {
    state.planning_bytes =
        taken_bytes < UINT32_MAX ? static_cast<uint32_t>(taken_bytes) : UINT32_MAX;
  }
  if (status.code() == StatusCode::kArenaTooSmall) {
    state.unplanned = true;  // go on, to learn as much as can be learnt
    return {};
  }
  MIDGE_TRY(status);
  // Where program and tables met, the arena is too small.
  if (header == nullptr || builder.tables_begin() < state.block + size_bytes) return {};
  header[0] = static_cast<uint32_t>(graph.node_count());
  header[1] = static_cast<uint32_t>(operands);
  header[2] = static_cast<uint32_t>((size_bytes - begin) / 4);
  uint32_t* const locations = header + internal::kSubgraphHeaderWords;
  builder.Locate(locations, locations + operands);
  return {};
}

}  // namespace

Status PrepareContext::AppendSubgraph(int index, Subprogram* program) {
  if (state_.ops == nullptr) return Error(StatusCode::kUnsupportedOption);
  if (state_.depth == kMaxCallDepth) return Error(StatusCode::kTooDeep);
  // What the state knows of this node is kept while it goes through others.
  const internal::PreparedNode node = state_;
  const uint64_t begin = state_.program.size_bytes;
  program->offset_bytes = static_cast<uint32_t>(begin - node.record_begin);

  Model graph = model().Subgraph(index);
  Model* const open_model = state_.open_model;
  if (open_model != nullptr) state_.open_model = &graph;
  uint32_t activation_bytes = 0;
  ++state_.depth;
  const Status status = Build(graph, state_, &activation_bytes);
  --state_.depth;
  state_.open_model = open_model;
  static_cast<internal::PreparedNode&>(state_) = node;
  MIDGE_TRY(status);

  if (state_.first_subgraph == 0) state_.first_subgraph = begin;
  state_.relocate = Relocate;
  state_.locate_variables = LocateVariables;
  // Never nothing, so that the record has a place for what Relocate() needs.
  const uint32_t bytes = activation_bytes > 0 ? activation_bytes : 1;
  if (state_.plan->scratch_bytes < bytes) RequestScratch(bytes);
  return {};
}

Status EvalContext::RunSubgraph(Subprogram program) const {
  const uint32_t* words = record_.words() + program.offset_bytes / 4;
  const auto nodes = static_cast<int>(words[0]);
  words += internal::kSubgraphHeaderWords + words[1];
  for (int n = 0; n < nodes; ++n) {
    const internal::RecordView record(words);
    const EvalContext context(words, model_, activations_, 0, 0, run_);
    MIDGE_TRY(internal::OpOf(*run_->ops, record).eval(context, Rows::All()));
    words += record.size_bytes() / 4;
  }
  return {};
}

void* EvalContext::SubgraphOperand(Subprogram program, int i) const {
  const uint32_t* const words = record_.words() + program.offset_bytes / 4;
  return const_cast<void*>(Address(words[internal::kSubgraphHeaderWords + i]));
}

}  // namespace midge
