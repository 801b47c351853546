// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/requantize.h"

namespace midge::arm_v6m {

bool Scale::Init(const ExactScale& scale, uint32_t most) {
  exact = scale;
  const int32_t shift = -scale.exponent;
  const int32_t zero_point = scale.zero_point;
  if (most >= 1u << 30 || shift <= 0 || zero_point < scale.low || zero_point > scale.high) {
    return false;
  }
  if (scale.multiplier_q31 == 0 || most < 1u << (shift - 1)) {
    // All x round to 0: channels that have all but vanished.
    origin = -(1 << 30);
    range = 1u << 31;
    factor = 0;
    offset = static_cast<uint32_t>(zero_point) << 24;
    limit = UINT32_MAX;
    return true;
  }
  if (shift < 3 || shift > 15) return false;
  // 2^31 / multiplier with 14 fractional bits, in (1, 2]: Newton-Raphson from a line that is within
  // 1/17. What x0 and R need is one part in 1,360.
  const uint32_t f = static_cast<uint32_t>(scale.multiplier_q31) >> 16;
  uint32_t d = 46261 - (30840 * f >> 15);
  d = d * (65536 - (f * d >> 14)) >> 15;
  d = d * (65536 - (f * d >> 14)) >> 15;
  const auto x_of_output = [&](int32_t output) {
    return (output - zero_point) * static_cast<int32_t>(2 * d) >> (15 - shift);
  };
  origin = x_of_output(scale.low);
  const int32_t width = x_of_output(scale.high) - origin;
  range = static_cast<uint32_t>(width);
  factor = static_cast<uint32_t>(scale.multiplier_q31) >> (7 + shift);
  const int32_t gap = width + (1 << (25 - shift)) + 2;
  limit = gap < 1 << 24 ? static_cast<uint32_t>((1 << 24) - gap) << 8 : 0;
  const int32_t least = origin - (3 << (23 - shift)) - 1;
  offset = static_cast<uint32_t>(origin) * factor + (static_cast<uint32_t>(zero_point) << 24) +
           (1u << 23) + static_cast<uint32_t>(least);
  return true;
}

}  // namespace midge::arm_v6m
