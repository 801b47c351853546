// SPDX-License-Identifier: Apache-2.0
//
// Add n: the sum of several tensors of one shape.
//
// Shapes    a run of elements: inputs [n] each, sums [n], output [n].
// Math      output[i] = sum_k input_k[i]. S8, all inputs having one scale and zero point:
//           saturate(zo + M * sum_k (input_k[i] - zi)), M the ratio of the scales.
// Numerics  S8: M is that of ADD, so that two tensors give its bits: docs/NUMERICS.md "ADD_N".
//           int32: modulo 2^32. F32: one rounding per addition, in the order of the inputs.
// Requires  S8, established by Prepare: exponent in [-31, 0].
// Memory    row window: same row. In place of input 0: an output is written when all inputs of its
//           run have been read. Never outside the stated extents.
// Variants  portable.
// Source    TFLite's reference kernels.
#pragma once

#include "kernels/elementwise.h"

namespace midge {

struct AddNS8Params {
  QuantizedMultiplier multiplier;  // 2^-19 * M
  int32_t input_zero_points;       // their sum
  int32_t output_zero_point;
};

}  // namespace midge
