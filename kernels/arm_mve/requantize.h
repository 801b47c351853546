// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/arm_mve/helium.h"
#include "kernels/fixed_point.h"

namespace midge::arm_mve {

inline bool IsAllOfS8(ClampRange clamp) { return clamp.min == INT8_MIN && clamp.max == INT8_MAX; }

// Clamps what was saturated to int8. Few models need it: quantized ranges mostly end where the
// activation does.
void ClampS8(ClampRange clamp, int8_t* data, int32_t count);

// How sums become int8.
struct Requantization {
  ChannelMultipliers multipliers;
  int32_t zero_point;
  ClampRange clamp;
};

// Sums of channels from `channel` on to int8 at `out`, `count` of them, at least one.
void RequantizeS8(const Requantization& to, const int32_t* sums, int32_t channel, int32_t count,
                  int8_t* out);

// The largest of the numbers; INT8_MIN of none.
int8_t MaxS8(const int8_t* data, int32_t count);

}  // namespace midge::arm_mve
