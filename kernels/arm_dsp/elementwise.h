// SPDX-License-Identifier: Apache-2.0
//
// The loop of elementwise kernels of two int8 operands: words of four elements.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/arm_dsp/channel_groups.h"
#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/elementwise.h"

namespace midge::arm_dsp {

// x + lane i of the word, i < 4.
template <int kLane>
inline int32_t SxtabLane(int32_t x, uint32_t word) {
  if constexpr (kLane == 0) return Sxtab(x, word);
  if constexpr (kLane == 1) return SxtabRor8(x, word);
  if constexpr (kLane == 2) return SxtabRor16(x, word);
  if constexpr (kLane == 3) return SxtabRor24(x, word);
}

// output[i] = f(a[i] + a_offset, b[i] + b_offset), which f gives as an int8, where the operand that
// `repeat` names has one element.
template <typename F>
inline void MapBinary(Repeat repeat, const int8_t* a, int32_t a_offset, const int8_t* b,
                      int32_t b_offset, int32_t count, int8_t* output, const F& f) {
  int8_t repeated[kGroup], last[kGroup];
  if (repeat != Repeat::kNone) {
    const int8_t*& operand = repeat == Repeat::kFirst ? a : b;
    Store32(repeated, Splat8(*operand));
    operand = repeated;
  }
  const int32_t a_step = repeat == Repeat::kFirst ? 0 : kGroup;
  const int32_t b_step = repeat == Repeat::kSecond ? 0 : kGroup;
  for (; count > 0; count -= kGroup, a += a_step, b += b_step, output += kGroup) {
    const int32_t size = GroupSize(count);
    const uint32_t x = LoadGroup(a, size), y = LoadGroup(b, size);
    int8_t* const to = size == kGroup ? output : last;
    to[0] = f(SxtabLane<0>(a_offset, x), SxtabLane<0>(b_offset, y));
    to[1] = f(SxtabLane<1>(a_offset, x), SxtabLane<1>(b_offset, y));
    to[2] = f(SxtabLane<2>(a_offset, x), SxtabLane<2>(b_offset, y));
    to[3] = f(SxtabLane<3>(a_offset, x), SxtabLane<3>(b_offset, y));
    if (size != kGroup) std::memcpy(output, last, static_cast<size_t>(size));
  }
}

}  // namespace midge::arm_dsp
