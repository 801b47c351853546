// SPDX-License-Identifier: Apache-2.0
//
// Functions of int16 values by 513 of their results: docs/NUMERICS.md "Tables of real functions".
// Variants of the loop around them: portable, arm_dsp, arm_mve.
#pragma once

#include <cstdint>

namespace midge {

inline constexpr int kInterpolatedSteps = 512;

// `table` has the results at every 128th value from the lowest, and at the end.
inline int32_t Interpolated(const int16_t* table, int32_t x) {
  const int16_t* const at = table + (x >> 7) + kInterpolatedSteps / 2;
  // The field keeps the rise, like the result, in 16 bits: jumps over half of the range wrap.
  const auto rise = static_cast<int16_t>(at[1] - at[0]);
  return at[0] + ((rise * (x & 0x7f) + 64) >> 7);
}

}  // namespace midge
