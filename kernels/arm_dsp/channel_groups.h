// SPDX-License-Identifier: Apache-2.0
//
// Four channels at a time, whatever their number: the last group ends with the channels and may
// overlap the one before it, whose results it gives once more; fewer than four channels are one
// smaller group.
#pragma once

#include <cstdint>

#include "kernels/arm_dsp/intrinsics.h"

namespace midge::arm_dsp {

inline constexpr int32_t kGroup = 4;

// The group behind the one at c; `channels` or more if there is none.
inline int32_t NextGroup(int32_t c, int32_t channels) {
  const int32_t next = c + kGroup;
  return next < channels && channels - next < kGroup ? channels - kGroup : next;
}

inline int32_t GroupSize(int32_t channels) { return channels < kGroup ? channels : kGroup; }

// Of a group of `size` channels; lanes behind them are 0.
inline uint32_t LoadGroup(const int8_t* p, int32_t size) {
  if (size == kGroup) return Load32(p);
  uint32_t word = 0;
  for (int32_t i = size; i-- > 0;) word = word << 8 | static_cast<uint8_t>(p[i]);
  return word;
}
inline void StoreGroup(int8_t* p, int32_t size, uint32_t word) {
  if (size == kGroup) return Store32(p, word);
  for (int32_t i = 0; i < size; ++i, word >>= 8) p[i] = static_cast<int8_t>(word);
}

}  // namespace midge::arm_dsp
