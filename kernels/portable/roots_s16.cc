// SPDX-License-Identifier: Apache-2.0
#include "kernels/fixed_point_math.h"
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

int16_t Finished(int32_t root, int32_t fractional_bits, QuantizedMultiplier multiplier) {
  return static_cast<int16_t>(
      Clamp(RequantizeFraction(root, fractional_bits, multiplier), INT16_MIN, INT16_MAX));
}

}  // namespace

void RsqrtS16(const RootS16Params& params, const int16_t* input, int32_t count, int16_t* output) {
  const QuantizedMultiplier multiplier = params.multiplier;
  MapUnary(input, count, output, [=](int32_t x) {
    // As of int8: zero and below give the largest value.
    if (x <= 0) return int16_t{INT16_MAX};
    const QuantizedMultiplier root = InverseSqrt(x);
    constexpr int32_t kBits = kRsqrtFractionalBits;
    return Finished(Requantize(1, root.multiplier_q31, root.exponent + kBits), kBits, multiplier);
  });
}

void SqrtS16(const RootS16Params& params, const int16_t* input, int32_t count, int16_t* output) {
  const QuantizedMultiplier multiplier = params.multiplier;
  MapUnary(input, count, output, [=](int32_t x) {
    // As of int8: below zero there is no root, which is the lowest value.
    if (x < 0) return int16_t{INT16_MIN};
    if (x == 0) return int16_t{0};
    const QuantizedMultiplier inverse = InverseSqrt(x);  // sqrt(x) = x / sqrt(x)
    constexpr int32_t kBits = kSqrtFractionalBits;
    int32_t root = Requantize(x, inverse.multiplier_q31, inverse.exponent + kBits);
    // The nearest: 2 root - 1 < sqrt(4 x 2^(2 kBits)) < 2 root + 1.
    const uint64_t square = static_cast<uint64_t>(x) << (2 * kBits + 2);
    const auto squared = [](int32_t y) {
      return static_cast<uint64_t>(y) * static_cast<uint64_t>(y);
    };
    while (squared(2 * root + 1) < square) ++root;
    while (squared(2 * root - 1) > square) --root;
    return Finished(root, kBits, multiplier);
  });
}

}  // namespace midge::portable
