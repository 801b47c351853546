// SPDX-License-Identifier: Apache-2.0
//
// Log softmax: the logarithms of what softmax gives.
//
// Shapes    input [R, C], output [R, C]: C is the innermost dimension, R all others.
// Math      output[r, c] = x[r, c] - max - log(sum_k exp(x[r, k] - max)), max = max_k x[r, k].
// Numerics  S8: output scale 1/16, zero point 127. Differences in Q5, their exponentials in Q0, the
//           sum in Q12, its logarithm in Q5: docs/NUMERICS.md "LOG_SOFTMAX". The sum is modulo
//           2^32: rows of more than 4096 nearly equal values wrap. F32: within 4 ulp of the largest
//           term.
// Requires  established by Prepare: exponent in [1, 31], reverse <= 1.
// Memory    row window: same row. In place. No scratch. Never outside the stated extents.
// Variants  portable.
// Source    TFLite's reference for quantized log softmax; gemmlowp's fixed-point format.
#pragma once

#include "kernels/softmax.h"

namespace midge {

struct LogSoftmaxS8Params {
  SoftmaxShape shape;
  QuantizedMultiplier multiplier;  // input scale, to Q5
  QuantizedMultiplier reverse;     // from Q5 to steps of the input
  int32_t distance_limit;          // max - x beyond which the scaled difference leaves Q5
};

}  // namespace midge
