// SPDX-License-Identifier: Apache-2.0
//
// Select: elements of one tensor or of another, as a third says; with broadcasting.
//
// Shapes    one run: condition [n] bytes, a [n], b [n], output [n]; bit k of `repeated` says that
//           operand k (0: the condition) has one element, used for all.
// Math      output[i] = condition[i] ? a[i] : b[i], whole elements of 1, 2, 4 or 8 bytes.
// Numerics  exact; quantized operands are not rescaled.
// Requires  -
// Memory    row window and in-place as PlanBroadcast states them. No scratch. Output may be the
//           memory of an operand that is not repeated. Never outside the stated extents.
// Variants  portable.
// Source    TFLite's reference kernels.
#pragma once

#include "kernels/elementwise.h"

namespace midge {

struct SelectParams {
  uint8_t element_bytes;
};

}  // namespace midge
