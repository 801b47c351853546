// SPDX-License-Identifier: Apache-2.0
//
// Sigmoid and hyperbolic tangent of 16-bit numbers, interpolated between 256 values of one half of
// the sigmoid; tanh(x) = 2 sigmoid(2x) - 1. docs/NUMERICS.md, section "Sigmoid table", says what
// they compute.
#pragma once

#include <cstdint>

namespace midge {

// 65536 * sigmoid(i / 24), raised by half of what the chord to the next value falls short of the
// curve in its middle. The field's values.
struct SigmoidTable {
  uint16_t values[256];
};
extern const SigmoidTable kSigmoidTable;

// sigmoid(x / 12288) in Q0.15.
inline int16_t InterpolatedSigmoid(int32_t x) {
  const uint32_t magnitude = static_cast<uint32_t>(x < 0 ? -x : x);
  const uint32_t i = magnitude >> 9;
  uint32_t y = 0x7fffu << 10;  // in Q25
  if (i < 255) {
    const uint32_t low = kSigmoidTable.values[i], high = kSigmoidTable.values[i + 1];
    y = (low << 9) + (magnitude & 0x1ff) * (high - low);
  }
  // 1 - y below zero, where -y - 1 = ~y; halves go up above zero, down below.
  const auto sign = static_cast<uint32_t>(x >> 31);
  y = (y ^ sign) + (sign & 1u << 25) + 0x200;
  return static_cast<int16_t>(y >> 10);
}

// tanh(x / 12288) in Q0.15.
inline int16_t InterpolatedTanh(int32_t x) {
  const uint32_t magnitude = static_cast<uint32_t>(x < 0 ? -x : x);
  const uint32_t i = magnitude >> 8;
  int32_t y = 0xffff << 8;  // sigmoid(2x) in Q24
  if (i < 255) {
    const int32_t low = kSigmoidTable.values[i], high = kSigmoidTable.values[i + 1];
    y = low * 256 + static_cast<int32_t>(magnitude & 0xff) * (high - low);
  }
  y -= 1 << 23;  // half of tanh in Q24
  // -y below zero, where -y - 1 = ~y; halves go as above.
  return static_cast<int16_t>(((y ^ x >> 31) + 0x80) >> 8);
}

}  // namespace midge
