// SPDX-License-Identifier: Apache-2.0
//
// Dequantize: quantized numbers to the real ones they stand for.
//
// Shapes    a row: input [n], output [n].
// Math      output[i] = scale * (input[i] - zero_point).
// Numerics  the difference is exact, the product rounds once.
// Requires  -
// Memory    row window: same row. Output must not overlap the input. Never outside the stated
// extents. Variants  portable. Source    TFLite int8 quantization specification.
#pragma once

#include <cstdint>

namespace midge {

struct DequantizeParams {
  float scale;
  int32_t zero_point;
};

}  // namespace midge
