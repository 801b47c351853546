// SPDX-License-Identifier: Apache-2.0
//
// Ops that are a straight line on each side of zero, between two limits: RELU, RELU6, RELU_N1_TO_1,
// LEAKY_RELU, ABS, NEG.
//
// Shapes    a row: input [n], output [n].
// Math      y = positive * x for x > 0, else negative * x; output[i] = clamp(y).
// Numerics  integers: clamp(zo + Requantize(x - zi)) with one of two multipliers, a negative line
//           being that of a positive multiplier mirrored: docs/NUMERICS.md "Piecewise linear". ABS
//           and NEG of plain integers wrap. S8: a table of all 256 results, made in Prepare. F32:
//           one rounding.
// Requires  established by Prepare: FitsRequantizer of the differences' bits; low <= high.
// Memory    row window: same row. In place. S8: the table (256 bytes) is node state. Never outside
//           the stated extents.
// Variants  portable.
// Source    TFLite's reference kernels.
#pragma once

#include <cstdint>

#include "kernels/elementwise.h"

namespace midge {

struct PiecewiseLinearParams {
  int16_t input_zero_point, output_zero_point;
  QuantizedMultiplier positive, negative;  // of which negative may be below 0
  int32_t low, high;

  int32_t Apply(int32_t q) const {
    const int32_t d = q - input_zero_point;
    return Clamp(output_zero_point + Requantize(d, d > 0 ? positive : negative), low, high);
  }
};

struct PiecewiseLinearF32Params {
  float negative;  // the slope; the other is 1
  FloatClampRange clamp;
};

}  // namespace midge
