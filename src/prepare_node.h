// SPDX-License-Identifier: Apache-2.0
//
// Preparing one node: what stands behind a PrepareContext.
#pragma once

#include <cstring>

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

struct PrepareState {
  const Model* model;
  ProgramWriter program;
  // The node being prepared.
  int node_index;
  NodeView node;
  NodePlan* plan;
  void* node_state;  // what NewState gave, null if it was not called
  void (*clear_padding)(void* node_state);
  // Where NewState puts a state that has no room in the arena.
  alignas(8) uint8_t spare_state[PrepareContext::kMaxStateBytes];
};

// Finds the op of state.node and has it prepared. Writes the node's record, with tensor indices in
// the place of locations (those come after planning) and nothing yet for the scratch.
Status PrepareNode(const OpResolverView& ops, PrepareState& state);

}  // namespace midge::internal
