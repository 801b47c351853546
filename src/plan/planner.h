// SPDX-License-Identifier: Apache-2.0
//
// Where every tensor lies in the arena, and when.
#pragma once

#include <cstdint>

#include "midge/model.h"
#include "midge/op.h"

namespace midge::internal {

// Memory that is needed from step `first` to step `last`, both included; a step is a node.
struct PlanItem {
  static constexpr uint16_t kNotShared = 0xffff;
  static constexpr uint16_t kConstant = 0xfffe;

  uint32_t bytes;   // 0 for an item that shares another's memory
  uint32_t offset;  // the plan: bytes from the first activation; of a kConstant, its location
  uint16_t first, last;
  uint16_t next;    // the placed item after this one in the arena
  uint16_t shares;  // the item whose memory this one uses, or one of the above
};
static_assert(sizeof(PlanItem) == 16);

// What a node's Prepare asked of the planner.
struct NodePlan {
  uint32_t scratch_bytes;
  RowWindow window;
  enum : uint16_t { kOwnOutput = 0, kInPlace = 0x4000, kAlias = 0x8000, kInputMask = 0x3fff };
  uint16_t sharing;  // kOwnOutput, or one of the others | the input that output 0 shares memory with
};
static_assert(sizeof(NodePlan) == 12);

// The planner's tables: one item per activation tensor, then one per scratch.
struct PlanTables {
  static constexpr uint16_t kNoItem = 0xffff;

  uint16_t* item_of_tensor;  // [tensors]; kNoItem for constants and tensors that nothing uses
  NodePlan* nodes;           // [nodes]
  PlanItem* items;           // [item_count]
  int item_count;
};

// Gives each activation that the graph uses an item with its lifetime, in `tables.items`, and checks
// the order of the graph: every tensor that a node reads is a constant, an input, a variable or
// written before; nothing is written twice; constants and inputs are not written.
Status FindLifetimes(const Model& model, PlanTables& tables);

// Lets output 0 of a node share memory with an input where NodePlan::sharing allows it and lifetimes
// do: aliases always, in-place outputs if the input dies at that node and is large enough.
void ShareMemory(const Model& model, PlanTables& tables);

// Appends one item per node that asked for scratch. Items must have room.
void AddScratch(int node_count, PlanTables& tables);

// Chooses offsets, multiples of kArenaAlignment, such that no two items with bytes overlap both in
// time and in memory: largest first, each at the lowest place that is free during its lifetime.
// Returns the bytes needed, or kTooLarge. Quadratic in the number of items.
Result<uint32_t> PlaceItems(Span<PlanItem> items);

// The location (record.h) of an item after PlaceItems.
uint32_t LocationOfItem(const PlanTables& tables, int item);

}  // namespace midge::internal
