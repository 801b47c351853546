// SPDX-License-Identifier: Apache-2.0
//
// Logistic: the sigmoid of each element.
//
// Shapes    a row: input [n], output [n].
// Math      output[i] = 1 / (1 + exp(-input[i])).
// Numerics  S8: a table of all 256 results, made in Prepare; the output scale is taken as 1/256,
//           its zero point is -128. S16: interpolated between 256 entries, output scale 2^-15, both
//           zero points 0. docs/NUMERICS.md "LOGISTIC". F32: within 4 ulp.
// Requires  S16, established by Prepare: |multiplier| < 2^15, shift in [0, 31].
// Memory    row window: same row. In place. S8: the table (256 bytes) is node state. Never outside
//           the stated extents.
// Variants  portable.
// Source    TFLite's reference for quantized logistic; gemmlowp's fixed-point format.
#pragma once

#include "kernels/elementwise.h"
#include "kernels/sigmoid.h"
