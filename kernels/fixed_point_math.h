// SPDX-License-Identifier: Apache-2.0
//
// Transcendental functions in 32-bit fixed point, as the field defines them for int8 and int16
// (gemmlowp's fixed-point format): docs/NUMERICS.md, section "Fixed-point functions", derives every
// constant. A value "in Qi" is an int32 with i integer bits: real = raw / 2^(31 - i).
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"

namespace midge {

// a * b rounded, halves up: Qi times Qj gives Q(i+j). No caller multiplies -2^31 by itself, the one
// product that would not fit. Not inlined: what follows multiplies often, but for few elements.
[[gnu::noinline]] inline int32_t MultiplyQ(int32_t a, int32_t b) { return MultiplyHighQ31(a, b); }

// x * 2^count, or the limit it would pass.
inline int32_t SaturatingShiftLeft(int32_t x, int32_t count) {
  const int32_t most = INT32_MAX >> count;
  return x > most ? INT32_MAX : x < -most - 1 ? INT32_MIN : x * (1 << count);
}

// exp(a) for a in [-1/4, 0), Q0 to Q0: the Taylor polynomial of degree 4 around -1/8.
inline int32_t ExpBetweenMinusQuarterAndZero(int32_t a) {
  constexpr int32_t kExpOfMinusEighth = 1895147668;  // exp(-1/8) * 2^31
  constexpr int32_t kThird = 715827883;              // 1/3 * 2^31
  const int32_t x = a + (1 << 28);                   // a + 1/8
  const int32_t x2 = MultiplyQ(x, x);
  const int32_t x3 = MultiplyQ(x2, x);
  const int32_t x4 = MultiplyQ(x2, x2);
  // x^2/2 + x^3/6 + x^4/24 = ((x^4/4 + x^3) / 3 + x^2) / 2
  const int32_t tail =
      RoundingShiftRight(MultiplyQ(RoundingShiftRight(x4, 2) + x3, kThird) + x2, 1);
  return kExpOfMinusEighth + MultiplyQ(kExpOfMinusEighth, x + tail);
}

// exp(a) for a <= 0 in Q(kIntegerBits), to Q0: one factor exp(-2^k) for each bit of -a above 1/4.
template <int kIntegerBits>
inline int32_t ExpOfNonPositive(int32_t a) {
  static_assert(kIntegerBits >= 0 && kIntegerBits <= 5);
  if (a == 0) return INT32_MAX;
  constexpr int kFractionalBits = 31 - kIntegerBits;
  constexpr int32_t kQuarter = 1 << (kFractionalBits - 2);
  // exp(-2^k) * 2^31 for k = -2, -1, …
  static constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308,
                                         39332535,   720401,     242};
  const int32_t fraction = (a & (kQuarter - 1)) - kQuarter;  // in [-1/4, 0)
  int32_t result = ExpBetweenMinusQuarterAndZero(fraction * (1 << kIntegerBits));
  uint32_t quarters = static_cast<uint32_t>(fraction - a) >> (kFractionalBits - 2);
  for (const int32_t* factor = kFactors; quarters != 0; ++factor, quarters >>= 1) {
    if ((quarters & 1) != 0) result = MultiplyQ(result, *factor);
  }
  return result;
}

// 2 / (1 + a) for a in [0, 1], Q0 to Q2: Newton-Raphson for 1 / d with d = (1 + a) / 2.
inline int32_t TwoOverOnePlus(int32_t a) {
  constexpr int32_t k48Over17 = 1515870810;        // in Q2
  constexpr int32_t kMinus32Over17 = -1010580540;  // in Q2
  constexpr int32_t kOne = 1 << 29;                // in Q2
  // (a + 1 + 2^-31) / 2: "one" is INT32_MAX, and halves round up.
  const int32_t d = static_cast<int32_t>((static_cast<uint32_t>(a) + 0x80000000u) >> 1);
  int32_t x = k48Over17 + MultiplyQ(d, kMinus32Over17);
  for (int i = 0; i < 3; ++i) {
    const int32_t error = kOne - MultiplyQ(d, x);
    x += MultiplyQ(x, error) * 4;  // from Q4
  }
  return x;
}

// 1 / (1 + a) for a in [0, 1], Q0 to Q0.
inline int32_t OneOverOnePlus(int32_t a) {
  // x / 2 in Q0: the same bits read as Q1, then one integer bit fewer; 1 itself saturates.
  const int32_t x = TwoOverOnePlus(a);
  return x >= 1 << 30 ? INT32_MAX : x * 2;
}

// 1 / (1 + exp(-a)), Q(kIntegerBits) to Q0.
template <int kIntegerBits>
inline int32_t LogisticQ(int32_t a) {
  if (a == 0) return 1 << 30;
  const int32_t upper = OneOverOnePlus(ExpOfNonPositive<kIntegerBits>(a > 0 ? -a : a));
  return a > 0 ? upper : INT32_MAX - upper;
}

// tanh(a), Q(kIntegerBits) to Q0: (1 - e) / (1 + e) with e = exp(-2 |a|).
template <int kIntegerBits>
inline int32_t TanhQ(int32_t a) {
  if (a == 0) return 0;
  // Twice the number has the same bits with one integer bit more.
  const int32_t e = ExpOfNonPositive<kIntegerBits + 1>(a > 0 ? -a : a);
  const int32_t x = TwoOverOnePlus(e) - (1 << 29);  // 2 / (1 + e) - 1, in Q2
  const int32_t magnitude = x >= 1 << 29 ? INT32_MAX : x * 4;
  return a > 0 ? magnitude : -magnitude;
}

// log(a) for a >= 1, Q12 to Q5: a = r * 2^e with r around sqrt(sqrt(1/2)), e having a quarter as
// its fraction; log(r) as a quotient of polynomials in r - sqrt(sqrt(1/2)).
inline int32_t LogOfAtLeastOne(int32_t a) {
  constexpr int32_t kIntegerBits = 12, kExponentBits = 25;  // of a; below the point in Q6
  constexpr int32_t kLogOfTwo = 1488522236, kFourthRootOfHalf = 1805811301;
  constexpr int32_t kRootOfHalf = 1518500250, kQuarter = 1 << (kExponentBits - 2);  // in Q6
  // With s = sqrt(sqrt(2)): 11/240 s, s/20, 2/s - s, s/4.
  constexpr int32_t kN = 117049297, kD = 127690142, kI = 1057819769, kF = 638450708;

  // Of two ways to choose e the one of the smaller r.
  const int32_t clz_a = __builtin_clz(static_cast<uint32_t>(a));
  const int32_t r_a = SaturatingShiftLeft(MultiplyQ(a << (clz_a - 1), kRootOfHalf), 1);
  const int32_t exponent_a = (kIntegerBits - clz_a) * (1 << kExponentBits) + kQuarter;
  const int32_t headroom = __builtin_clz(static_cast<uint32_t>(MultiplyQ(a, kRootOfHalf))) - 1;
  const int32_t r_b = SaturatingShiftLeft(a, headroom);
  const int32_t exponent_b = (kIntegerBits - headroom) * (1 << kExponentBits) - kQuarter;
  const int32_t r = r_a < r_b ? r_a : r_b;
  const int32_t exponent = exponent_a > exponent_b ? exponent_a : exponent_b;

  const int32_t p = static_cast<int32_t>((static_cast<int64_t>(r) + kFourthRootOfHalf + 1) / 2);
  const int32_t q = (r - kFourthRootOfHalf) * 2;
  const int32_t square = MultiplyQ(q, q);
  const int32_t numerator = MultiplyQ(q, r) + MultiplyQ(MultiplyQ(q, square), kN);
  const int32_t denominator = MultiplyQ(p, kI + q + MultiplyQ(kD, square)) + MultiplyQ(kF, q);
  const int32_t log_of_r = MultiplyQ(RoundingShiftRight(numerator, 6), OneOverOnePlus(denominator));
  return SaturatingShiftLeft(MultiplyQ(exponent, kLogOfTwo) + log_of_r, 1);
}

// 1 / sqrt(a) for a >= 0 as a multiplier with exponent; 0 counts as 1. Newton-Raphson for a scaled
// by a power of 4 into [1/4, 1).
inline QuantizedMultiplier InverseSqrt(int32_t a) {
  if (a <= 1) return {INT32_MAX, 0};
  int32_t exponent = 11;
  while (a >= 1 << 29) {
    a /= 4;
    ++exponent;
  }
  const int32_t pairs = (__builtin_clz(static_cast<uint32_t>(a)) - 1) / 2 - 1;
  exponent -= pairs;
  a <<= 2 * pairs;
  const int32_t half = RoundingShiftRight(a >> 1, 1);      // in Q3
  constexpr int32_t kThreeHalves = (1 << 28) + (1 << 27);  // in Q3
  constexpr int32_t kHalfSqrtOfTwo = 1518500250;           // sqrt(2) / 2 * 2^31
  int32_t x = 1 << 28;                                     // 1 in Q3
  for (int i = 0; i < 5; ++i) {
    const int32_t cube = SaturatingShiftLeft(MultiplyQ(MultiplyQ(x, x), x), 6);      // from Q9
    x = SaturatingShiftLeft(MultiplyQ(kThreeHalves, x) - MultiplyQ(half, cube), 3);  // from Q6
  }
  int32_t multiplier = MultiplyQ(x, kHalfSqrtOfTwo);
  if (exponent < 0) {
    multiplier <<= -exponent;
    exponent = 0;
  }
  return {multiplier, -exponent};
}

}  // namespace midge
