// SPDX-License-Identifier: Apache-2.0
//
// Squared difference of two tensors, element by element, with broadcasting.
//
// Shapes    one run: a [n], b [n] (one element where `repeat` names it), output [n].
// Math      output[i] = clamp(zo + Requantize((X(a[i]) - X(b[i]))^2, output_multiplier)),
//           X(q) = Requantize((q - z) * 2^left_shift, multiplier), the larger operand's multiplier
//           being 1/2. F32: (a[i] - b[i])^2. int32: modulo 2^32.
// Numerics  |X| <= 2^14, the square <= 2^30: docs/NUMERICS.md "SQUARED_DIFFERENCE". F32: two
//           roundings.
// Requires  established by Prepare: multipliers <= 1/2; FitsExponent(output_multiplier); left_shift
//           7 for int8, 0 for int16, whose zero points are 0.
// Memory    row window and in-place as PlanBroadcast states them. No scratch. Output may be the
//           memory of an operand that is not repeated. Never outside the stated extents.
// Variants  portable.
// Source    TFLite's reference for quantized squared differences.
#pragma once

#include "kernels/elementwise.h"

namespace midge {

struct SquaredDifferenceParams {
  int16_t zero_point_a, zero_point_b, output_zero_point;
  int16_t left_shift;
  QuantizedMultiplier multiplier_a, multiplier_b, output_multiplier;
};

}  // namespace midge
