// SPDX-License-Identifier: Apache-2.0
//
// Comparisons of two tensors, element by element, with broadcasting: EQUAL, NOT_EQUAL, LESS,
// LESS_EQUAL, GREATER, GREATER_EQUAL.
//
// Shapes    one run: a [n], b [n] (one element where `repeat` names it), output [n] bytes, 0 or 1.
// Math      output[i] = R(a[i]) relation R(b[i]). Of int8 R(q) = Requantize((q - z) * 2^8, scale);
//           of others R(q) = q.
// Numerics  exact; R rounds as in docs/NUMERICS.md "Comparisons". NaN is equal to nothing and not
//           less than anything.
// Requires  established by Prepare: int8: scales below 1; int16: the same scale for both.
// Memory    row window and in-place as PlanBroadcast states them. No scratch. Output may be the
//           memory of an operand that is not repeated. Never outside the stated extents.
// Variants  portable.
// Source    TFLite's reference kernels.
#pragma once

#include "kernels/elementwise.h"

namespace midge {

// Of the six: a > b is b < a, a >= b is b <= a, a != b is not a == b.
enum class Relation : uint8_t { kEqual, kLess, kLessEqual };

struct CompareParams {
  Relation relation;
  bool exchanged;  // b relation a
  bool negated;
};

struct CompareS8Params {
  CompareParams compare;
  int16_t zero_point_a, zero_point_b;
  QuantizedMultiplier multiplier_a, multiplier_b;
};

}  // namespace midge
