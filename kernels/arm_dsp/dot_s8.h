// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of ops in which one vector of int8 inputs meets many rows of int8 weights: the
// inputs are widened once; then the weights of two rows at a time, taken apart as they are read,
// meet them.
#pragma once

#include <cstdint>

namespace midge::arm_dsp {

inline constexpr int32_t kMostWide = 256;  // inputs widened at a time

// Writes elements x[i] + offset, offset in both lanes, of `quads` quads, each as two words of
// elements (0, 2) and (1, 3), `quad_words` words apart.
void WidenQuads(const int8_t* x, int32_t quads, uint32_t offset, uint32_t* wide,
                int32_t quad_words);

// Widens x[i] - zero_point for i < count, but for the last count % 4: `wide` has count / 2 words.
void WidenS8(const int8_t* x, int32_t count, int32_t zero_point, uint32_t* wide);

// sums[k] += sum_i (x[i] - zero_point) * w[k * w_stride + i] for k < rows, i < count, modulo 2^32;
// `wide` is of x.
void AddWideProducts(const int8_t* x, int32_t zero_point, const uint32_t* wide, int32_t count,
                     const int8_t* w, int32_t w_stride, int32_t rows, int32_t* sums);

// The same for any count; widens on the stack.
void AddProducts(const int8_t* x, int32_t zero_point, int32_t count, const int8_t* w,
                 int32_t w_stride, int32_t rows, int32_t* sums);

// A vector that is widened once for many rows, unless it is too long.
struct WideOperand {
  WideOperand(const int8_t* values, int32_t zero, int32_t elements)
      : x(values), zero_point(zero), count(elements) {
    if (count <= kMostWide) WidenS8(x, count, zero_point, wide);
  }
  // As AddProducts.
  void Add(const int8_t* w, int32_t w_stride, int32_t rows, int32_t* sums) const {
    if (count <= kMostWide) {
      AddWideProducts(x, zero_point, wide, count, w, w_stride, rows, sums);
    } else {
      AddProducts(x, zero_point, count, w, w_stride, rows, sums);
    }
  }

  const int8_t* x;
  int32_t zero_point, count;
  uint32_t wide[kMostWide / 2];
};

}  // namespace midge::arm_dsp
