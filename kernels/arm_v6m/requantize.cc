// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/requantize.h"

namespace midge::arm_v6m {

int32_t ExactS8(const QuantizedOutput& output, int32_t channel, int32_t x) {
  const int32_t i = channel * output.multipliers.step;
  const int32_t scaled =
      RequantizeByHalves(x, output.multipliers.multiplier_q31[i], output.multipliers.exponent[i]);
  return Clamp(AddWrapping(scaled, output.zero_point), output.clamp.min, output.clamp.max);
}

namespace {

// (2^31 / m - 1) * 2^8 for m in the middle of [2^30 + i * 2^25, 2^30 + (i + 1) * 2^25).
constexpr uint8_t kReciprocals[32] = {
    248, 233, 219, 206, 193, 181, 170, 159, 149, 139, 130, 121, 112, 104, 96, 89,
    82,  75,  68,  62,  56,  50,  45,  39,  34,  29,  24,  19,  15,  10,  6,  2,
};

}  // namespace

Scale::Scale(const QuantizedOutput& output)
    : origin(0),
      low(output.clamp.min),
      high(output.clamp.max),
      factor(0),
      last(UINT32_MAX),
      offset(0),
      limit(0),
      channel(0),
      zero_point(output.zero_point),
      has_lines(low < high && low <= zero_point && zero_point <= high) {}

void Scale::SetChannel(const QuantizedOutput& output, int32_t output_channel) {
  channel = output_channel;
  const int32_t i = output_channel * output.multipliers.step;
  const int32_t multiplier = output.multipliers.multiplier_q31[i];
  const int32_t shift = -output.multipliers.exponent[i];
  if (static_cast<uint32_t>(shift - 2) > 15 - 2 || multiplier == 0 || !has_lines) {
    origin = 0;
    last = UINT32_MAX;
    limit = 0;
    return;
  }
  // 2^31 / multiplier in (1, 2] with 15 fractional bits, to one part in 5,000: what x0 and R need
  // is one in 1,360. The table is within 1/98, and Newton and Raphson's step squares that.
  const uint32_t f = static_cast<uint32_t>(multiplier) >> 16;  // 15 fractional bits
  const uint32_t p = 256u + kReciprocals[(f >> 9) - 32];       // 8
  const uint32_t d = p * (65536 - (f * p >> 8)) >> 8;
  const auto x_of_output = [&](int32_t y) {
    return (y - zero_point) * static_cast<int32_t>(d) >> (15 - shift);
  };
  origin = x_of_output(low);
  const int32_t width = x_of_output(high) - origin;
  last = static_cast<uint32_t>(width) - 1;
  factor = static_cast<uint32_t>(multiplier) >> (7 + shift);
  const int32_t unit = 1 << (23 - shift);  // half of what the first rounding's step is
  const int32_t room = (1 << 24) - 2 - width - 4 * unit;
  limit = room > 0 ? static_cast<uint32_t>(room) << 8 : 0;
  offset = static_cast<uint32_t>(origin) * factor + (static_cast<uint32_t>(zero_point) << 24) +
           (1u << 23) + static_cast<uint32_t>(origin - 3 * unit - 1);
}

}  // namespace midge::arm_v6m
