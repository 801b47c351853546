// SPDX-License-Identifier: Apache-2.0
//
// Accumulators to int8 in one 32-bit multiplication: these cores have none that gives 64 bits.
//
// What an accumulator x becomes before the clamp is u = zo + round(round(x m / 2^31) / 2^s), a step
// function of the line v = x m / 2^(31+s): u = zo + floor(v + 1/2 + e), where the first rounding
// and ties away from zero make e lie in (-3/2, 1/2] * 2^-s. In units of 2^-24 the line is
// approximated by integers modulo 2^32 of which the top byte is the output:
//
//   P(x) = x * M + B,   M = floor(m / 2^(7+s))
//
// It is short of the truth by x * d + 2^24 e for some d in [0, 1). For x0 <= x < x0 + R with x0 <=
// 0 B is lowered by what that is at least, and it is then less than G = R + 2^(25-s) + 2 in all.
// Where the lower 24 bits of P leave G free, no step lies between P and the truth, and the top byte
// of P is u. Else, in a few of a hundred cases, x is requantized exactly, in 64 bits. [x0, x0 + R)
// is from the middle of the lowest output's step to that of the highest's, so outside of it x gives
// these two, and x0 and R need not be exact.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"

namespace midge::arm_v6m {

// Requantize, by halves, in line.
inline int32_t RequantizeByHalves(int32_t x, int32_t multiplier_q31, int32_t exponent) {
  const int32_t left = exponent > 0 ? exponent : 0;
  const int32_t shifted = static_cast<int32_t>(static_cast<uint32_t>(x) << left);
  const int32_t y = MultiplyHighByHalves(shifted, multiplier_q31);
  return exponent >= 0 ? y : (((y + (y >> 31)) >> (-exponent - 1)) + 1) >> 1;
}

// QuantizedOutput::S8, by halves.
int32_t ExactS8(const QuantizedOutput& output, int32_t channel, int32_t x);

// Whether all x with |x| <= most round to 0: channels that have all but vanished.
inline bool Vanishes(const ChannelMultipliers& multipliers, int32_t channel, uint32_t most) {
  const int32_t i = channel * multipliers.step, exponent = multipliers.exponent[i];
  return multipliers.multiplier_q31[i] == 0 || (exponent < 0 && most < 1u << (-exponent - 1));
}
// Those for which it is worth asking.
inline bool MayVanish(const ChannelMultipliers& multipliers, int32_t channel) {
  const int32_t i = channel * multipliers.step;
  return multipliers.exponent[i] <= -16 || multipliers.multiplier_q31[i] == 0;
}

// One channel's outputs by the line. Assembly code knows the order.
struct Scale {
  int32_t origin;  // x0
  int32_t low, high;
  uint32_t factor;  // M
  uint32_t last;    // R - 1
  uint32_t offset;  // B + x0 * M
  uint32_t limit;   // of the lower 24 bits of P, in the upper bits; 0: none is below
  int32_t channel;
  int32_t zero_point;
  bool has_lines;  // the zero point is within the clamp

  explicit Scale(const QuantizedOutput& output);

  // Requires a multiplier of 0, or in [2^30, 2^31). Where there is no line, as for all shifts beyond
  // [2, 15] and in a scale of which no channel has been set, all x go to ExactS8, and origin is 0.
  void SetChannel(const QuantizedOutput& output, int32_t output_channel);

  // The output of x = offset_x + origin.
  int32_t S8(const QuantizedOutput& output, uint32_t offset_x) const {
    const int32_t x = static_cast<int32_t>(offset_x + static_cast<uint32_t>(origin));
    if (offset_x > last) return x < 0 ? low : high;
    const uint32_t p = offset_x * factor + offset;
    if (p << 8 < limit) return static_cast<int8_t>(p >> 24);
    return ExactS8(output, channel, x);
  }
};

}  // namespace midge::arm_v6m
