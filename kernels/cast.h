// SPDX-License-Identifier: Apache-2.0
//
// Cast: numbers as numbers of another type; scales play no part.
//
// Shapes    a row: input [n], output [n].
// Math      output[i] = Out(input[i]). To bool: whether it is not 0. From bool: 0 or 1.
// Numerics  float to integer truncates; what does not fit becomes the nearest that does, NaN 0.
//           Integer to integer is modulo 2^bits. Integer to float rounds to nearest, ties to even.
// Requires  -
// Memory    row window: same row. In place where the output is of the same type or of 8 bits. Never
//           outside the stated extents.
// Variants  portable.
// Source    TFLite's reference kernels.
#pragma once

#include "kernels/elementwise.h"
#include "midge/tensor.h"

namespace midge {

struct CastParams {
  TensorType output_type;  // for Eval, to choose the kernel
};

}  // namespace midge
