// SPDX-License-Identifier: Apache-2.0
//
// From the model's float scales to multipliers, in Prepare. The field's definition computes in
// double and rounds; here the same bits come from integers alone, since double arithmetic is a
// library on most microcontrollers. docs/NUMERICS.md, section "Multipliers", derives the steps.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/elementwise.h"
#include "kernels/fixed_point.h"
#include "midge/op.h"

namespace midge {

// Multipliers for the real numbers a * b / c * 2^power with a, c and the power given once and b
// many times: computed as if in double, (a * b) exactly, the quotient rounded to 53 bits, then
// to 31. Requires a, b, c finite and > 0. Quotients below 2^-32 give 0. The exponent is not limited
// above: see FitsExponent.
class MultiplierMaker {
 public:
  MultiplierMaker(float a, float c, int power = 0);
  QuantizedMultiplier operator()(float b) const;

 private:
  uint32_t factor_;      // mantissa of a
  uint32_t divisor_;     // mantissa of c
  uint64_t reciprocal_;  // 2^80 / divisor_, rounded down
  int32_t exponent_;
};

inline QuantizedMultiplier MultiplierOfRatio(float a, float b, float c, int power = 0) {
  return MultiplierMaker(a, c, power)(b);
}

// The same for a / (b * c).
QuantizedMultiplier MultiplierOfQuotient(float a, float b, float c);

// The same for a * b / c with a constant c.
QuantizedMultiplier MultiplierOfRatio(float a, float b, double c);
// numerator / denominator * 2^power as if in double. 0 < numerator < denominator < 2^62.
QuantizedMultiplier MultiplierOfFraction(uint64_t numerator, uint64_t denominator, int32_t power);

// The multiplier of a mean: m / count, as the field's reference folds the count into the multiplier
// of a sum. Loses up to one bit. count in [1, 2^24).
QuantizedMultiplier DivideMultiplier(QuantizedMultiplier m, int32_t count);

// round(value / scale) where the quotient is first rounded to float; halves away from zero;
// saturates at +-2^24. Requires scale finite and > 0, value finite.
int32_t QuantizeValue(float value, float scale);

// value * 2^power without its fraction; saturates at INT32_MAX. Requires value > 0; may be
// infinite.
int32_t TruncateToInteger(float value, int32_t power);

// Whether the scale is 2^power, by the measure of the field's fixed-point functions: |log2(scale) -
// power| < 1/1000.
bool IsNearPowerOfTwo(float scale, int power);

// Scales as bits, which order like the scales: comparing floats costs a library call where there is
// no FPU. The scale is > 0.
inline int32_t ScaleBits(float scale) {
  int32_t bits;
  std::memcpy(&bits, &scale, sizeof bits);
  return bits;
}

// round(q * s - z * s) with s = from * (1 / to), every step a float, as the field rescales uint8;
// halves away from zero, saturated at +-2^30.
class FloatRescaler {
 public:
  // Requires both finite and > 0.
  FloatRescaler(float from, float to);
  // Requires both in [0, 255].
  int32_t operator()(int32_t q, int32_t zero_point) const;

 private:
  uint32_t mantissa_;  // of s, below 2^24
  int32_t exponent_;
};

// |a - b| <= 10^-6, for ops that take input and output scales for equal. Requires both finite and
// > 0.
bool ScalesAgree(float a, float b);

// Requantize shifts left by at most 30.
inline constexpr int32_t kMostExponent = 30;
inline bool FitsExponent(const QuantizedMultiplier& m) { return m.exponent <= kMostExponent; }

// The quantized values to which a fused activation clamps, within [low, high].
ClampRange QuantizedActivationRange(Activation activation, QuantParam output, int32_t low,
                                    int32_t high);
FloatClampRange FloatActivationRange(Activation activation);
IntegerClampRange IntegerActivationRange(Activation activation);

// The multipliers input_scale * filter_scales[i] / output_scale, and their exponents, unless these
// are null; kBadQuantization if an exponent is above `most_exponent`.
Status MakeMultipliers(const PrepareContext& context, float input_scale,
                       Span<const float> filter_scales, float output_scale, int32_t most_exponent,
                       int32_t* multipliers, int8_t* exponents);

// The same, appended to the node's state, as MultiplierArrays finds them again.
Status AppendMultipliers(PrepareContext& context, float input_scale,
                         Span<const float> filter_scales, float output_scale,
                         int32_t most_exponent = kMostExponent);

// Where AppendMultipliers left them: `count` int32_t, then `count` int8_t, behind the state.
inline ChannelMultipliers MultiplierArrays(const EvalContext& context, uint32_t state_bytes,
                                           int32_t count) {
  return {context.StateArray<int32_t>(state_bytes),
          context.StateArray<int8_t>(state_bytes + static_cast<uint32_t>(count) * 4),
          count == 1 ? 0 : 1};
}

}  // namespace midge
