// SPDX-License-Identifier: Apache-2.0
//
// The sigmoid and the hyperbolic tangent of quantized numbers, shared by the ops that are nothing
// else and by those that contain them: docs/NUMERICS.md, sections "LOGISTIC" and "TANH".
#pragma once

#include <cstdint>

#include "kernels/fixed_point_math.h"
#include "kernels/requant.h"
#include "kernels/sigmoid_table.h"

namespace midge {

// int8 to real numbers in Q4. Differences of `radius` and more leave it.
struct SigmoidInputS8 {
  static constexpr int32_t kIntegerBits = 4;

  int32_t zero_point;
  QuantizedMultiplier multiplier;
  int32_t radius;

  static SigmoidInputS8 Of(QuantParam input) {
    constexpr int32_t kFractionalBits = 31 - kIntegerBits;
    constexpr int32_t kMost = ((1 << kIntegerBits) - 1) << kFractionalBits;
    const QuantizedMultiplier m = MultiplierOfRatio(input.scale, 1.f, 1.f, kFractionalBits);
    const int32_t radius = m.exponent <= 0 ? kMost : m.exponent <= 30 ? kMost >> m.exponent : 0;
    return {input.zero_point, m, radius};
  }
};

// f(q) in Q0 as int8 of scale 2^-kOutputBits whose zero is `zero_point`; -1 and 1 stand for what is
// beyond the radius.
template <int32_t (*kFunction)(int32_t), int kOutputBits>
int32_t SigmoidS8(const SigmoidInputS8& input, int32_t q, int32_t zero_point) {
  const int32_t d = q - input.zero_point;
  if (d <= -input.radius) return INT8_MIN;
  if (d >= input.radius) return INT8_MAX;
  const int32_t y = kFunction(Requantize(d, input.multiplier));
  return Clamp(RoundingShiftRight(y, 31 - kOutputBits) + zero_point, INT8_MIN, INT8_MAX);
}

// int16 to real numbers in units of 1 / (3 * 4096): the steps of the table times 512.
struct SigmoidInputS16 {
  int32_t multiplier, shift;

  int32_t Apply(int32_t q) const {
    const uint32_t half = shift > 0 ? 1u << (shift - 1) : 0;
    return static_cast<int32_t>(static_cast<uint32_t>(q * multiplier) + half) >> shift;
  }
};

// For inputs of the given scale. Scales near 2^-12 or, if `doubled`, 2^-11 are taken for that.
// False if int16 values of the scale leave 32 bits.
bool MakeSigmoidInputS16(float scale, bool doubled, SigmoidInputS16* input);

// Prepare of an int16 op that is one of the two: symmetric, output scale near 2^-15; its state is a
// SigmoidInputS16.
Status PrepareSigmoidS16(PrepareContext& context, bool doubled);
template <bool kDoubled>
Status PrepareSigmoidS16(PrepareContext& context) {
  return PrepareSigmoidS16(context, kDoubled);
}

}  // namespace midge
