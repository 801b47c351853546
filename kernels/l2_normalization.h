// SPDX-License-Identifier: Apache-2.0
//
// L2 normalization: each row divided by its length.
//
// Shapes    input [R, C], output [R, C]: C is the innermost dimension, R all others.
// Math      output[r, c] = x[r, c] / sqrt(sum_k x[r, k]^2).
// Numerics  S8: output scale taken as 1/128, its zero point is 0; sums modulo 2^32, which C >
//           33,000 may reach; docs/NUMERICS.md "L2_NORMALIZATION". F32: the length is at least
//           10^-6; one rounding per term, the root and the quotient.
// Requires  -
// Memory    row window: same row. In place. No scratch. Never outside the stated extents.
// Variants  portable.
// Source    TFLite's reference for quantized L2 normalization.
#pragma once

#include "kernels/softmax.h"

namespace midge {

struct L2NormalizationS8Params {
  SoftmaxShape shape;
  int32_t zero_point;
};

}  // namespace midge
