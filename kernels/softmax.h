// SPDX-License-Identifier: Apache-2.0
//
// Softmax: exponentials of the innermost dimension, divided by their sum.
//
// Shapes    input [R, C], output [R, C]: C is the innermost dimension, R all others.
// Math      output[r, c] = exp(beta * (x[r, c] - max_k x[r, k])) / sum_k exp(beta * (x[r, k] -
//           max)).
// Numerics  S8: output scale 1/256, zero point -128 (S8S16: 2^-16, -32768; U8: 0). Scaled
//           differences in Q5, exponentials in Q0, their sum in Q12, its reciprocal by three Newton
//           steps in Q0. Differences below -distance_limit count as 0. The sum is modulo 2^32: rows
//           of more than 4096 nearly equal values wrap. S16: output scale 2^-15, zero point 0; the
//           exponential from -10 on and the reciprocal are interpolated between 513 values each.
//           docs/NUMERICS.md "SOFTMAX". F32: within 4 ulp plus C * 2^-24 relative.
// Requires  established by Prepare: S8: exponent in [1, 31]. S16: FitsRequantizer(16 bits).
// Memory    row window: same row. In place, but for S8S16. S8 scratch: SoftmaxS8ScratchBytes. Never
//           outside the stated extents.
// Variants  portable; S8, S8S16: arm_dsp, arm_mve, arm_v6m.
// Source    TFLite's reference for quantized softmax; gemmlowp's fixed-point format.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"
#include "midge/rows.h"

namespace midge {

struct SoftmaxShape {
  RowGeometry rows;  // of the tensors; each holds rows [C] of the op
  int32_t channels;  // C
};

struct SoftmaxS8Params {
  SoftmaxShape shape;
  QuantizedMultiplier multiplier;  // beta * input scale, to Q5
  int16_t distance_limit;          // max - x beyond which the scaled difference leaves Q5
  bool wide_output;                // int16
};

struct SoftmaxS16Params {
  SoftmaxShape shape;
  QuantizedMultiplier multiplier;  // beta * input scale, in units of 10 / 65535
};

struct SoftmaxF32Params {
  SoftmaxShape shape;
  float beta;
};

// Exponentials: one per element, or one per distance from the maximum if there are fewer of those.
inline constexpr int32_t kSoftmaxS8Exponentials = 256;
inline uint32_t SoftmaxS8ScratchBytes(int32_t elements) {
  const int32_t count = elements < kSoftmaxS8Exponentials ? elements : kSoftmaxS8Exponentials;
  return static_cast<uint32_t>(count) * 4;
}

// By how many bits the product of an exponential and the sum's reciprocal is shifted down, if the
// sum's upper `headroom` bits are 0; above 31 nothing is left. A sum that has wrapped may ask for
// less than none.
inline constexpr int32_t kSoftmaxS8SumIntegerBits = 12;
inline int32_t SoftmaxS8Shift(int32_t headroom, int32_t output_bits) {
  const int32_t shift = kSoftmaxS8SumIntegerBits - headroom + 31 - output_bits;
  return shift > 0 ? shift : 0;
}

}  // namespace midge
