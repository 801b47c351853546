// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of plain integers, element by element, with broadcasting: ADD, SUB, MUL, DIV, POW,
// FLOOR_DIV, FLOOR_MOD, SQUARED_DIFFERENCE, MINIMUM and MAXIMUM of numbers without a scale.
//
// Shapes    one run: a [n], b [n] (one element where `repeat` names it), output [n].
// Math      as C's operators, results modulo 2^bits. DIV truncates, FLOOR_DIV rounds down,
//           FLOOR_MOD has the divisor's sign. What is divided by 0, or 0 to a negative power, is 0;
//           other negative powers are truncated: 0 unless the base is 1 or -1.
// Numerics  exact. A fused activation clamps the result; ADD has none, as in the field's kernels.
// Requires  -
// Memory    row window and in-place as PlanBroadcast states them. No scratch. Output may be the
//           memory of an operand that is not repeated. Never outside the stated extents.
// Variants  portable.
// Source    TFLite's reference kernels.
#pragma once

#include "kernels/elementwise.h"
