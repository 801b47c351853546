// SPDX-License-Identifier: Apache-2.0
//
// In a file of its own: where nothing asks for options, the linker sees that planning has none.
#include "graph_builder.h"
#include "midge/interpreter.h"

namespace midge {

namespace internal {
namespace {

Status AllocateInBlocks(Interpreter& interpreter) {
  return interpreter.AllocateTensors(AllocateOptions());
}

}  // namespace

const BlockParts kBlockParts = {AllocateInBlocks, PlaceInRegions};

}  // namespace internal

Status Interpreter::AllocateTensors(const AllocateOptions& options) {
  constexpr size_t kMost = internal::kInFast;
  internal::Regions regions = {
      static_cast<uint32_t>(fast_.size() < kMost ? fast_.size() : kMost - 1), !activations_.empty(),
      0, 0, nullptr};
  internal::PlanPolicy policy = {true, options.keep_tensors_apart, nullptr, nullptr, nullptr};
  if (!options.keep_tensors_apart) policy.offline_plan = options.offline_plan;
  if (blocks_ != nullptr) {
    regions.place = blocks_->place;
    policy.regions = &regions;
  } else if (options.streaming != nullptr && !options.keep_tensors_apart) {
    policy.streaming = options.streaming;
    run_segment_ = options.streaming->run_segment;
  }
  return Allocate(policy);
}

}  // namespace midge
