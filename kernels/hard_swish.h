// SPDX-License-Identifier: Apache-2.0
//
// Hard swish: x times a sigmoid made of straight lines.
//
// Shapes    a row: input [n], output [n].
// Math      output[i] = x * min(max(x + 3, 0), 6) / 6.
// Numerics  S8: a table of all 256 results, made in Prepare in 16-bit fixed point:
//           docs/NUMERICS.md "HARD_SWISH". F32: three roundings, in the order written.
// Requires  -
// Memory    row window: same row. In place. S8: the table (256 bytes) is node state. Never outside
//           the stated extents.
// Variants  portable.
// Source    TFLite's reference for quantized hard swish.
#pragma once

#include "kernels/elementwise.h"
