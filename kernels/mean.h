// SPDX-License-Identifier: Apache-2.0
//
// Mean, Sum: the average or the sum of a tensor along some of its dimensions.
//
// Shapes    `columns` neighbouring outputs, each made of the K elements that `reduced` walks over.
// Math      S8, U8, S16: output[i] = saturate(zo + Requantize(sum_k (input[i + k] - zi),
//           multiplier)), the multiplier of a mean being that of the sum / K.
//           F32: output[i] = sum_k input[i + k] / divisor. S32: the same without its fraction.
// Numerics  S8, U8, S16: int32 sum, no overflow for K <= kMostSummands; rounding as in
//           docs/NUMERICS.md "MEAN". F32: sums in float in the input's order. S32: int64 sums, the
//           result modulo 2^32.
// Requires  established by Prepare: K in [1, kMostSummands<T>], exponent in [-31, 30],
//           divisor >= 1.
// Memory    needs the whole input. No scratch. Output must not overlap the input. Never outside the
//           stated extents.
// Variants  portable; S8: arm_dsp, arm_v6m, arm_mve.
// Source    TFLite's reference for quantized means.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"

namespace midge {

// Summands of type T, minus their zero point, whose sum fits 32 bits.
template <typename T>
inline constexpr int32_t kMostSummands = INT32_MAX / (sizeof(T) == 1 ? 255 : 65535);
// The divisor of a mean of others.
template <>
inline constexpr int32_t kMostSummands<float> = kMostSummands<int8_t>;
template <>
inline constexpr int32_t kMostSummands<int32_t> = kMostSummands<int8_t>;

struct QuantizedMeanParams {
  int32_t input_offset;  // K * zi: what the zero points add to the sum
  QuantizedMultiplier multiplier;
  int16_t output_zero_point;
};

struct MeanF32Params {
  float divisor;
};

struct MeanS32Params {
  int32_t divisor;
};

}  // namespace midge
