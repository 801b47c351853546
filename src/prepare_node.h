// SPDX-License-Identifier: Apache-2.0
//
// Preparing one node: what stands behind a PrepareContext.
#pragma once

#include <cstring>

#include "midge/interpreter.h"
#include "midge/model.h"
#include "midge/op.h"
#include "midge/op_resolver.h"
#include "plan/planner.h"

namespace midge::internal {

// The program being written, from the bottom of the arena up. Beyond `capacity_bytes` nothing is
// written but everything is still counted, so that a too small arena can say how much it needs.
struct ProgramWriter {
  uint8_t* begin;
  uint32_t capacity_bytes;
  uint64_t size_bytes;

  // Room for `bytes` more, 4-byte aligned; null if the arena has none. Zeroed, so that padding is
  // the same everywhere too.
  void* Append(uint64_t bytes) {
    const uint64_t at = size_bytes;
    const uint64_t padded = (bytes + 3) & ~uint64_t{3};
    size_bytes += padded;
    if (size_bytes > capacity_bytes) return nullptr;
    return std::memset(begin + at, 0, static_cast<size_t>(padded));
  }
};

class GraphBuilder;

inline constexpr uint32_t kNothingNeeded = 0xffffffffu;
// PrepareState::needed of a shape: its rank, or the least and the most.
inline constexpr uint32_t kNeedsShape = 0x80000000u;
constexpr uint32_t NeededShape(int rank) { return kNeedsShape | static_cast<uint32_t>(rank); }
constexpr uint32_t NeededRank(int least, int most) {
  return static_cast<uint32_t>(least) | static_cast<uint32_t>(most) << 8;
}

// The node being prepared.
struct PreparedNode {
  const Model* model;  // its graph
  NodeView node;
  int node_index;  // over all graphs
  NodePlan* plan;
  bool wants_too_much;      // scratch beyond any limit
  uint64_t record_begin;    // in the program, in bytes
  uint64_t first_subgraph;  // likewise, where AppendSubgraph() appended first; 0 if it did not
  void* node_state;         // what NewState gave, null if it was not called
  void (*clear_padding)(void* node_state);
  bool at_reset;
  uint8_t wanted_options;  // whose options were read last
};

struct PrepareState : PreparedNode {
  // For subgraphs; null where a program may have none.
  const OpResolverView* ops;
  // The block of memory: the program at its bottom, if it is kept, and tables at its top.
  uint8_t* block;
  uint8_t* tables;        // below which there are none yet
  uint32_t tables_bytes;  // of all that should be above, whether they had room or not
  bool keep_program;
  ProgramWriter program;
  PlanParts plan_parts;
  RunParts run_parts;
  int nodes_left;  // that may still be prepared, counted as often as they are called
  // For FindShapes(): the graph, null where its shapes stay those of the file; and what is known of
  // them, among the tables and, for the main graph and if there is room, in the program.
  Model* open_model;
  uint32_t shapes_bytes;
  const int32_t* kept_shapes;

  // Of subgraphs.
  int depth;
  bool unplanned;           // one had no room to be planned, so needs are not known in full
  uint32_t planning_bytes;  // the most that program and tables took together
  // Give the subgraphs of a node their places: above its scratch; then, if that did not do it (no
  // `main`), their variables those in the records of the main graph.
  void (*relocate)(uint32_t* record, uint32_t base, const GraphBuilder* main);
  void (*locate_variables)(uint32_t* record, Span<const uint32_t> main_records);

  // What the check of PrepareContext that failed asked for, by its code a type, a count of scales,
  // a dimension or a shape; Describe sets it to kNothingNeeded and looks at it.
  uint32_t needed;
  int32_t needed_dims[kMaxRank];

  // Where NewState puts a state that has no room in the arena.
  alignas(8) uint8_t spare_state[PrepareContext::kMaxStateBytes];

  // A table of shapes below those that there are; null if there is no room for it.
  uint8_t* AddShapes(uint32_t bytes) {
    shapes_bytes += bytes;
    tables_bytes += bytes;
    const uint64_t used = keep_program ? program.size_bytes : 0;
    if (static_cast<uint64_t>(tables - block) < used + bytes) return nullptr;
    LowerTables(tables - bytes);
    return tables;
  }

  // New tables begin at `begin`; null if there is no room for them.
  void LowerTables(uint8_t* begin) {
    tables = begin != nullptr ? begin : block;
    program.capacity_bytes = keep_program ? static_cast<uint32_t>(tables - block) : 0;
  }
};

// Whether a row serves a node: kMissingOp if it is of another op, kMissingKernel with the operand
// if it is for another type. `float16_source`: Float16Source, or null where nothing needs it.
Status CheckServes(const Op& op, const Model& model, const NodeView& node,
                   decltype(RunParts::float16_source) float16_source);

// Finds the op of state.node and has it prepared. Writes the node's record, with tensor indices in
// the place of locations (those come after planning) and nothing yet for the scratch.
Status PrepareNode(const OpResolverView& ops, PrepareState& state);

// Reads the options of a VAR_HANDLE, empty names if there are none; false if they are damaged.
bool ReadVarHandle(Span<const uint8_t> model, const NodeView& node, VarHandleOptions* options);

}  // namespace midge::internal
