// SPDX-License-Identifier: Apache-2.0
//
// What stands behind a PrepareContext while AllocateTensors() walks over the nodes.
#pragma once

#include "midge/model.h"
#include "midge/op.h"
#include "plan/planner.h"

namespace midge::internal {

// The program being written, from the bottom of the arena up. Beyond `capacity_bytes` nothing is
// written but everything is still counted, so that a too small arena can say how much it needs.
struct ProgramWriter {
  uint8_t* begin;
  uint32_t capacity_bytes;
  uint64_t size_bytes;

  // Room for `bytes` more, 4-byte aligned; null if the arena has none.
  void* Append(uint64_t bytes) {
    const uint64_t at = size_bytes;
    size_bytes += (bytes + 3) & ~uint64_t{3};
    return size_bytes <= capacity_bytes ? begin + at : nullptr;
  }
};

struct PrepareState {
  const Model* model;
  ProgramWriter program;
  // The node being prepared.
  int node_index;
  NodeView node;
  NodePlan* plan;
  // Where NewState puts a state that has no room in the arena.
  alignas(8) uint8_t spare_state[PrepareContext::kMaxStateBytes];
};

}  // namespace midge::internal
