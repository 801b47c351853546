// SPDX-License-Identifier: Apache-2.0
//
// Prelu: a leaky ReLU whose slopes are a tensor, with broadcasting.
//
// Shapes    one run: a (input) [n], b (slopes) [n] (one element where `repeat` names it), output
//           [n].
// Math      x[i] where it is >= 0, else x[i] * slope[i]. Integers, with d = q - z: saturate(zo
//           + Requantize(d_x, positive)) or saturate(zo + Requantize(d_x * d_slope, negative)).
// Numerics  int8: |d_x * d_slope| < 2^16, int16 (whose slopes are int8, and zero points 0): < 2^23;
//           rounding as in docs/NUMERICS.md "Requantization". F32: one rounding.
// Requires  established by Prepare: FitsRequantizer of those bits.
// Memory    row window and in-place as PlanBroadcast states them. No scratch. Output may be the
//           memory of an operand that is not repeated. Never outside the stated extents.
// Variants  portable.
// Source    TFLite's reference for quantized prelu.
#pragma once

#include "kernels/elementwise.h"

namespace midge {

struct PreluParams {
  int16_t input_zero_point, slope_zero_point, output_zero_point;
  QuantizedMultiplier positive, negative;
};

}  // namespace midge
