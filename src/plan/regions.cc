// SPDX-License-Identifier: Apache-2.0
//
// Memory in several blocks. Linked only by who gives an interpreter more than one.
#include "midge/record.h"
#include "plan/planner.h"

namespace midge::internal {
namespace {

constexpr uint32_t kOnce = 16;  // the unit of uses: fractions occur

// How often an element is read by a node: windows overlap, or leave elements out.
uint32_t ReadsOf(const RowWindow& window) {
  if (window.is_whole()) return kOnce;
  const uint32_t reads = kOnce * window.span / window.stride;
  return reads != 0 ? reads : 1;
}

// Counts, in the place of each item's offset, how often a byte of it is written or read.
void CountUses(const Model& model, PlanTables& tables, size_t first_scratch) {
  for (int i = 0; i < tables.item_count; ++i) {
    if (tables.items[i].bytes != 0) tables.items[i].offset = kOnce;
  }
  PlanItem* scratch = tables.items + first_scratch;
  for (int n = 0; n < model.node_count(); ++n) {
    const NodePlan& plan = tables.nodes[n];
    const NodeView node = model.node(n);
    if (plan.wants_scratch()) {
      // Filled and read anew for every row.
      const int32_t rows =
          node.outputs.empty() ? 0 : RowGeometry::Of(model.tensor_shape(node.outputs[0])).count;
      if (scratch->bytes != 0 && rows > 1) {
        scratch->offset = 2 * kOnce * static_cast<uint32_t>(rows);
      }
      ++scratch;
    }
    if ((plan.sharing & NodePlan::kAlias) != 0) continue;
    for (const int32_t t : node.inputs) {
      if (t < 0 || model.is_constant(t)) continue;
      PlanItem& item = tables.items[RootItem(tables, tables.item_of_tensor[t])];
      if (item.bytes != 0) item.offset += ReadsOf(plan.window);
    }
  }
}

// By uses, the most used first; of equals, the first first. Items that are kept come last.
uint16_t SortByUses(Span<PlanItem> items) {
  uint16_t most = kEndOfItems;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].bytes == 0) continue;
    uint16_t* at = &most;
    while (*at != kEndOfItems && items[*at].offset >= items[i].offset) at = &items[*at].next;
    items[i].next = *at;
    *at = static_cast<uint16_t>(i);
  }
  return most;
}

// Gives the variable that an item is a place of its own.
void Keep(PlanItem& item, Regions& regions) {
  if (item.bytes == 0 || (item.offset != kUnplaced && (item.offset & kInKept) != 0)) return;
  item.offset = kInKept | regions.kept_bytes;
  const auto alignment = static_cast<uint32_t>(kArenaAlignment);
  regions.kept_bytes += (item.bytes + alignment - 1) / alignment * alignment;
}

void KeepVariables(const Model& model, PlanTables& tables, Regions& regions) {
  for (int t = 0; t < model.tensor_count(); ++t) {
    const uint16_t item = tables.item_of_tensor[t];
    if (item == PlanTables::kNoItem || !model.is_variable(t)) continue;
    Keep(tables.items[RootItem(tables, item)], regions);
  }
  for (int n = 0; n < model.node_count(); ++n) {
    if (tables.nodes[n].sharing < NodePlan::kVariable) continue;
    const int item = tables.item_of_tensor[model.node(n).outputs[0]];
    Keep(tables.items[RootItem(tables, item)], regions);
  }
}

}  // namespace

Status PlaceInRegions(const Model& model, PlanTables& tables, size_t first_scratch,
                      Regions& regions, uint32_t* total) {
  const Span<PlanItem> items = {tables.items, static_cast<size_t>(tables.item_count)};
  regions.fast_bytes = regions.kept_bytes = 0;
  CountUses(model, tables, first_scratch);
  const uint16_t most_used = SortByUses(items);
  for (PlanItem& item : items) {
    if (item.bytes != 0) item.offset = kUnplaced;
  }
  if (regions.keeps) KeepVariables(model, tables, regions);

  uint16_t fast = kEndOfItems;
  for (uint16_t i = most_used, next; i != kEndOfItems; i = next) {
    next = items[i].next;
    if (items[i].offset != kUnplaced) continue;
    const uint32_t offset = LowestOffset(items, fast, items[i]);
    const uint64_t end = uint64_t{offset} + items[i].bytes;
    if (end > regions.fast_capacity_bytes) continue;
    items[i].offset = offset;
    Insert(items, &fast, items[i]);
    if (end > regions.fast_bytes) regions.fast_bytes = static_cast<uint32_t>(end);
  }
  // Scratch in the fast region gets what else was asked for, as far as that has room.
  size_t scratch = first_scratch;
  for (int n = 0; n < model.node_count(); ++n) {
    const NodePlan& plan = tables.nodes[n];
    if (!plan.wants_scratch()) continue;
    PlanItem& item = items[scratch++];
    if (item.offset == kUnplaced) continue;
    uint32_t capacity_bytes = regions.fast_capacity_bytes;
    GrowScratch(items, fast, plan.ScratchBytes(plan.scratch_units), capacity_bytes, &capacity_bytes,
                item);
    const uint32_t end = item.offset + item.bytes;
    if (end > regions.fast_bytes) regions.fast_bytes = end;
  }
  for (uint16_t i = fast; i != kEndOfItems; i = items[i].next) items[i].offset |= kInFast;

  uint16_t lowest = kEndOfItems;
  *total = 0;
  MIDGE_TRY(PlaceRest(items, first_scratch, nullptr, kUnplaced, &lowest, total));
  GrowScratches(model.node_count(), tables, static_cast<int>(first_scratch), lowest, total);
  return {};
}

}  // namespace midge::internal
