// SPDX-License-Identifier: Apache-2.0
//
// A model file with its plan inside, as metadata that other runtimes ignore.
#pragma once

#include <cstdint>
#include <vector>

#include "host_planner.h"

namespace midge_tool {

// Plans `model` for `ops` and makes the file: a new root in front of the old bytes, which stay as
// they are. `plan` is the plan that is inside. The result is for use at a multiple of 16 in memory.
midge::Status MakePlannedFile(const midge::Model& model, midge::OpResolverView ops,
                              const HostPlanOptions& options, std::vector<uint8_t>* file,
                              HostPlan* plan);

}  // namespace midge_tool
