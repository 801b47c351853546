// SPDX-License-Identifier: Apache-2.0
//
// Add: the sum of two tensors, element by element, with broadcasting.
//
// Shapes    one run: a [n], b [n] (one element where `repeat` names it), output [n].
// Math      output[i] = clamp(zo + Requantize(A(a[i]) + B(b[i]), output_multiplier)), where for the
//           operand of the larger scale X(q) = (q - z) * 2^19 and for the other
//           X(q) = Requantize((q - z) * 2^20, multiplier), the ratio of the scales halved.
//           F32: clamp(a[i] + b[i]). int16: scaled_sum.h. int32, int64: plain_integers.h.
// Numerics  S8: |X| <= 255 * 2^19, |sum| < 2^28; roundings as in docs/NUMERICS.md "ADD".
//           F32: one rounding; without a fused activation infinities stay infinite.
// Requires  established by Prepare: smaller_multiplier <= 1/2, output_multiplier < 1/2 (exponent <
//           0), zero points and clamp within int8.
// Memory    row window and in-place as PlanBroadcast states them. No scratch. Output may be the
//           memory of an operand that is not repeated. Never outside the stated extents.
// Variants  portable; S8: arm_dsp, arm_v6m, arm_mve.
// Source    TFLite int8 quantization specification.
#pragma once

#include "kernels/elementwise.h"
#include "kernels/fixed_point.h"

namespace midge {

struct AddS8Params {
  int16_t larger_zero_point, smaller_zero_point;  // of the operands by scale
  int16_t output_zero_point;
  bool second_is_larger;
  ClampRange clamp;
  QuantizedMultiplier smaller_multiplier, output_multiplier;
};

}  // namespace midge
