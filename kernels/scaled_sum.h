// SPDX-License-Identifier: Apache-2.0
//
// Sums and differences of two quantized tensors, element by element, with broadcasting: ADD of
// int16, SUB.
//
// Shapes    one run: a [n], b [n] (one element where `repeat` names it), output [n].
// Math      output[i] = clamp(zo + Requantize(X(a[i]) +- X(b[i]), output_multiplier)),
//           X(q) = Requantize((q - z) * 2^left_shift, multiplier), the larger operand's multiplier
//           being 1/2.
// Numerics  |X| <= 2^29, |sum| <= 2^30; roundings as in docs/NUMERICS.md "ADD".
// Requires  established by Prepare: multipliers <= 1/2, output_multiplier < 1; left_shift 20 for
//           int8, 15 for int16, whose zero points are 0.
// Memory    row window and in-place as PlanBroadcast states them. No scratch. Output may be the
//           memory of an operand that is not repeated. Never outside the stated extents.
// Variants  portable. ADD of int8 has a kernel of its own (add.h).
// Source    TFLite int8 and int16 quantization specification.
#pragma once

#include "kernels/elementwise.h"

namespace midge {

struct ScaledSumParams {
  int16_t zero_point_a, zero_point_b, output_zero_point;
  int8_t left_shift, sign_of_b;
  ClampRange clamp;
  QuantizedMultiplier multiplier_a, multiplier_b, output_multiplier;
};

}  // namespace midge
