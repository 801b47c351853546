// SPDX-License-Identifier: Apache-2.0
//
// Logistic: the sigmoid of each element.
//
// Shapes    a row: input [n], output [n].
// Math      output[i] = 1 / (1 + exp(-input[i])).
// Numerics  S8: a table of all 256 results, made in Prepare. The output scale is taken as 1/256,
// its
//           zero point is -128; docs/NUMERICS.md "LOGISTIC". F32: within 4 ulp.
// Requires  -
// Memory    row window: same row. In place. The table (256 bytes) is node state. Never outside the
//           stated extents.
// Variants  portable.
// Source    TFLite's reference for quantized logistic; gemmlowp's fixed-point format.
#pragma once

namespace midge {

struct LogisticF32Params {};

}  // namespace midge
