// SPDX-License-Identifier: Apache-2.0
//
// Mul: the product of two tensors, element by element, with broadcasting.
//
// Shapes    one run: a [n], b [n] (one element where `repeat` names it), output [n].
// Math      output[i] = clamp(zo + Requantize((a[i] - za) * (b[i] - zb))). F32: clamp(a[i] * b[i]).
// Numerics  S8: |product| <= 255^2 < 2^16; rounding as in docs/NUMERICS.md "MUL".
//           F32: one rounding; without a fused activation infinities stay infinite.
// Requires  established by Prepare: exponent <= 14, zero points and clamp within int8.
// Memory    row window and in-place as PlanBinary states them. No scratch. Output may be the memory
// of
//           an operand that is not repeated. Never outside the stated extents.
// Variants  portable.
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

}  // namespace midge
