// SPDX-License-Identifier: Apache-2.0
//
// The slow planner: what a host can afford and a device cannot. It cuts the graph into steps, each
// one node or a segment of nodes that run row by row, such that the largest step needs as little
// memory as possible, and then searches for a placement that needs no more than that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "midge/model.h"
#include "midge/op_resolver.h"
#include "plan/planner.h"

namespace midge_tool {

struct HostPlanOptions {
  // For InvokeRows(): input 0 arrives row by row and is kept in a ring; the first segment begins
  // with it.
  bool stream_input = false;
  // The least memory, however much longer a plan so takes.
  bool smallest = false;
};

struct HostPlan {
  // A step of the plan: nodes [first, last].
  struct Step {
    int first, last;
    bool is_segment;       // executed row by row
    uint32_t bound_bytes;  // of all that is alive in it, overlaps taken off
  };
  // What lies where and when; in the order of time.
  struct Box {
    std::string label;  // tensor name, or "scratch"
    uint32_t offset, bytes;
    int first_step, last_step;  // step 0 is before the first: inputs are written
    int ring_rows;              // 0: the whole tensor
    int tensor;                 // -1: scratch
  };

  // The program with every location, ready to be embedded.
  std::vector<uint8_t> program;
  uint32_t activation_bytes = 0;
  // As in EmbeddedPlanHeader.
  uint32_t variable_bytes = 0, work_bytes = 0, fed_counts_bytes = 0;
  // No placement of these steps needs less.
  uint32_t bound_bytes = 0;
  std::vector<Step> steps;
  std::vector<Box> boxes;
};

// Plans `model` for exactly these ops: a program names rows by their place in the resolver. With
// stream_input: kUnsupportedOption, with the node, if the first ops need their input whole.
midge::Status MakeHostPlan(const midge::Model& model, midge::OpResolverView ops,
                           const HostPlanOptions& options, HostPlan* plan);

}  // namespace midge_tool
