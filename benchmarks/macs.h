// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "midge/model.h"

namespace midge_bench {

// Multiply-accumulates of one node as the graph states them: output elements times the weights that
// each of them sees, weights on padding counted too, as MLPerf Tiny counts. 0 for ops without
// weights.
uint64_t CountMacs(const midge::Model& model, const midge::NodeView& node);

}  // namespace midge_bench
