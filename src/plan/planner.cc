// SPDX-License-Identifier: Apache-2.0
#include "plan/planner.h"

#include <cstring>
#include <initializer_list>

#include "midge/record.h"

namespace midge::internal {
namespace {

// Enough for what kernels gain by more, and few enough to try.
constexpr int kMostDescendingRows = 16;
constexpr uint32_t kMostBytes = kInFast - 1;  // what a location can express

constexpr uint32_t AlignDown(uint32_t bytes) {
  return bytes & ~(static_cast<uint32_t>(kArenaAlignment) - 1);
}

// The item at the end of a chain of shared memory.
int Root(const PlanItem* items, int item) {
  while (items[item].shares < PlanItem::kInPlaceOf) item = items[item].shares;
  return item;
}

// Where in its root's memory an item begins.
uint32_t ViewOffset(const PlanItem* items, int item) {
  uint32_t offset = 0;
  for (; items[item].shares < PlanItem::kInPlaceOf; item = items[item].shares) {
    if (items[item].offset != kUnplaced) offset += items[item].offset;
  }
  return offset;
}

// Makes a tensor's item a view, `offset` bytes into that of `whole`. Not if it has no memory of its
// own to give up (it is a view of something else already, or a constant's alias).
bool ShareView(PlanTables& tables, int item, int whole, uint32_t offset) {
  PlanItem& view = tables.items[item];
  PlanItem& root = tables.items[Root(tables.items, whole)];
  if (view.shares != PlanItem::kOwn || view.bytes == 0 || root.shares == PlanItem::kConstant ||
      &view == &root || offset % kArenaAlignment != 0) {
    return false;
  }
  view.shares = static_cast<uint16_t>(whole);
  view.offset = offset;
  view.bytes = 0;
  if (view.first < root.first) root.first = view.first;
  if (view.last > root.last) root.last = view.last;
  return true;
}

bool HasViews(const NodeView& node, const PlanTables& tables) {
  const auto* const items = tables.items;
  const uint16_t output = tables.item_of_tensor[node.outputs[0]];
  if (items[output].shares < PlanItem::kInPlaceOf) return true;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    for (size_t j = 0; j <= i; ++j) {
      const int32_t a = node.inputs[i], b = node.inputs[j];
      if (a < 0 || b < 0) continue;
      const uint16_t one = tables.item_of_tensor[a], other = tables.item_of_tensor[b];
      if (one == PlanTables::kNoItem || other == PlanTables::kNoItem) continue;
      const int root = Root(items, one);
      if (root == output) return true;
      const bool apart = ViewOffset(items, one) != ViewOffset(items, other);
      if (root == Root(items, other) && apart) return true;
    }
  }
  return false;
}

int NewItem(PlanTables& tables, uint32_t bytes, uint16_t first) {
  tables.items[tables.item_count] = {bytes, kUnplaced, PlanItem::kDisjoint, PlanItem::kDisjoint,
                                     first, first,     kEndOfItems,         PlanItem::kOwn};
  return tables.item_count++;
}

int NewTensorItem(const Model& model, PlanTables& tables, int tensor, uint16_t first) {
  const int item = NewItem(tables, model.tensor_bytes(tensor), first);
  tables.item_of_tensor[tensor] = static_cast<uint16_t>(item);
  return item;
}

bool LiveTogether(const PlanItem& a, const PlanItem& b) {
  return a.first <= b.last && b.first <= a.last;
}

// Whether `output` is written in the step in which `input` is read for the last time.
bool Meet(const PlanItem& input, const PlanItem& output) {
  return output.first == input.last && input.first < output.first;
}

bool MayBeInPlace(Span<PlanItem> items, const PlanItem& input, const PlanItem& output) {
  return output.shares == (PlanItem::kInPlaceOf | (&input - items.data()));
}

// With `low` at or below `high`: how many bytes apart they must begin.
uint32_t Apart(Span<PlanItem> items, const PlanItem& low, const PlanItem& high) {
  uint32_t apart = low.bytes;
  if (Meet(high, low)) {
    if (MayBeInPlace(items, high, low)) return 0;
    if (low.below < apart) apart = low.below;
  } else if (Meet(low, high) && high.above < apart) {
    apart = high.above;
  }
  return apart;
}

// Where the input's constant bytes are, for who shares them; kUnplaced if it is none.
uint32_t ConstantLocation(const Model& model, int32_t tensor) {
  const Span<const uint8_t> data = model.constant_bytes(tensor);
  return data.empty() ? kUnplaced
                      : kInModel | static_cast<uint32_t>(data.data() - model.bytes().data());
}

}  // namespace

Status FindLifetimes(const Model& model, PlanTables& tables) {
  const int node_count = model.node_count();
  const auto end = static_cast<uint16_t>(node_count + 1);
  tables.item_count = 0;
  tables.has_views = nullptr;
  for (int t = 0; t < model.tensor_count(); ++t) tables.item_of_tensor[t] = PlanTables::kNoItem;

  for (const int32_t t : model.inputs()) {
    if (model.is_constant(t))
      return Status::AtTensor(StatusCode::kBadGraph, model.first_tensor() + t);
    if (tables.item_of_tensor[t] == PlanTables::kNoItem) NewTensorItem(model, tables, t, 0);
  }
  for (int n = 0; n < node_count; ++n) {
    const NodeView node = model.node(n);
    const auto step = static_cast<uint16_t>(n + 1);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const int32_t t = node.inputs[i];
      if (t < 0) continue;
      int item = tables.item_of_tensor[t];
      if (item == PlanTables::kNoItem) {
        if (model.is_constant(t)) continue;
        // What has no elements needs no writer: the shape operand of a RESHAPE to a scalar.
        const bool kept = tables.keeps_variables && model.is_variable(t);
        if (!kept && model.tensor_bytes(t) != 0) {
          return Status(StatusCode::kNotWritten, model.first_node() + n,
                        Operand::Input(static_cast<int>(i)));
        }
        // A variable keeps its value between one Invoke() and the next, so it lives always.
        item = NewTensorItem(model, tables, t, 0);
        tables.items[item].last = end;
      }
      if (tables.items[item].last < step) tables.items[item].last = step;
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const int32_t t = node.outputs[i];
      const uint16_t item = tables.item_of_tensor[t];
      const bool fixed = model.is_constant(t) || model.is_variable(t);
      if (fixed || item != PlanTables::kNoItem) {
        const StatusCode code = fixed                           ? StatusCode::kWritesConstant
                                : tables.items[item].first == 0 ? StatusCode::kWritesInput
                                                                : StatusCode::kWrittenTwice;
        return Status(code, model.first_node() + n, Operand::Output(static_cast<int>(i)));
      }
      NewTensorItem(model, tables, t, step);
    }
  }
  for (const int32_t t : model.outputs()) {
    const int item = tables.item_of_tensor[t];
    if (item != PlanTables::kNoItem) {
      tables.items[item].last = end;
    } else if (!model.is_constant(t)) {
      return Status::AtTensor(StatusCode::kNotWritten, model.first_tensor() + t);
    }
  }
  return {};
}

void ShareVariable(const Model& model, PlanTables& tables, int n, int first) {
  PlanItem& handle = tables.items[tables.item_of_tensor[model.node(n).outputs[0]]];
  if (!model.is_main_graph()) {
    handle.shares = PlanItem::kConstant;
    handle.offset = kInRing | static_cast<uint32_t>(first);  // until the main graph is planned
  } else if (first == n) {
    handle.bytes = tables.nodes[n].scratch_bytes;
    handle.first = 0;
    handle.last = static_cast<uint16_t>(model.node_count() + 1);
  } else {
    handle.shares = tables.item_of_tensor[model.node(first).outputs[0]];
  }
}

void ShareAliases(const Model& model, PlanTables& tables) {
  for (int n = 0; n < model.node_count(); ++n) {
    const uint16_t sharing = tables.nodes[n].sharing;
    if ((sharing & NodePlan::kAlias) == 0) continue;
    if (sharing >= NodePlan::kVariable) {
      tables.share_variable(model, tables, n, sharing & NodePlan::kInputMask);
      continue;
    }
    const NodeView node = model.node(n);
    const int32_t input = node.inputs[sharing & NodePlan::kInputMask];
    PlanItem& output = tables.items[tables.item_of_tensor[node.outputs[0]]];
    output.bytes = 0;
    if (const uint32_t constant = ConstantLocation(model, input); constant != kUnplaced) {
      output.shares = PlanItem::kConstant;
      output.offset = constant;
      continue;
    }
    const int root = Root(tables.items, tables.item_of_tensor[input]);
    output.shares = static_cast<uint16_t>(root);
    PlanItem& whole = tables.items[root];
    if (whole.last < output.last) whole.last = output.last;
  }
}

void ShareViews(const Model& model, PlanTables& tables) {
  tables.has_views = HasViews;
  for (int n = 0; n < model.node_count(); ++n) {
    const uint32_t views = tables.nodes[n].views();
    if (views == 0) continue;
    const NodeView node = model.node(n);
    const bool of_output = views == NodePlan::kInputViews;
    const int32_t whole = of_output ? node.outputs[0] : node.inputs[views - NodePlan::kOutputViews];
    if (model.is_constant(whole) || model.is_variable(whole)) continue;
    const uint16_t item = tables.item_of_tensor[whole];
    uint32_t at = tables.nodes[n].view_offset();
    for (const int32_t t : of_output ? node.inputs : node.outputs) {
      const uint32_t size_bytes = model.tensor_bytes(t);
      // Inputs of the graph and variables are there before anything is written.
      const bool fixed = model.is_constant(t) || model.is_variable(t) ||
                         tables.items[tables.item_of_tensor[t]].first == 0;
      if (!fixed) ShareView(tables, tables.item_of_tensor[t], item, at);
      at += size_bytes;
    }
  }
}

void FindDistances(const Model& model, PlanTables& tables, bool allow_descending) {
  for (int n = 0; n < model.node_count(); ++n) {
    const NodePlan& plan = tables.nodes[n];
    const bool in_place = (plan.sharing & NodePlan::kInPlace) != 0;
    if ((plan.sharing & NodePlan::kAlias) != 0 || (plan.window.is_whole() && !in_place)) continue;
    const NodeView node = model.node(n);
    if (node.outputs.empty()) continue;
    if (tables.has_views != nullptr && tables.has_views(node, tables)) continue;
    PlanItem& output = tables.items[tables.item_of_tensor[node.outputs[0]]];
    RowDistances distances = {0, 0};
    int inputs = 0;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const int32_t t = node.inputs[i];
      const uint16_t item = tables.ItemOf(t);
      if (item == PlanTables::kNoItem) continue;
      if (in_place && i == (plan.sharing & NodePlan::kInputMask)) {
        output.shares = static_cast<uint16_t>(PlanItem::kInPlaceOf | Root(tables.items, item));
      }
      if (plan.window.is_whole()) continue;
      const RowDistances of_input = DistancesOf(plan.window, model, t, node.outputs[0]);
      if (of_input.below > distances.below) distances.below = of_input.below;
      distances.above = of_input.above + static_cast<int32_t>(ViewOffset(tables.items, item));
      ++inputs;
    }
    if (plan.window.is_whole()) continue;
    output.below = static_cast<uint32_t>(distances.below);
    if (inputs == 1 && allow_descending) output.above = static_cast<uint32_t>(distances.above);
  }
}

void KeepApart(int node_count, PlanTables& tables) {
  for (int i = 0; i < tables.item_count; ++i) {
    tables.items[i].first = 0;
    tables.items[i].last = static_cast<uint16_t>(node_count + 1);
  }
}

void AddScratch(int node_count, PlanTables& tables) {
  for (int n = 0; n < node_count; ++n) {
    if (!tables.nodes[n].wants_scratch()) continue;
    NewItem(tables, tables.nodes[n].scratch_bytes, static_cast<uint16_t>(n + 1));
  }
}

namespace {

// Whether `item` may begin at `offset`, as far as placed items are concerned.
bool IsFree(Span<PlanItem> items, uint16_t lowest, const PlanItem& item, uint32_t offset) {
  for (uint16_t p = lowest; p != kEndOfItems; p = items[p].next) {
    const PlanItem& placed = items[p];
    if (LiveTogether(placed, item) && offset + Apart(items, item, placed) > placed.offset &&
        placed.offset + Apart(items, placed, item) > offset) {
      return false;
    }
  }
  return true;
}

}  // namespace

uint32_t CloseOffset(Span<PlanItem> items, uint16_t lowest, const PlanItem& item, uint32_t most) {
  for (uint16_t p = lowest; p != kEndOfItems; p = items[p].next) {
    const PlanItem& placed = items[p];
    const bool is_output = Meet(placed, item);
    if (!is_output && !Meet(item, placed)) continue;
    const uint32_t down = is_output ? item.below : placed.above;
    const uint32_t up = is_output ? item.above : placed.below;
    if (down <= placed.offset) {
      const uint32_t offset = AlignDown(placed.offset - down);
      if (offset + item.bytes <= most && IsFree(items, lowest, item, offset)) return offset;
    }
    if (up != PlanItem::kDisjoint) {
      const uint32_t offset = AlignToArena(placed.offset + up);
      if (offset + item.bytes <= most && IsFree(items, lowest, item, offset)) return offset;
    }
  }
  return kUnplaced;
}

namespace {

// Items without a place by size, the largest first; of equals, the first first.
uint16_t SortBySize(Span<PlanItem> items) {
  uint16_t largest = kEndOfItems;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].bytes == 0 || items[i].offset != kUnplaced) continue;
    uint16_t* at = &largest;
    while (*at != kEndOfItems && items[*at].bytes >= items[i].bytes) at = &items[*at].next;
    items[i].next = *at;
    *at = static_cast<uint16_t>(i);
  }
  return largest;
}

}  // namespace

uint32_t LowestOffset(Span<PlanItem> items, uint16_t lowest, const PlanItem& item) {
  // Upwards from 0 past everything that is in the way. Once is enough, unless there is an item
  // below which there was room and something above it was in the way after all.
  uint32_t offset = 0;
  for (bool again = true; again;) {
    again = false;
    bool fits_below = false;
    for (uint16_t p = lowest; p != kEndOfItems; p = items[p].next) {
      const PlanItem& placed = items[p];
      if (!LiveTogether(placed, item)) continue;
      if (offset + Apart(items, item, placed) <= placed.offset) {
        fits_below = true;
        continue;
      }
      const uint32_t above = AlignToArena(placed.offset + Apart(items, placed, item));
      if (above <= offset) continue;
      offset = above;
      again |= fits_below;
    }
  }
  return offset;
}

void Insert(Span<PlanItem> items, uint16_t* lowest, PlanItem& item) {
  while (*lowest != kEndOfItems && items[*lowest].offset <= item.offset) {
    lowest = &items[*lowest].next;
  }
  item.next = *lowest;
  *lowest = static_cast<uint16_t>(&item - items.data());
}

Status PlaceRest(Span<PlanItem> items, size_t first_scratch, decltype(&CloseOffset) close_offset,
                 uint32_t limit, uint16_t* lowest, uint32_t* total) {
  uint16_t largest = SortBySize({items.data(), first_scratch});
  for (size_t scratch = first_scratch; *total < limit;) {
    const bool is_tensor = largest != kEndOfItems;
    if (!is_tensor && scratch == items.size()) break;
    PlanItem& item = items[is_tensor ? largest : scratch++];
    if (is_tensor) {
      largest = item.next;
    } else if (item.bytes == 0 || item.offset != kUnplaced) {
      continue;
    }
    uint32_t offset = LowestOffset(items, *lowest, item);
    uint32_t end = offset + item.bytes;
    if (is_tensor && close_offset != nullptr) {
      const uint32_t close = close_offset(items, *lowest, item, end > *total ? end : *total);
      if (close != kUnplaced) offset = close;
      end = offset + item.bytes;
    }
    // No sum here wraps: an item is at most kMaxTensorBytes, far below what is left above
    // kMostBytes.
    if (end > kMostBytes) return StatusCode::kTooLarge;
    item.offset = offset;
    if (is_tensor) Insert(items, lowest, item);
    if (end > *total) *total = end;
  }
  return {};
}

Status PlaceItems(Span<PlanItem> items, size_t first_scratch, uint16_t* lowest, uint32_t* total) {
  uint32_t limit = kUnplaced;
  // Lowest, close, and lowest again unless close was better.
  for (int way = 0; way < 3; ++way) {
    for (PlanItem& item : items) {
      if (item.bytes != 0) item.offset = kUnplaced;
    }
    *lowest = kEndOfItems;
    *total = 0;
    const Status status =
        PlaceRest(items, first_scratch, way == 1 ? CloseOffset : nullptr, limit, lowest, total);
    if (way != 1) {
      MIDGE_TRY(status);
      limit = *total;
    } else {
      if (status.ok() && *total < limit) break;
      limit = kUnplaced;
    }
  }
  return {};
}

Status PlaceAsModelSays(const Model& model, PlanTables& tables, uint16_t* lowest, uint32_t* bytes) {
  constexpr size_t kHeaderBytes = 3 * sizeof(int32_t);
  *lowest = kEndOfItems;
  *bytes = 0;
  const Span<const uint8_t> plan = model.metadata("OfflineMemoryAllocation");
  if (plan.empty()) return {};
  int32_t header[3] = {};  // version, subgraph, count
  if (plan.size() >= kHeaderBytes) std::memcpy(header, plan.data(), kHeaderBytes);
  if (header[2] < model.tensor_count() ||
      (plan.size() - kHeaderBytes) / sizeof(int32_t) < static_cast<size_t>(header[2])) {
    return StatusCode::kBadOfflinePlan;
  }
  const Span<PlanItem> items = {tables.items, static_cast<size_t>(tables.item_count)};
  for (int t = 0; t < model.tensor_count(); ++t) {
    int32_t offset;
    std::memcpy(&offset, plan.data() + kHeaderBytes + static_cast<size_t>(t) * sizeof offset,
                sizeof offset);
    if (offset < 0 || tables.item_of_tensor[t] == PlanTables::kNoItem) continue;
    PlanItem& item = items[tables.item_of_tensor[t]];
    if (item.bytes == 0) continue;
    const auto place = static_cast<uint32_t>(offset);
    if (place % kArenaAlignment != 0 || place + item.bytes > kMostBytes ||
        !IsFree(items, *lowest, item, place)) {
      return Status::AtTensor(StatusCode::kBadOfflinePlan, t);
    }
    item.offset = place;
    Insert(items, lowest, item);
    if (place + item.bytes > *bytes) *bytes = place + item.bytes;
  }
  return {};
}

uint32_t NodePlan::ScratchUnits(uint32_t bytes) const {
  if (scratch_units == 0 || bytes < scratch_bytes) return 0;
  const uint32_t units =
      scratch_unit_bytes == 0 ? scratch_units : (bytes - scratch_bytes) / scratch_unit_bytes;
  return units < scratch_units ? units : scratch_units;
}

void GrowScratch(Span<PlanItem> items, uint16_t lowest, uint32_t most, uint32_t limit,
                 uint32_t* total, PlanItem& scratch) {
  // The lowest gap of `most` bytes, and the largest gap below the total.
  uint32_t best_bytes = scratch.bytes, best_offset = scratch.offset;
  uint32_t begin = 0;
  for (uint16_t p = lowest;; p = items[p].next) {
    while (p != kEndOfItems && (&items[p] == &scratch || !LiveTogether(items[p], scratch))) {
      p = items[p].next;
    }
    const bool last = p == kEndOfItems;
    const uint32_t end = last ? limit : items[p].offset;
    if (begin < end && end - begin >= most) {
      best_bytes = most;
      best_offset = begin;
      break;
    }
    const uint32_t below_total = last ? *total : end;
    if (begin < below_total && below_total - begin > best_bytes) {
      best_bytes = below_total - begin;
      best_offset = begin;
    }
    if (last) break;
    const uint32_t after = AlignToArena(items[p].offset + items[p].bytes);
    if (after > begin) begin = after;
  }
  scratch.bytes = best_bytes;
  scratch.offset = best_offset;
  if (best_offset != kUnplaced && best_offset + best_bytes > *total) {
    *total = best_offset + best_bytes;
  }
}

void GrowScratches(int node_count, PlanTables& tables, int first_scratch, uint16_t lowest,
                   uint32_t* total) {
  const uint32_t limit = WithRoomForScratch(*total);
  PlanItem* scratch = tables.items + first_scratch;
  for (int n = 0; n < node_count; ++n) {
    const NodePlan& plan = tables.nodes[n];
    if (!plan.wants_scratch()) continue;
    const bool elsewhere = scratch->offset != kUnplaced && (scratch->offset & kRegionMask) != 0;
    if (plan.scratch_units != 0 && !elsewhere) {
      GrowScratch({tables.items, static_cast<size_t>(tables.item_count)}, lowest,
                  plan.ScratchBytes(plan.scratch_units), limit, total, *scratch);
    }
    ++scratch;
  }
}

int RootItem(const PlanTables& tables, int item) { return Root(tables.items, item); }

uint32_t DescendingFlags(const Model& model, const PlanTables& tables, int n) {
  const NodeView node = model.node(n);
  if (node.outputs.empty()) return 0;
  const PlanItem& output = tables.items[tables.item_of_tensor[node.outputs[0]]];
  if (output.above == PlanItem::kDisjoint || output.bytes == 0) return 0;
  for (const int32_t t : node.inputs) {
    const uint16_t item = tables.ItemOf(t);
    if (item == PlanTables::kNoItem) continue;
    const PlanItem& input = tables.items[Root(tables.items, item)];
    if (!Meet(input, output) || output.offset <= input.offset ||
        output.offset - input.offset >= input.bytes) {
      continue;
    }
    const uint32_t distance = output.offset - input.offset - ViewOffset(tables.items, item);
    uint32_t rows_log2 = 0;
    for (int rows = 2; rows <= kMostDescendingRows; rows *= 2, ++rows_log2) {
      const RowDistances distances =
          DistancesOf(tables.nodes[n].window, model, t, node.outputs[0], rows);
      if (static_cast<uint32_t>(distances.above) > distance) break;
    }
    return kDescending | rows_log2 << kDescendingRowsShift;
  }
  return 0;
}

const PlanParts::Rows kRowParts = {FindDistances, PlaceItems, DescendingFlags};
const PlanParts::Scratches kScratchParts = {AddScratch, GrowScratches};

uint32_t LocationOfItem(const PlanTables& tables, int item) {
  const PlanItem& root = tables.items[Root(tables.items, item)];
  // A tensor without bytes needs no place of its own; any will do.
  return root.offset == kUnplaced ? 0 : root.offset + ViewOffset(tables.items, item);
}

}  // namespace midge::internal
