// SPDX-License-Identifier: Apache-2.0
//
// Elementary functions of real numbers: EXP, LOG, SQRT, RSQRT, SQUARE, SIN, COS, FLOOR, CEIL,
// ROUND, ELU, GELU.
//
// Shapes    a row: input [n], output [n].
// Math      output[i] = f(input[i]). ROUND: halves to even. ELU: x above zero, else exp(x) - 1.
//           GELU: x * Phi(x), Phi the normal distribution; "approximate" writes it with tanh.
// Numerics  F32: the C library's functions, within 4 ulp (GELU: of its largest term). S8: a table
//           of all 256 results, made in Prepare: docs/NUMERICS.md "Tables of real functions"; RSQRT
//           by integers, see there. S16: EXP, LOG and GELU interpolated between 513 such results,
//           SQRT and RSQRT by integers.
// Requires  -
// Memory    row window: same row. In place. S8: the table (256 bytes) is node state, S16: 1026.
//           Never outside the stated extents.
// Variants  portable.
// Source    TFLite's reference kernels.
#pragma once

#include <cmath>

#include "kernels/elementwise.h"

namespace midge {

// Halves to even.
inline float Round(float x) {
  const float below = std::floor(x);
  const float rest = x - below;
  const bool is_odd = std::floor(below * 0.5f) * 2.f != below;
  return rest > 0.5f || (rest == 0.5f && is_odd) ? below + 1.f : below;
}

inline float Elu(float x) { return x < 0.f ? std::expm1(x) : x; }

inline float Gelu(float x) {
  constexpr float kSqrtOfHalf = 0.70710678118654752f;
  return 0.5f * x * (1.f + std::erf(x * kSqrtOfHalf));
}

inline float GeluApproximate(float x) {
  constexpr float kSqrtOfTwoOverPi = 0.79788456080286536f;
  return 0.5f * x * (1.f + std::tanh(kSqrtOfTwoOverPi * (x + 0.044715f * x * x * x)));
}

// Roots of int16: f(input) = Requantize(root of the integer, multiplier). The integer's root has
// fractional bits, which the multiplier takes off.
struct RootS16Params {
  QuantizedMultiplier multiplier;
};
inline constexpr int32_t kSqrtFractionalBits = 15, kRsqrtFractionalBits = 20;

struct GeluParams {
  bool approximate;
};

}  // namespace midge
