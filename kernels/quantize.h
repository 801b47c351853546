// SPDX-License-Identifier: Apache-2.0
//
// Quantize: real numbers to quantized ones, or quantized numbers to another scale, zero point or
// type.
//
// Shapes    a row: input [n], output [n].
// Math      from float: output[i] = saturate(zo + round(input[i] / scale)); from integers:
//           output[i] = saturate(zo + Requantize(input[i] - zi)).
// Numerics  the float quotient is rounded to float, then to an integer, halves away from zero; NaN
//           gives the lowest value. Integers: differences and sums modulo 2^32, rounding as in
//           docs/NUMERICS.md "QUANTIZE".
// Requires  established by Prepare: scale > 0; exponent <= 30, for outputs of 8 and 16 bits
//           FitsRequantizer of the input's type.
// Memory    row window: same row. In place where the output is of the same type or of 8 bits. Never
//           outside the stated extents.
// Variants  portable; all but int32: arm_dsp, arm_mve; from float32, and between int8 and
//           int16: arm_v6m.
// Source    TFLite int8 quantization specification.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"
#include "midge/tensor.h"

namespace midge {

struct QuantizeParams {
  float scale;
  int32_t zero_point;
  TensorType output_type;  // for Eval, to choose the kernel
};

struct RequantizeParams {
  int32_t input_zero_point, output_zero_point;
  QuantizedMultiplier multiplier;
  TensorType output_type;
};

}  // namespace midge
