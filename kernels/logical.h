// SPDX-License-Identifier: Apache-2.0
//
// Logical operators: AND, OR and NOT of bool tensors.
//
// Shapes    NOT: a row, input [n], output [n]. AND, OR: one run, a [n], b [n] (one element where
//           `repeat` names it), output [n].
// Math      of bytes that are not 0; results are 0 and 1.
// Numerics  exact.
// Requires  -
// Memory    row window: same row, or as PlanBinary states it. In place. Never outside the stated
//           extents.
// Variants  portable.
// Source    TFLite's reference kernels.
#pragma once

#include "kernels/elementwise.h"
