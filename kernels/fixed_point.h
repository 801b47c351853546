// SPDX-License-Identifier: Apache-2.0
//
// The integer arithmetic that turns an accumulator into a quantized value: docs/NUMERICS.md,
// section "Requantization". Every variant computes these bits.
#pragma once

#include <cstdint>

namespace midge {

// A positive real number as multiplier_q31 * 2^(exponent - 31): positive exponents shift left.
// multiplier_q31 is 0, or in [2^30, 2^31).
struct QuantizedMultiplier {
  int32_t multiplier_q31;
  int32_t exponent;  // in [-31, 30]
};

// a + b modulo 2^32: sums of products stay defined whatever a model's weights and biases are.
inline int32_t AddWrapping(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

inline float AddWrapping(float a, float b) { return a + b; }  // for loops over any type of sum
inline int64_t AddWrapping(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

// a * b modulo 2^32.
inline int32_t MultiplyWrapping(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) * static_cast<uint32_t>(b));
}

// round(a * b / 2^31), halves up, from products of 16-bit halves. Fits unless both are -2^31.
inline int32_t MultiplyHighByHalves(int32_t a, int32_t b) {
  const int32_t a_high = a >> 16, b_high = b >> 16;
  const uint32_t a_low = static_cast<uint16_t>(a), b_low = static_cast<uint16_t>(b);
  // Of the sum p0 + (p1 + p2) * 2^16 + p3 * 2^32. |p1| and |p2| are at most 2^31 - 2^15, so no
  // partial sum leaves 32 bits.
  const int32_t middle =
      a_high * static_cast<int32_t>(b_low) + static_cast<int32_t>((a_low * b_low) >> 16);
  const int32_t low = static_cast<int32_t>(a_low) * b_high + static_cast<uint16_t>(middle);
  const uint32_t high = static_cast<uint32_t>(a_high * b_high + (middle >> 16) + (low >> 16));
  // Bits 31 and up, and bit 30, which rounds.
  const uint32_t bits = high << 1 | (static_cast<uint32_t>(low) >> 15 & 1);
  return static_cast<int32_t>(bits + (static_cast<uint32_t>(low) >> 14 & 1));
}

// The same by the widest product there is. Cores without a long multiplication have a function of
// their own for it: libgcc's for 64 bits takes twice the instructions, and more to call.
#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1
#define MIDGE_LONG_MULTIPLICATION 0
int32_t MultiplyHighQ31(int32_t a, int32_t b);
#else
#define MIDGE_LONG_MULTIPLICATION 1
inline int32_t MultiplyHighQ31(int32_t a, int32_t b) {
  return static_cast<int32_t>((static_cast<int64_t>(a) * b + (int64_t{1} << 30)) >> 31);
}
#endif

// round(x / 2^exponent), halves away from zero; exponent in [0, 31].
inline int32_t RoundingShiftRight(int32_t x, int32_t exponent) {
  const int32_t mask = static_cast<int32_t>((uint32_t{1} << exponent) - 1);
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}

// x times the real number, rounded twice: to 31 fractional bits and then to an integer. A left
// shift is modulo 2^32.
inline int32_t Requantize(int32_t x, int32_t multiplier_q31, int32_t exponent) {
  const int32_t left = exponent > 0 ? exponent : 0;
  const int32_t shifted = static_cast<int32_t>(static_cast<uint32_t>(x) << left);
  const int32_t y = MultiplyHighQ31(shifted, multiplier_q31);
  if (exponent >= 0) return y;
  // RoundingShiftRight(y, -exponent) in fewer steps: y is above INT32_MIN, and a step down turns
  // halves that round up into halves that round away from zero.
  return (((y + (y >> 31)) >> (-exponent - 1)) + 1) >> 1;
}
inline int32_t Requantize(int32_t x, QuantizedMultiplier m) {
  return Requantize(x, m.multiplier_q31, m.exponent);
}

// The same of x / 2^fractional_bits.
inline int32_t RequantizeFraction(int32_t x, int32_t fractional_bits, QuantizedMultiplier m) {
  constexpr int32_t kLeastExponent = -32;  // with that, everything is 0
  const int32_t exponent = m.exponent - fractional_bits;
  return Requantize(x, m.multiplier_q31, exponent < kLeastExponent ? kLeastExponent : exponent);
}

// An int64 of the model, which lies at any multiple of 4.
struct PackedInt64 {
  uint32_t low, high;
  int64_t value() const { return static_cast<int64_t>(static_cast<uint64_t>(high) << 32 | low); }
};

// x times the real number as ops on int16 with 64-bit sums have it: the multiplier rounded to 16
// bits, the product once, halves up. Modulo 2^64; the exponent is at most kMostWideExponent.
inline constexpr int32_t kMostWideExponent = 14;
inline int32_t RequantizeWide(int64_t x, int32_t multiplier_q31, int32_t exponent) {
  const int32_t q15 = multiplier_q31 < 0x7fff0000 ? (multiplier_q31 + (1 << 15)) >> 16 : 0x7fff;
  const int32_t shift = 15 - exponent;
  const uint64_t product = static_cast<uint64_t>(x) * static_cast<uint64_t>(q15);
  return static_cast<int32_t>(static_cast<int64_t>(product + (uint64_t{1} << (shift - 1))) >>
                              shift);
}

// Requantize with all that depends on the multiplier alone worked out before a loop. Gives the bits
// of Requantize for |x| < 2^(30 - max(exponent, 0)); see FitsRequantizer. docs/NUMERICS.md,
// section "Requantization", proves it.
class Requantizer {
 public:
  explicit Requantizer(QuantizedMultiplier m)
      : multiplier_q31_(m.multiplier_q31),
        shift_left_(1 + (m.exponent > 0 ? m.exponent : 0)),
        shift_right_(m.exponent < 0 ? -m.exponent : 0),
        half_(m.exponent < 0 ? 1 << (shift_right_ - 1) : 0),
        sign_mask_(m.exponent < 0 ? -1 : 0) {}

  int32_t Apply(int32_t x) const {
#if MIDGE_LONG_MULTIPLICATION
    // Doubled first, so that the first rounding's result is the upper word of a product.
    const int32_t doubled = static_cast<int32_t>(static_cast<uint32_t>(x) << shift_left_);
    const int64_t product = static_cast<int64_t>(doubled) * multiplier_q31_ + 0x80000000LL;
    const int32_t y = static_cast<int32_t>(product >> 32);
#else
    const uint32_t shifted = static_cast<uint32_t>(x) << (shift_left_ - 1);
    const int32_t y = MultiplyHighQ31(static_cast<int32_t>(shifted), multiplier_q31_);
#endif
    return (y + ((y >> 31) & sign_mask_) + half_) >> shift_right_;
  }

 private:
  int32_t multiplier_q31_, shift_left_, shift_right_, half_, sign_mask_;
};

// Whether Requantizer serves all |x| < 2^bits.
inline bool FitsRequantizer(QuantizedMultiplier m, int32_t bits) { return m.exponent <= 30 - bits; }

// The values to which a fused activation clamps: quantized, or real.
struct ClampRange {
  int16_t min, max;
};
struct FloatClampRange {
  static constexpr float kMost = 3.4028234663852886e38f;  // the largest finite float
  float min, max;

  // Whether only infinities would be changed.
  bool is_unlimited() const { return min == -kMost && max == kMost; }
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
  int32_t Apply(int64_t accumulator, int32_t channel) const {
    const int32_t i = channel * step;
    return RequantizeWide(accumulator, multiplier_q31[i], exponent[i]);
  }
};

// The quantized output of `channel` for its accumulator.
struct QuantizedOutput {
  ChannelMultipliers multipliers;
  int16_t zero_point;
  ClampRange clamp;

  int8_t S8(int32_t accumulator, int32_t channel) const {
    const int32_t value = AddWrapping(multipliers.Apply(accumulator, channel), zero_point);
    return static_cast<int8_t>(Clamp(value, clamp.min, clamp.max));
  }
  uint8_t U8(int32_t accumulator, int32_t channel) const {
    const int32_t value = AddWrapping(multipliers.Apply(accumulator, channel), zero_point);
    return static_cast<uint8_t>(Clamp(value, clamp.min, clamp.max));
  }
  // For sums of int32 or int64.
  template <typename Sum>
  int16_t S16(Sum accumulator, int32_t channel) const {
    const int32_t value = AddWrapping(multipliers.Apply(accumulator, channel), zero_point);
    return static_cast<int16_t>(Clamp(value, clamp.min, clamp.max));
  }
};

}  // namespace midge
