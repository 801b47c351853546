// SPDX-License-Identifier: Apache-2.0
//
// Where every tensor lies in the arena, and when.
#pragma once

#include <cstdint>

#include "midge/model.h"
#include "midge/op.h"

namespace midge::internal {

// Memory that is needed from step `first` to step `last`, both included. Step 0 is before the first
// node, when inputs are written; node n is step n + 1.
struct PlanItem {
  // Values of `shares` that are not the item whose memory this one uses.
  static constexpr uint16_t kOwn = 0xffff;
  static constexpr uint16_t kConstant = 0xfffe;   // `offset` is the location of a constant
  static constexpr uint16_t kInPlaceOf = 0x8000;  // own memory, which may lie over that of | item

  uint32_t bytes;   // 0 for an item that shares another's memory
  uint32_t offset;  // the plan: bytes from the first activation
  // How far below, or above, an input that dies as this is written it must at least begin.
  uint32_t below, above;
  uint16_t first, last;
  uint16_t next;  // the placed item after this one in the arena
  uint16_t shares;
};
static_assert(sizeof(PlanItem) == 24);

// What a node's Prepare asked of the planner.
struct NodePlan {
  uint32_t scratch_bytes;  // of kVariable: bytes of the variable
  RowWindow window;
  enum : uint16_t {
    kOwnOutput = 0,
    kInPlace = 0x4000,
    kAlias = 0x8000,
    kVariable = 0xc000,  // output 0 is the variable that is output 0 of main-graph node | node
    kInputMask = 0x3fff
  };
  uint16_t
      sharing;  // kOwnOutput, or one of the others | the input that output 0 shares memory with

  bool wants_scratch() const { return scratch_bytes != 0 && sharing < kVariable; }
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

// Gives each activation that the graph uses an item with its lifetime, in `tables.items`, and
// checks the order of the graph: every tensor that a node reads is a constant, an input, a variable
// or written before; nothing is written twice; constants, inputs and variables are not written (an
// op may change a variable that it reads).
Status FindLifetimes(const Model& model, PlanTables& tables);

// Makes aliases share the memory of what they are aliases of, for both lifetimes.
void ShareAliases(const Model& model, PlanTables& tables);

// Finds how far each node's output may reach into an input that dies there (diagonal memory
// optimization). When output row y is written, from input rows [y * stride - pad, ... + span), rows
// further up are dead if rows are written in ascending order, rows further down if in descending
// order. So only dead rows are ever overwritten by an output that begins
//
//   below = max over y of (y + 1) * output_row_bytes - max(0, y * stride - pad) * input_row_bytes
//
// bytes below the input and is written in ascending order, or
//
//   above = max over y of min(input_rows, y * stride - pad + span) * input_row_bytes
//                         - y * output_row_bytes, but at least 1,
//
// bytes above it and is written in descending order. Where a node has several inputs their wishes
// for the order might differ, so then only `below` is offered. In place is the same offset.
void FindDistances(const Model& model, PlanTables& tables, bool allow_descending = true);

// `below` and `above` for one input and a window that is not whole. If several rows are written by
// one call of Eval in descending order, `above` must clear what any of them reads.
struct RowDistances {
  int64_t below, above;
};
RowDistances DistancesOf(const RowWindow& window, const TensorView& input, const TensorView& output,
                         int rows_at_once = 1);

// Appends one item per node that asked for scratch. Items must have room.
void AddScratch(int node_count, PlanTables& tables);

// Gives one item an offset, a multiple of kArenaAlignment: the lowest at which it overlaps no
// placed item both in time and in memory, except that an output reaches into its input as far as
// FindDistances allows. `*lowest` heads the list of placed items, by offset; kEndOfItems if empty.
// kTooLarge if no location can express it.
inline constexpr uint16_t kEndOfItems = 0xffff;
Status PlaceItem(Span<PlanItem> items, uint16_t* lowest, PlanItem& item);

// Places all items, the largest first. Returns the bytes needed. Quadratic in the number of items
// as long as few of them may overlap.
Result<uint32_t> PlaceItems(Span<PlanItem> items);

// The item at the end of a chain of items that share memory.
int RootItem(const PlanTables& tables, int item);

// After PlaceItems: the flags of word 1 (record.h) of a node that must write its output rows in
// descending order, as many at a time as its distance to the input allows; 0 for others.
uint32_t DescendingFlags(const Model& model, const PlanTables& tables, int n);

// The location (record.h) of an item after PlaceItems.
uint32_t LocationOfItem(const PlanTables& tables, int item);

}  // namespace midge::internal
