// SPDX-License-Identifier: Apache-2.0
//
// The integer arithmetic that turns an accumulator into a quantized value: docs/NUMERICS.md, section
// "Requantization". Every variant computes these bits.
#pragma once

#include <cstdint>

namespace midge {

// A positive real number as multiplier_q31 * 2^(exponent - 31): positive exponents shift left.
// multiplier_q31 is 0, or in [2^30, 2^31).
struct QuantizedMultiplier {
  int32_t multiplier_q31;
  int32_t exponent;  // in [-31, 30]
};

// round(a * b / 2^31), halves up. b is a multiplier: not negative, so the result always fits.
inline int32_t MultiplyHighQ31(int32_t a, int32_t b) {
  return static_cast<int32_t>((static_cast<int64_t>(a) * b + (int64_t{1} << 30)) >> 31);
}

// round(x / 2^exponent), halves away from zero; exponent in [0, 31].
inline int32_t RoundingShiftRight(int32_t x, int32_t exponent) {
  const int32_t mask = static_cast<int32_t>((uint32_t{1} << exponent) - 1);
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}

// x times the real number, rounded twice: to 31 fractional bits and then to an integer. A left shift
// is modulo 2^32.
inline int32_t Requantize(int32_t x, int32_t multiplier_q31, int32_t exponent) {
  if (exponent > 0) {
    const int32_t shifted = static_cast<int32_t>(static_cast<uint32_t>(x) << exponent);
    return MultiplyHighQ31(shifted, multiplier_q31);
  }
  return RoundingShiftRight(MultiplyHighQ31(x, multiplier_q31), -exponent);
}
inline int32_t Requantize(int32_t x, QuantizedMultiplier m) {
  return Requantize(x, m.multiplier_q31, m.exponent);
}

// The values to which a fused activation clamps: quantized, or real.
struct ClampRange {
  int16_t min, max;
};
struct FloatClampRange {
  float min, max;
};

inline int32_t Clamp(int32_t x, int32_t low, int32_t high) {
  return x < low ? low : x > high ? high : x;
}

inline float ClampFloat(float x, FloatClampRange range) {
  return x < range.min ? range.min : x > range.max ? range.max : x;
}

// One multiplier per output channel, or (step 0) the same for all.
struct ChannelMultipliers {
  const int32_t* multiplier_q31;
  const int8_t* exponent;
  int32_t step;

  int32_t Apply(int32_t accumulator, int32_t channel) const {
    const int32_t i = channel * step;
    return Requantize(accumulator, multiplier_q31[i], exponent[i]);
  }
};

}  // namespace midge
