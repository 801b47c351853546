// SPDX-License-Identifier: Apache-2.0
//
// Planning on the device. In a file of its own: an interpreter that runs embedded plans alone does
// without.
#include "graph_builder.h"
#include "midge/interpreter.h"

namespace midge {
namespace {

using internal::GraphBuilder;
using internal::PlanItem;
using internal::PrepareState;

// What AllocateTensors() does in a block of memory. With `keep_program` false the block is for
// tables alone and nothing but `usage` results.
//
// kArenaTooSmall if the block is too small. Then `usage` is what is needed if `*planned`, else the
// part that is known without planning, for which the block was too small as well.
Status Build(Model& model, const OpResolverView& ops, Span<uint8_t> block, bool keep_program,
             const internal::PlanPolicy& policy, ArenaUsage& usage, internal::RunParts* parts,
             bool* planned) {
  usage.program_bytes = usage.activation_bytes = usage.planning_bytes = 0;
  *planned = false;
  PrepareState state = {};
  state.ops = &ops;
  state.block = block.data();
  state.tables = block.data() + block.size();
  state.keep_program = keep_program;
  state.program.begin = block.data();
  state.nodes_left = kMaxNodes;
  state.open_model = &model;
  model.UseShapes(nullptr, nullptr);
  GraphBuilder builder(model, state);
  const size_t operands = model.inputs().size() + model.outputs().size();
  state.LowerTables(state.tables);
  state.program.Append(operands * sizeof(uint32_t));
  Status status = builder.PrepareNodes();
  *parts = state.run_parts;
  usage.program_bytes =
      internal::AlignUp(state.program.size_bytes, static_cast<uint32_t>(kArenaAlignment));
  usage.planning_bytes = state.tables_bytes;
  MIDGE_TRY(status);

  status = builder.Plan(policy, &usage.activation_bytes);
  if (policy.regions != nullptr) {
    usage.kept_bytes = policy.regions->kept_bytes;
    usage.fast_bytes = policy.regions->fast_bytes;
  }
  usage.planning_bytes = builder.tables_bytes();
  // While a subgraph was planned, the program was shorter.
  if (state.planning_bytes > usage.program_bytes + usage.planning_bytes) {
    usage.planning_bytes = state.planning_bytes - usage.program_bytes;
  }
  MIDGE_TRY(status);
  usage.program_bytes +=
      static_cast<uint32_t>(builder.streamed()) * uint32_t{sizeof(internal::StreamNode)};
  *planned = !state.unplanned;
  if (!keep_program || usage.total_bytes() > block.size()) return StatusCode::kArenaTooSmall;
  auto* const words = reinterpret_cast<uint32_t*>(block.data());
  if (builder.streamed() == 0) {
    builder.Locate(words, words + operands);
  } else {
    policy.streaming->locate(builder, words, static_cast<uint32_t>(state.program.size_bytes));
  }
  model.MoveShapes(state.kept_shapes);
  return {};
}

// An arena that has no room even for the planner's tables: they go on the stack, so that the need
// can be told exactly all the same. Enough for some 60 nodes and 60 activations; for a larger model
// the first answer is the room for the tables, and with that the next one is exact.
[[gnu::noinline]] Status Measure(Model& model, const OpResolverView& ops,
                                 const internal::PlanPolicy& policy, ArenaUsage& usage) {
  alignas(PlanItem) uint8_t tables[2048];
  internal::RunParts parts;
  bool planned;
  return Build(model, ops, tables, false, policy, usage, &parts, &planned);
}

}  // namespace

Status Interpreter::Allocate(const internal::PlanPolicy& policy) {
  MIDGE_TRY(Begin());
  constexpr size_t kMost = internal::kInFast;
  const Span<uint8_t> block(arena_.data(), arena_.size() < kMost ? arena_.size() : kMost);
  usage_.activations_apart = !activations_.empty();
  bool planned;
  Status status = Build(model_, ops_, block, true, policy, usage_, &parts_, &planned);
  if (status.code() == StatusCode::kArenaTooSmall && !planned) {
    status = Measure(model_, ops_, policy, usage_);
  }
  if (status.ok() && usage_.activations_apart && usage_.activation_bytes > activations_.size()) {
    status = StatusCode::kArenaTooSmall;
  }
  if (!status.ok()) {
    model_.UseShapes(nullptr, nullptr);
    if (status.code() != StatusCode::kArenaTooSmall) usage_ = {};
    return status;
  }
  program_ = reinterpret_cast<const uint32_t*>(arena_.data());
  return End();
}

Status Interpreter::AllocateTensors() {
  static constexpr internal::PlanPolicy kPlain = {true, false, nullptr, nullptr, nullptr};
  return blocks_ != nullptr ? blocks_->allocate(*this) : Allocate(kPlain);
}

}  // namespace midge
