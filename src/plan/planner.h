// SPDX-License-Identifier: Apache-2.0
//
// Where every tensor lies in the arena, and when.
#pragma once

#include <cstdint>

#include "midge/interpreter.h"
#include "midge/model.h"
#include "midge/op.h"

namespace midge::internal {

constexpr uint32_t AlignToArena(uint32_t bytes) {
  constexpr uint32_t kMask = static_cast<uint32_t>(kArenaAlignment) - 1;
  return (bytes + kMask) & ~kMask;
}

// Memory that is needed from step `first` to step `last`, both included. Step 0 is before the first
// node, when inputs are written; node n is step n + 1.
struct PlanItem {
  // Values of `shares` that are not the item whose memory this one uses.
  static constexpr uint16_t kOwn = 0xffff;
  static constexpr uint16_t kConstant = 0xfffe;   // `offset` is the location of a constant
  static constexpr uint16_t kInPlaceOf = 0x8000;  // own memory, which may lie over that of | item

  // Of `below` and `above`: beside it.
  static constexpr uint32_t kDisjoint = 0xffffffff;

  uint32_t bytes;  // 0 for an item that shares another's memory
  // The plan: bytes from the first activation. Of a view: from the item whose memory it shares.
  uint32_t offset;
  // How far below, or above, an input that dies as this is written it must at least begin.
  uint32_t below, above;
  uint16_t first, last;
  uint16_t next;  // the placed item after this one in the arena
  uint16_t shares;
};
static_assert(sizeof(PlanItem) == 24);

// What a node's Prepare asked of the planner.
struct NodePlan {
  static_assert(kMaxTensorBytes == (1u << 28) - 1);

  uint32_t scratch_bytes;  // ScratchRequest; of kVariable: bytes of the variable
  uint32_t scratch_unit_bytes : 28, scratch_units : 4;  // without units: views()
  RowWindow window;
  enum : uint16_t {
    kOwnOutput = 0,
    kInPlace = 0x4000,
    kAlias = 0x8000,
    kVariable = 0xc000,  // output 0 is the variable that is output 0 of main-graph node | node
    kInputMask = 0x3fff
  };
  // kOwnOutput, or one of the others | the input that output 0 shares memory with
  uint16_t sharing;

  // Which operands may be views: none, the inputs of output 0, or the outputs of an input, added.
  static constexpr uint32_t kInputViews = 1, kOutputViews = 2, kViewsMask = 0x7ff;
  // Above the mask: where in the whole the first view begins, in units of kArenaAlignment.
  static constexpr int kViewOffsetShift = 11;
  static constexpr uint32_t kMostViewOffset = (1u << (28 - kViewOffsetShift)) - 1;
  uint32_t views() const { return scratch_units == 0 ? scratch_unit_bytes & kViewsMask : 0; }
  uint32_t view_offset() const {
    return (scratch_unit_bytes >> kViewOffsetShift) * static_cast<uint32_t>(kArenaAlignment);
  }

  bool wants_scratch() const {
    return sharing < kVariable && (scratch_bytes != 0 || scratch_units != 0);
  }
  uint32_t ScratchBytes(uint32_t units) const { return scratch_bytes + units * scratch_unit_bytes; }
  // How many units a scratch of that size has.
  uint32_t ScratchUnits(uint32_t bytes) const;
};
static_assert(sizeof(NodePlan) == 16);

// The planner's tables: one item per activation tensor, then one per scratch.
struct PlanTables {
  static constexpr uint16_t kNoItem = 0xffff;

  uint16_t* item_of_tensor;  // [tensors]; kNoItem for constants and tensors that nothing uses
  NodePlan* nodes;           // [nodes]
  PlanItem* items;           // [item_count]
  int item_count;
  // Whether an op keeps variables: reads them as its state and has Reset() set them.
  bool keeps_variables;
  // For nodes that are kVariable: ShareVariable, where there may be any.
  void (*share_variable)(const Model& model, PlanTables& tables, int n, int first);
  // Whether an operand of the node is a view of another, so that rows and elements are not where
  // windows and AllowInPlace see them. Null as long as ShareViews has made no views.
  bool (*has_views)(const NodeView& node, const PlanTables& tables);

  // Of an operand: kNoItem if it is absent or a constant.
  uint16_t ItemOf(int32_t tensor) const { return tensor < 0 ? kNoItem : item_of_tensor[tensor]; }
};

// Gives each activation that the graph uses an item with its lifetime, in `tables.items`, and
// checks the order of the graph: every tensor that a node reads is a constant, an input, a variable
// or written before; nothing is written twice; constants, inputs and variables are not written (an
// op may change a variable that it reads), and variables are read only if an op keeps them.
Status FindLifetimes(const Model& model, PlanTables& tables);

// Node n's output is the variable that node `first` of the main graph declares.
void ShareVariable(const Model& model, PlanTables& tables, int n, int first);

// Makes aliases share the memory of what they are aliases of, for both lifetimes.
void ShareAliases(const Model& model, PlanTables& tables);

// Makes operands that nodes offer as views (OfferOutputViews) share the memory of what they are
// views of, as far as their places in it are multiples of kArenaAlignment and nothing else owns
// them.
void ShareViews(const Model& model, PlanTables& tables);

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
  int32_t below, above;
};
RowDistances DistancesOf(const RowWindow& window, const Model& model, int32_t input, int32_t output,
                         int rows_at_once = 1);

// Instead of FindDistances: all tensors keep their memory for good, but for those that are the same
// bytes (aliases). For who wants to look at them after Invoke().
void KeepApart(int node_count, PlanTables& tables);

// Appends one item per node that asked for scratch, of the least size. Items must have room.
void AddScratch(int node_count, PlanTables& tables);

inline constexpr uint16_t kEndOfItems = 0xffff;
inline constexpr uint32_t kUnplaced = 0xffffffff;

// The lowest offset, a multiple of kArenaAlignment, at which an item overlaps no placed item both
// in time and in memory, except that an output reaches into its input as far as FindDistances
// allows. `lowest` heads the list of placed items, by offset; kEndOfItems if empty.
uint32_t LowestOffset(Span<PlanItem> items, uint16_t lowest, const PlanItem& item);
// The same close to the input that dies as `item` is written, or to the output that is written as
// it dies, so that both end no later than `most`; kUnplaced if there is none.
uint32_t CloseOffset(Span<PlanItem> items, uint16_t lowest, const PlanItem& item, uint32_t most);
// Takes an item that has an offset into the list.
void Insert(Span<PlanItem> items, uint16_t* lowest, PlanItem& item);

// Places the tensors that have no offset yet, the largest first, then scratch, which begins with
// item `first_scratch`, where they leave room: at their lowest offsets, or, if `close_offset` finds
// one that makes `*total` no larger, at that. Takes the tensors into the list of placed items.
// `*total`, before it the bytes of those placed already, becomes the bytes needed. Gives up when
// `limit` is reached; kTooLarge if no location can express it. Quadratic in the number of items as
// long as few of them may overlap.
Status PlaceRest(Span<PlanItem> items, size_t first_scratch, decltype(&CloseOffset) close_offset,
                 uint32_t limit, uint16_t* lowest, uint32_t* total);
// The same for all items, from an empty list, in the better of both ways.
Status PlaceItems(Span<PlanItem> items, size_t first_scratch, uint16_t* lowest, uint32_t* total);

// Places tensors where TFLM's metadata OfflineMemoryAllocation says, if the model has any: int32
// {version, subgraph, count, an offset per tensor or -1}. kBadOfflinePlan with the tensor if a
// place is misaligned, too far up, or taken while the tensor lives. Tensors that are the same bytes
// as another are not looked at. `*bytes` becomes what they need, 0 if none has been placed.
OfflinePlan PlaceAsModelSays;

struct Regions;
// Places all items: variables in the region that is kept, if there is one; then, by how often a
// byte of them is used in an Invoke(), in the fast one what finds room there; the rest as
// PlaceRest(). Returns the bytes needed for the rest.
Status PlaceInRegions(const Model& model, PlanTables& tables, size_t first_scratch,
                      Regions& regions, uint32_t* total);

// Memory besides the activations (MemoryBlocks).
struct Regions {
  uint32_t fast_capacity_bytes;
  bool keeps;  // variables are in a region of their own
  // What is used of them.
  uint32_t fast_bytes, kept_bytes;
  decltype(&PlaceInRegions) place;
};

// What allocates with MemoryBlocks: linked by who has any.
struct BlockParts {
  Status (*allocate)(Interpreter& interpreter);
  decltype(&PlaceInRegions) place;
};

// What a plan may grow by so that a scratch has all the units that were asked for.
constexpr uint32_t WithRoomForScratch(uint32_t total) { return total + total / 32; }

// After PlaceItems: makes a scratch, which lives in one step, `most` bytes large if that is
// possible below `limit`, else as large as there is room below `*total`, which follows.
void GrowScratch(Span<PlanItem> items, uint16_t lowest, uint32_t most, uint32_t limit,
                 uint32_t* total, PlanItem& scratch);
// The same for all nodes; their items begin with `first_scratch`.
void GrowScratches(int node_count, PlanTables& tables, int first_scratch, uint16_t lowest,
                   uint32_t* total);

// The item at the end of a chain of items that share memory.
int RootItem(const PlanTables& tables, int item);

// After PlaceItems: the flags of word 1 (record.h) of a node that must write its output rows in
// descending order, as many at a time as its distance to the input allows; 0 for others.
uint32_t DescendingFlags(const Model& model, const PlanTables& tables, int n);

// What not every model needs of the planner: null until the Prepare of an op asks for it, so that
// an image links what its ops can use.
struct PlanParts {
  struct Rows {
    decltype(&FindDistances) find_distances;
    decltype(&PlaceItems) place_items;
    decltype(&DescendingFlags) descending_flags;
  };
  struct Scratches {
    decltype(&AddScratch) add;
    decltype(&GrowScratches) grow;
  };
  const Rows* rows;            // kRowParts
  const Scratches* scratches;  // kScratchParts
  decltype(&ShareAliases) share_aliases;
  decltype(&ShareVariable) share_variable;
  decltype(&ShareViews) share_views;
};
extern const PlanParts::Rows kRowParts;
extern const PlanParts::Scratches kScratchParts;

// The location (record.h) of an item after PlaceItems.
uint32_t LocationOfItem(const PlanTables& tables, int item);

}  // namespace midge::internal
