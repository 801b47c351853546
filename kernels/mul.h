// SPDX-License-Identifier: Apache-2.0
//
// Mul: the product of two tensors, element by element, with broadcasting.
//
// Shapes    one run: a [n], b [n] (one element where `repeat` names it), output [n].
// Math      output[i] = clamp(zo + Requantize((a[i] - za) * (b[i] - zb))). F32: clamp(a[i] * b[i]).
//           int32, int64: plain_integers.h.
// Numerics  S8, U8: |product| <= 255^2 < 2^16; S16, without zero points: <= 2^30; rounding as in
//           docs/NUMERICS.md "MUL".
//           F32: one rounding; without a fused activation infinities stay infinite.
// Requires  established by Prepare: S8: exponent <= 14, zero points and clamp within int8. S16:
//           FitsExponent.
// Memory    row window and in-place as PlanBroadcast states them. No scratch. Output may be the
//           memory of an operand that is not repeated. Never outside the stated extents.
// Variants  portable; S8: arm_dsp, arm_mve.
// Source    TFLite int8 quantization specification.
#pragma once

#include "kernels/elementwise.h"
#include "kernels/fixed_point.h"

namespace midge {

struct MulS8Params {
  int16_t zero_point_a, zero_point_b, output_zero_point;
  ClampRange clamp;
  QuantizedMultiplier multiplier;
};

struct MulS16Params {
  ClampRange clamp;
  QuantizedMultiplier multiplier;
};

}  // namespace midge
