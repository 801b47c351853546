// SPDX-License-Identifier: Apache-2.0
#include "plan/planner.h"

#include <initializer_list>

#include "midge/record.h"

namespace midge::internal {
namespace {

constexpr uint16_t kEnd = 0xffff;
constexpr uint32_t kUnplaced = 0xffffffff;

constexpr uint32_t AlignUp(uint32_t bytes) {
  constexpr uint32_t kMask = static_cast<uint32_t>(kArenaAlignment) - 1;
  return (bytes + kMask) & ~kMask;
}

// The item at the end of a chain of shared memory.
int Root(const PlanItem* items, int item) {
  while (items[item].shares < PlanItem::kConstant) item = items[item].shares;
  return item;
}

int NewItem(PlanTables& tables, uint32_t bytes, uint16_t first) {
  tables.items[tables.item_count] = {bytes, kUnplaced, first, first, kEnd, PlanItem::kNotShared};
  return tables.item_count++;
}

int NewTensorItem(const Model& model, PlanTables& tables, int tensor, uint16_t first) {
  const int item = NewItem(tables, model.tensor(tensor).size_bytes(), first);
  tables.item_of_tensor[tensor] = static_cast<uint16_t>(item);
  return item;
}

bool Overlap(const PlanItem& a, const PlanItem& b) {
  return a.first <= b.last && b.first <= a.last;
}

}  // namespace

Status FindLifetimes(const Model& model, PlanTables& tables) {
  const int node_count = model.node_count();
  const uint16_t end = static_cast<uint16_t>(node_count);
  tables.item_count = 0;
  for (int t = 0; t < model.tensor_count(); ++t) tables.item_of_tensor[t] = PlanTables::kNoItem;

  for (const int32_t t : model.inputs()) {
    if (model.tensor(t).is_constant()) return Status::AtTensor(StatusCode::kBadGraph, t);
    if (tables.item_of_tensor[t] == PlanTables::kNoItem) NewTensorItem(model, tables, t, 0);
  }
  for (int n = 0; n < node_count; ++n) {
    const NodeView node = model.node(n);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const int32_t t = node.inputs[i];
      if (t < 0 || model.tensor(t).is_constant()) continue;
      int item = tables.item_of_tensor[t];
      if (item == PlanTables::kNoItem) {
        if (!model.is_variable(t)) {
          return Status(StatusCode::kBadGraph, n, Operand::Input(static_cast<int>(i)));
        }
        // A variable keeps its value between one Invoke() and the next, so it lives always.
        item = NewTensorItem(model, tables, t, 0);
        tables.items[item].last = end;
      }
      if (tables.items[item].last < n) tables.items[item].last = static_cast<uint16_t>(n);
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const int32_t t = node.outputs[i];
      if (tables.item_of_tensor[t] != PlanTables::kNoItem || model.tensor(t).is_constant()) {
        return Status(StatusCode::kBadGraph, n, Operand::Output(static_cast<int>(i)));
      }
      NewTensorItem(model, tables, t, static_cast<uint16_t>(n));
    }
  }
  for (const int32_t t : model.outputs()) {
    const int item = tables.item_of_tensor[t];
    if (item != PlanTables::kNoItem) {
      tables.items[item].last = end;
    } else if (!model.tensor(t).is_constant()) {
      return Status::AtTensor(StatusCode::kBadGraph, t);
    }
  }
  return {};
}

void ShareMemory(const Model& model, PlanTables& tables) {
  PlanItem* items = tables.items;
  // Aliases first: they lengthen lifetimes that decide what may be done in place.
  for (const uint16_t kind : {uint16_t{NodePlan::kAlias}, uint16_t{NodePlan::kInPlace}}) {
    for (int n = 0; n < model.node_count(); ++n) {
      const uint16_t sharing = tables.nodes[n].sharing;
      if ((sharing & kind) == 0) continue;
      const NodeView node = model.node(n);
      const int32_t input = node.inputs[sharing & NodePlan::kInputMask];
      PlanItem& output = items[tables.item_of_tensor[node.outputs[0]]];
      const TensorView input_tensor = model.tensor(input);
      if (input_tensor.is_constant()) {
        if (kind == NodePlan::kAlias) {
          output.shares = PlanItem::kConstant;
          output.offset = kInModel | static_cast<uint32_t>(input_tensor.bytes().data() -
                                                           model.bytes().data());
          output.bytes = 0;
        }
        continue;
      }
      const int root = Root(items, tables.item_of_tensor[input]);
      if (items[root].shares == PlanItem::kConstant) {
        if (kind == NodePlan::kAlias) {
          output.shares = static_cast<uint16_t>(root);
          output.bytes = 0;
        }
        continue;
      }
      if (kind == NodePlan::kInPlace &&
          (items[root].last != n || items[root].bytes < output.bytes)) {
        continue;
      }
      output.shares = static_cast<uint16_t>(root);
      output.bytes = 0;
      if (items[root].last < output.last) items[root].last = output.last;
    }
  }
}

void AddScratch(int node_count, PlanTables& tables) {
  for (int n = 0; n < node_count; ++n) {
    if (tables.nodes[n].scratch_bytes == 0) continue;
    NewItem(tables, tables.nodes[n].scratch_bytes, static_cast<uint16_t>(n));
  }
}

Result<uint32_t> PlaceItems(Span<PlanItem> items) {
  constexpr uint32_t kMaxOffset = kInModel - 1;  // what a location can express
  uint32_t total = 0;
  uint16_t lowest = kEnd;  // head of the list of placed items, by offset
  for (;;) {
    PlanItem* item = nullptr;
    for (PlanItem& candidate : items) {
      const bool waits = candidate.offset == kUnplaced && candidate.bytes != 0;
      if (waits && (item == nullptr || candidate.bytes > item->bytes)) item = &candidate;
    }
    if (item == nullptr) break;

    uint32_t offset = 0;
    for (uint16_t p = lowest; p != kEnd; p = items[p].next) {
      const PlanItem& placed = items[p];
      if (!Overlap(placed, *item)) continue;
      if (placed.offset >= offset && placed.offset - offset >= item->bytes) break;
      const uint32_t after = AlignUp(placed.offset + placed.bytes);
      if (after > offset) offset = after;
    }
    // No sum here wraps: an item is at most kMaxTensorBytes, far below what is left above kMaxOffset.
    if (offset + item->bytes > kMaxOffset) return StatusCode::kTooLarge;
    item->offset = offset;
    if (offset + item->bytes > total) total = offset + item->bytes;

    uint16_t* link = &lowest;
    while (*link != kEnd && items[*link].offset <= offset) link = &items[*link].next;
    item->next = *link;
    *link = static_cast<uint16_t>(item - items.data());
  }
  return total;
}

uint32_t LocationOfItem(const PlanTables& tables, int item) {
  const PlanItem& root = tables.items[Root(tables.items, item)];
  // A tensor without bytes needs no place of its own; any will do.
  return root.offset == kUnplaced ? 0 : root.offset;
}

}  // namespace midge::internal
