// SPDX-License-Identifier: Apache-2.0
//
// Div: the quotient of two tensors, element by element, with broadcasting.
//
// Shapes    one run: a [n], b [n] (one element where `repeat` names it), output [n].
// Math      output[i] = clamp(zo + multiplier * (a[i] - za) / (b[i] - zb)). F32: clamp(a[i] /
//           b[i]). int32: plain_integers.h.
// Numerics  S8, S16: the divisor's reciprocal in Q0, then as docs/NUMERICS.md "DIV" says; a
//           division by zero gives the end of the range on the dividend's side, 0 / 0 gives 0. F32:
//           one rounding; without a fused activation infinities stay infinite.
// Requires  established by Prepare: FitsExponent, zero points and clamp within T.
// Memory    row window and in-place as PlanBroadcast states them. No scratch. Output may be the
//           memory of an operand that is not repeated. Never outside the stated extents.
// Variants  portable.
// Source    TFLite's reference for quantized division.
#pragma once

#include "kernels/elementwise.h"

namespace midge {

struct DivParams {
  int16_t zero_point_a, zero_point_b, output_zero_point;
  ClampRange clamp;
  QuantizedMultiplier multiplier;
};

}  // namespace midge
