// SPDX-License-Identifier: Apache-2.0
//
// Accumulators to int8 in six instructions each, with the bits of QuantizedOutput::S8.
#pragma once

#include <cstdint>

#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/fixed_point.h"

namespace midge::arm_dsp {

// For a channel with exponent -s, 1 <= s <= kMostShift: what the zero point z and the second
// rounding's half add up to before the shift, offset = z * 2^s + 2^(s-1), becomes the addend of the
// multiplication that rounds first (SMMLAR):
//
//   y = round(2 x * m / 2^32) + offset;   out = saturate((y + (x < 0 ? -1 : 0)) >> s)
//
// The step down for negative x turns halves that round up into halves that round away from zero, as
// it does by the sign of the product, since a product of 0 gives 0 either way. 2 x saturates: |x|
// >= 2^30 then gives at least (2^29 - 1) / 2^20, beyond int8 from any zero point, as the
// unsaturated product does. |offset| <= 2^27 and |product| <= 2^30, so no sum overflows: all x have
// the bits of S8.
class ChannelRequantizer {
 public:
  static constexpr uint32_t kMostShift = 20;

  static uint32_t BiasedZeroPoint(int32_t zero_point) {
    return 2 * static_cast<uint32_t>(zero_point) + 1;
  }

  ChannelRequantizer() = default;
  ChannelRequantizer(int32_t multiplier_q31, int32_t exponent, uint32_t biased_zero_point)
      : multiplier_q31_(multiplier_q31), shift_(0u - static_cast<uint32_t>(exponent)) {
    if (fits()) offset_ = biased_zero_point << (shift_ - 1);
  }
  ChannelRequantizer(const QuantizedOutput& output, int32_t channel)
      : ChannelRequantizer(output.multipliers.multiplier_q31[channel * output.multipliers.step],
                           output.multipliers.exponent[channel * output.multipliers.step],
                           BiasedZeroPoint(output.zero_point)) {}

  // For an exponent that does not fit, where |x| <= most: if that is less than 2^(s-1) each x
  // rounds to 0, and s can be less: 1, times 0. Below 2^30 nothing saturates and s may be 22:
  // |offset| <= 2^29 + 2^21. Returns whether S8 has the bits now.
  bool Bound(uint32_t most, uint32_t biased_zero_point) {
    if (shift_ - 1 >= 31) return false;
    if (most < 1u << (shift_ - 1)) {
      multiplier_q31_ = 0;
      shift_ = 1;
    }
    offset_ = biased_zero_point << (shift_ - 1);
    return shift_ <= 22 && most < 1u << 30;
  }

  bool fits() const { return shift_ - 1 < kMostShift; }

  // Requires fits(). Not clamped to more than int8: see ClampS8.
  int8_t S8(int32_t x) const {
    const int32_t y = Smmlar(QDouble(x), multiplier_q31_, static_cast<int32_t>(offset_));
    return static_cast<int8_t>(Ssat8((y + (x >> 31)) >> shift_));
  }

 private:
  // In this order for assembly code.
  int32_t multiplier_q31_;
  uint32_t shift_;
  uint32_t offset_ = 0;
};

// Requantize, saturated to int16. As above with a zero point of 0, for shifts up to 13: where 2 x
// saturates the result is at least (2^29 - 1) / 2^13, beyond int16 too. Other exponents take
// Requantize itself.
class RequantizerS16 {
 public:
  explicit RequantizerS16(QuantizedMultiplier m)
      : multiplier_(m),
        shift_(0u - static_cast<uint32_t>(m.exponent)),
        fits_(shift_ - 1 < 13),
        half_(fits_ ? 1 << (shift_ - 1) : 0) {}

  bool fits() const { return fits_; }
  int32_t Apply(int32_t x) const {
    return fits_ ? ApplyFitting(x) : Ssat16(Requantize(x, multiplier_));
  }
  // Requires fits().
  int32_t ApplyFitting(int32_t x) const {
    const int32_t y = Smmlar(QDouble(x), multiplier_.multiplier_q31, half_);
    return Ssat16((y + (x >> 31)) >> shift_);
  }

 private:
  QuantizedMultiplier multiplier_;
  uint32_t shift_;
  bool fits_;
  int32_t half_;
};

// out[k] = output.S8(sums[k], channel + k) for k < count, clamped perhaps to int8 only: see
// ClampS8.
void RequantizeS8(const QuantizedOutput& output, const int32_t* sums, int32_t channel,
                  int32_t count, int8_t* out);

inline bool IsAllOfS8(ClampRange clamp) { return clamp.min == INT8_MIN && clamp.max == INT8_MAX; }

// Clamps what ChannelRequantizer made. Few models need it: quantized ranges mostly end where the
// activation does.
void ClampS8(ClampRange clamp, int8_t* data, int32_t count);

}  // namespace midge::arm_dsp
