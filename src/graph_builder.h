// SPDX-License-Identifier: Apache-2.0
//
// From a graph to its program: prepares the nodes, plans their memory, completes the records. The
// program grows upwards in a block of memory; the planner's tables lie below a limit at the top.
#pragma once

#include "plan/planner.h"
#include "plan/streaming.h"
#include "prepare_node.h"

namespace midge::internal {

constexpr uint32_t AlignUp(uint64_t bytes, uint32_t alignment) {
  return static_cast<uint32_t>((bytes + alignment - 1) & ~uint64_t{alignment - 1});
}

struct PlanPolicy {
  bool allow_descending;
  bool keeps_apart;                 // KeepApart()
  OfflinePlan* offline_plan;        // PlaceAsModelSays, or null
  Regions* regions;                 // may be null
  const StreamingParts* streaming;  // null, and where tensors are kept apart or in regions
};

class GraphBuilder {
 public:
  // Appends to state.program, and lowers state.tables while it lives.
  GraphBuilder(const Model& model, PrepareState& state)
      : model_(model),
        state_(state),
        top_(state.tables),
        tables_above_(state.tables_bytes),
        shapes_above_(state.shapes_bytes) {}
  GraphBuilder(const GraphBuilder&) = delete;
  GraphBuilder& operator=(const GraphBuilder&) = delete;
  ~GraphBuilder() {
    state_.LowerTables(top_);
    state_.tables_bytes = tables_above_;
    state_.shapes_bytes = shapes_above_;
  }

  // Appends a record for each node.
  Status PrepareNodes();
  // Gives every activation and scratch a place. kArenaTooSmall if there is no room for the tables.
  Status Plan(const PlanPolicy& policy, uint32_t* activation_bytes);
  // Completes the program: in the graph's operands at `words` and in the records behind them,
  // tensor indices become locations.
  void Locate(uint32_t* words, uint32_t* records);

  // After Plan(): how many nodes are in segments. Then StreamingParts::locate does what Locate()
  // does for others.
  int streamed() const { return streamed_; }
  const StreamStep* steps() const { return steps_; }
  const Model& model() const { return model_; }
  const PlanTables& tables() const { return tables_; }

  // What the tables take, with those above them, whether there is room for them or not.
  uint32_t tables_bytes() const { return tables_above_ + tables_bytes_; }
  // After Plan().
  const uint8_t* tables_begin() const { return reinterpret_cast<const uint8_t*>(tables_.items); }
  uint32_t LocationOf(int32_t tensor) const;
  uint32_t LocationOfOutput(int node) const { return LocationOf(model_.node(node).outputs[0]); }

 private:
  // What Plan() does once the tables have a place; it may be done again.
  Status Place(const PlanPolicy& policy, bool views, uint32_t* activation_bytes);
  static uint32_t TotalOf(const PlanPolicy& policy, uint32_t activation_bytes);
  // The `size_bytes` below the top, 4-byte aligned; null if the block has not as many.
  uint8_t* FromTop(uint32_t size_bytes) const;

  const Model& model_;
  PrepareState& state_;
  uint8_t* const top_;
  const uint32_t tables_above_;
  const uint32_t shapes_above_;
  PlanTables tables_ = {};
  uint32_t tables_bytes_ = 0;
  int scratches_ = 0;
  StreamStep* steps_ = nullptr;
  int streamed_ = 0;
};

}  // namespace midge::internal
