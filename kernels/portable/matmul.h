// SPDX-License-Identifier: Apache-2.0
//
// The loops of BATCH_MATMUL, for every type.
#pragma once

#include "kernels/batch_matmul.h"

namespace midge::portable {

// Calls finish(sum) for each element of the product in order. `begin(a)` gives what all sums of the
// row that begins at `a` begin with, `prepare` what is multiplied for an element of a, and add(sum,
// prepared, b) adds one product. Four columns at a time, so that each element of a is loaded and
// prepared once for four products.
template <typename Sum, typename Element, typename Begin, typename Prepare, typename Add,
          typename Finish>
inline void MatMul(const MatMulShape& shape, const Element* a, const Element* b, const Begin& begin,
                   const Prepare& prepare, const Add& add, const Finish& finish) {
  const int32_t a_step = shape.a_depth_step, b_step = shape.b_depth_step;
  const int32_t column = shape.b_column_step;
  for (int32_t m = 0; m < shape.rows; ++m, a += shape.a_row_step) {
    const Sum first = begin(a);
    int32_t n = 0;
    for (; n + 4 <= shape.columns; n += 4) {
      const Element* x = a;
      const Element* w0 = b + n * column;
      const Element* w1 = w0 + column;
      const Element* w2 = w1 + column;
      const Element* w3 = w2 + column;
      Sum s0 = first, s1 = first, s2 = first, s3 = first;
      for (int32_t k = shape.depth; k > 0; --k) {
        const auto v = prepare(*x);
        s0 = add(s0, v, *w0);
        s1 = add(s1, v, *w1);
        s2 = add(s2, v, *w2);
        s3 = add(s3, v, *w3);
        x += a_step;
        w0 += b_step, w1 += b_step, w2 += b_step, w3 += b_step;
      }
      finish(s0), finish(s1), finish(s2), finish(s3);
    }
    for (; n < shape.columns; ++n) {
      const Element* x = a;
      const Element* w = b + n * column;
      Sum sum = first;
      for (int32_t k = shape.depth; k > 0; --k, x += a_step, w += b_step) {
        sum = add(sum, prepare(*x), *w);
      }
      finish(sum);
    }
  }
}

}  // namespace midge::portable
