// SPDX-License-Identifier: Apache-2.0
//
// BatchMatMul: products of matrices, for each pair of a batch.
//
// Shapes    one pair: a [M, K], or [K, M] with adj_x; b [K, N], or [N, K] with adj_y; output [M,
//           N]. Eval loops over the batches, whose dimensions are broadcast.
// Math      output[m, n] = saturate(zo + Requantize(sum_k (a[m, k] - za) * (b[k, n] - zb)))
//           Float: sum_k a[m, k] * b[k, n].
// Numerics  S8: int32 accumulator modulo 2^32, no overflow below 33,026 K. S16: zero points 0, sums
//           of 64 bits, docs/NUMERICS.md "int16 sums". F32: sums in float, order unspecified.
//           F32S8: rows of a quantized by their range, docs/NUMERICS.md "Float activations with
//           narrower weights"; the zero point of b is not looked at.
// Requires  established by Prepare: exponents as their requantization wants them, zero points in
//           the type's range.
// Memory    needs the whole inputs. No scratch: operands are read as they lie; F32S8:
//           scratch_bytes(). Output must not overlap an input. Never outside the stated extents.
// Variants  portable; S8: arm_dsp, arm_v6m, arm_mve.
// Source    TFLite's reference for BATCH_MATMUL.
#pragma once

#include "kernels/fixed_point.h"

namespace midge {

struct MatMulShape {
  int32_t rows, depth, columns;         // M, K, N
  int32_t a_row_step, a_depth_step;     // elements from a[m, k] to a[m + 1, k], to a[m, k + 1]
  int32_t b_depth_step, b_column_step;  // likewise; one of the two is 1
};

struct BatchMatMulS8Params {
  MatMulShape shape;
  QuantizedMultiplier multiplier;
  int16_t a_zero_point, b_zero_point, output_zero_point;
};

// Float a, int8 b.
struct BatchMatMulF32S8Params {
  MatMulShape shape;
  float b_scale;
  bool asymmetric;

  // A row of a, quantized; with adj_x before that gathered, in float.
  uint32_t scratch_bytes() const {
    return static_cast<uint32_t>(shape.depth) * (shape.a_depth_step == 1 ? 1 : 5);
  }
};

struct BatchMatMulS16Params {
  MatMulShape shape;
  QuantizedMultiplier multiplier;
};

}  // namespace midge
