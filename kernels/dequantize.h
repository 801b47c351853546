// SPDX-License-Identifier: Apache-2.0
//
// Dequantize: quantized numbers to the real ones they stand for.
//
// Shapes    a row: input [n], output [n].
// Math      output[i] = scale * (input[i] - zero_point); scale and zero point are those of the
//           tensor, or of the element's slice of one dimension. float16: the same number.
// Numerics  the difference is exact, the product rounds once.
// Requires  -
// Memory    row window: same row. Output must not overlap the input. Never outside the stated
//           extents.
// Variants  portable; S8, S16: arm_dsp, arm_mve; S8, S16, U8: arm_v6m.
// Source    TFLite int8 quantization specification.
#pragma once

#include <cstdint>

namespace midge {

struct DequantizeParams {
  float scale;
  int16_t zero_point;
  // Slices with a scale and a zero point of their own, which then follow the state; else 0.
  uint16_t channels;
};

}  // namespace midge
