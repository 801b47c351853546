// SPDX-License-Identifier: Apache-2.0
//
// Mean: the average of a tensor along some of its dimensions.
//
// Shapes    `columns` neighbouring outputs, each the mean of the K elements that `reduced` walks
// over. Math      output[i] = saturate(zo + Requantize(sum_k (input[i + k] - zi), multiplier / K)).
//           F32: output[i] = sum_k input[i + k] / K.
// Numerics  S8: int32 sum, |sum| <= 255 K, no overflow for K <= kMeanMostElements; rounding as in
//           docs/NUMERICS.md "MEAN". F32: sums in float in the input's order.
// Requires  established by Prepare: K in [1, kMeanMostElements], exponent in [-31, 30].
// Memory    needs the whole input. No scratch. Output must not overlap the input. Never outside the
//           stated extents.
// Variants  portable.
// Source    TFLite's reference for quantized means.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"

namespace midge {

inline constexpr int32_t kMeanMostElements = INT32_MAX / 255;

struct MeanS8Params {
  int32_t input_offset;  // K * zi: what the zero points add to the sum
  QuantizedMultiplier multiplier;
  int16_t output_zero_point;
};

struct MeanF32Params {
  float count;  // K
};

}  // namespace midge
