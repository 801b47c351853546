// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "midge/model.h"

namespace midge_bench {

// Whether the node multiplies its input 0 by weights, which are input 1.
bool HasWeights(const midge::NodeView& node);

// Multiply-accumulates of one node as the graph states them: output elements times the weights that
// each of them sees, weights on padding counted too, as MLPerf Tiny counts. 0 for ops without
// weights.
uint64_t CountMacs(const midge::Model& model, const midge::NodeView& node);

}  // namespace midge_bench
