// SPDX-License-Identifier: Apache-2.0
#include "graph_builder.h"

#include "midge/record.h"

namespace midge::internal {
namespace {

int CountActivations(const Model& model) {
  int count = 0;
  for (int t = 0; t < model.tensor_count(); ++t) count += !model.is_constant(t);
  return count;
}

}  // namespace

uint8_t* GraphBuilder::FromTop(uint32_t size_bytes) const {
  const auto room = static_cast<size_t>(top_ - state_.block);
  const size_t aligned = room & ~size_t{3};
  return size_bytes <= aligned ? state_.block + aligned - size_bytes : nullptr;
}

Status GraphBuilder::PrepareNodes() {
  const int node_count = model_.node_count();
  tables_bytes_ = static_cast<uint32_t>(node_count) * uint32_t{sizeof(NodePlan)};
  uint8_t* const nodes = FromTop(tables_bytes_);
  tables_.nodes = reinterpret_cast<NodePlan*>(nodes);
  state_.LowerTables(nodes);
  state_.tables_bytes += tables_bytes_;
  state_.model = &model_;
  NodePlan unkept;
  for (int n = 0; n < node_count; ++n) {
    state_.node_index = model_.first_node() + n;
    state_.node = model_.node(n);
    state_.plan = nodes != nullptr ? &tables_.nodes[n] : &unkept;
    if (state_.nodes_left-- == 0) return StatusCode::kTooLarge;
    MIDGE_TRY(PrepareNode(*state_.ops, state_));
    scratches_ += state_.plan->wants_scratch();
  }
  return {};
}

Status GraphBuilder::Plan(const PlanPolicy& policy, uint32_t* activation_bytes) {
  const uint32_t map_bytes =
      AlignUp(static_cast<uint32_t>(model_.tensor_count()) * sizeof(uint16_t), 4);
  const uint32_t items_bytes =
      static_cast<uint32_t>(CountActivations(model_) + scratches_) * uint32_t{sizeof(PlanItem)};
  tables_bytes_ += map_bytes + items_bytes;
  if (policy.streaming != nullptr) {
    tables_bytes_ += static_cast<uint32_t>(model_.node_count() + 1) * uint32_t{sizeof(StreamStep)};
  }
  tables_bytes_ += state_.shapes_bytes - shapes_above_;  // between nodes and these
  uint8_t* const tables = FromTop(tables_bytes_);
  if (tables == nullptr) return StatusCode::kArenaTooSmall;
  tables_.items = reinterpret_cast<PlanItem*>(tables);
  tables_.item_of_tensor = reinterpret_cast<uint16_t*>(tables + items_bytes);
  steps_ = reinterpret_cast<StreamStep*>(tables + items_bytes + map_bytes);

  if (policy.keeps_apart || state_.plan_parts.share_views == nullptr) {
    return Place(policy, false, activation_bytes);
  }
  // What is made of views lives as long as all of them, so they may cost more than they save.
  uint32_t bytes;
  MIDGE_TRY(Place(policy, true, &bytes));
  const uint32_t with_views = TotalOf(policy, bytes);
  MIDGE_TRY(Place(policy, false, activation_bytes));
  if (TotalOf(policy, *activation_bytes) < with_views) return {};
  return Place(policy, true, activation_bytes);
}

uint32_t GraphBuilder::TotalOf(const PlanPolicy& policy, uint32_t activation_bytes) {
  return policy.regions == nullptr ? activation_bytes
                                   : activation_bytes + policy.regions->fast_bytes;
}

Status GraphBuilder::Place(const PlanPolicy& policy, bool views, uint32_t* activation_bytes) {
  const PlanParts& parts = state_.plan_parts;
  const int node_count = model_.node_count();
  tables_.keeps_variables = state_.run_parts.reset != nullptr;
  MIDGE_TRY(FindLifetimes(model_, tables_));
  tables_.share_variable = parts.share_variable;
  if (parts.share_aliases != nullptr) parts.share_aliases(model_, tables_);
  if (views) parts.share_views(model_, tables_);
  if (policy.keeps_apart) {
    KeepApart(node_count, tables_);
  } else if (parts.rows != nullptr) {
    parts.rows->find_distances(model_, tables_, policy.allow_descending);
  }
  const int first_scratch = tables_.item_count;
  if (parts.scratches != nullptr) parts.scratches->add(node_count, tables_);
  const Span<PlanItem> items = {tables_.items, static_cast<size_t>(tables_.item_count)};
  const auto tensors = static_cast<size_t>(first_scratch);
  if (policy.regions != nullptr) {
    return policy.regions->place(model_, tables_, tensors, *policy.regions, activation_bytes);
  }
  uint16_t lowest = kEndOfItems;
  *activation_bytes = 0;
  if (policy.offline_plan != nullptr) {
    MIDGE_TRY(policy.offline_plan(model_, tables_, &lowest, activation_bytes));
  }
  streamed_ = 0;
  if (policy.streaming != nullptr && !views && lowest == kEndOfItems) {
    streamed_ = policy.streaming->cut(model_, tables_, steps_, first_scratch);
  }
  if (parts.rows != nullptr && lowest == kEndOfItems) {
    MIDGE_TRY(parts.rows->place_items(items, tensors, &lowest, activation_bytes));
  } else {
    MIDGE_TRY(PlaceRest(items, tensors, nullptr, kUnplaced, &lowest, activation_bytes));
  }
  if (parts.scratches != nullptr) {
    parts.scratches->grow(node_count, tables_, first_scratch, lowest, activation_bytes);
  }
  return {};
}

uint32_t GraphBuilder::LocationOf(int32_t tensor) const {
  if (tensor < 0) return kAbsent;
  const uint16_t item = tables_.item_of_tensor[tensor];
  if (item != PlanTables::kNoItem) return LocationOfItem(tables_, item);
  return kInModel |
         static_cast<uint32_t>(model_.constant_bytes(tensor).data() - model_.bytes().data());
}

void GraphBuilder::Locate(uint32_t* operands, uint32_t* words) {
  for (const int32_t t : model_.inputs()) *operands++ = LocationOf(t);
  for (const int32_t t : model_.outputs()) *operands++ = LocationOf(t);
  const PlanParts::Rows* const rows = state_.plan_parts.rows;
  int scratch_item = tables_.item_count - scratches_;
  for (int n = 0; n < model_.node_count(); ++n) {
    const RecordView record(words);
    const int count = record.input_count() + record.output_count();
    for (int i = 0; i < count; ++i) {
      words[2 + i] = LocationOf(static_cast<int32_t>(words[2 + i]));
    }
    if (rows != nullptr) words[1] |= rows->descending_flags(model_, tables_, n);
    uint32_t* const end = words + record.size_bytes() / 4;
    if (const NodePlan& plan = tables_.nodes[n]; plan.wants_scratch()) {
      end[-1] = LocationOfItem(tables_, scratch_item) |
                plan.ScratchUnits(tables_.items[scratch_item].bytes);
      ++scratch_item;
      if (record.calls()) state_.relocate(words, end[-1], state_.depth == 0 ? this : nullptr);
    }
    words = end;
  }
}

}  // namespace midge::internal
