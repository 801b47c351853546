// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of ops in which one vector of int8 inputs meets many rows of int8 weights: the
// inputs are widened once; then the weights of two rows at a time, taken apart as they are read,
// meet them.
#pragma once

#include <cstdint>

namespace midge::arm_dsp {

inline constexpr int32_t kMostWide = 256;  // inputs widened at a time

// Widens x[i] - zero_point for i < count, but for the last count % 4: `wide` has count / 2 words.
void WidenS8(const int8_t* x, int32_t count, int32_t zero_point, uint32_t* wide);

// sums[k] += sum_i (x[i] - zero_point) * w[k * w_stride + i] for k < rows, i < count, modulo 2^32;
// `wide` is of x.
void AddWideProducts(const int8_t* x, int32_t zero_point, const uint32_t* wide, int32_t count,
                     const int8_t* w, int32_t w_stride, int32_t rows, int32_t* sums);

// The same for any count; widens on the stack.
void AddProducts(const int8_t* x, int32_t zero_point, int32_t count, const int8_t* w,
                 int32_t w_stride, int32_t rows, int32_t* sums);

}  // namespace midge::arm_dsp
