// SPDX-License-Identifier: Apache-2.0
//
// One run of inputs against the weights of many outputs: what fully connected layers are, and
// convolutions of a pixel or two. Weights are not packed into pairs: those that meet one input only
// would cost more to pack than to multiply (taps.h).
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"

namespace midge::arm_v6m {

// out[u] = S8(first + bias[u] + sum_d filter[u][d] * (x[d] - zero_point)) for u < units.
struct UnitRun {
  const int8_t* x;
  int32_t depth, units;
  int32_t zero_point;  // of x
  const int8_t* filter;
  const int32_t* bias;  // or null
  int32_t first;
};
void RunUnits(const UnitRun& run, const QuantizedOutput& output, int8_t* out);

}  // namespace midge::arm_v6m
