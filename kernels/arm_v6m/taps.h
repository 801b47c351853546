// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of ops in which one run of inputs meets many rows of int8 weights: fully connected
// layers, the LSTM's gates, SVDF's features, convolutions of int16. The inputs are listed once, less their zero
// point and with their places; an input that is zero, as every other one behind a ReLU, has no
// place in the list and costs nothing. Then four rows at a time meet the list: an input and its
// place come by one LDM, and a product is a load, a multiplication and an addition.
#pragma once

#include <cstdint>

namespace midge::arm_v6m {

// Assembly code knows the order.
struct Tap {
  int32_t value;
  int32_t place;  // in its row of weights, or, where rows are int16, bytes
};

// Lists the inputs x[begin] to x[end - 1] that are not `zero_point`; returns the end of the list.
Tap* ListTaps(const int8_t* x, int32_t begin, int32_t end, int32_t zero_point, Tap* taps);
// The same of x[0] to x[count - 1], whose places begin at `place`.
Tap* ListTaps(const int16_t* x, int32_t count, int32_t place, int32_t zero_point, Tap* taps);

// sums[k] += sum over the taps of value * w[k * w_stride + place] for k < rows, modulo 2^32.
void AddTaps(const Tap* taps, const Tap* end, const int8_t* w, int32_t w_stride, int32_t rows,
             int32_t* sums);

// The other way around, as for depthwise convolutions: taps are weights, rows are inputs, places in
// them are bytes.
void AddTaps(const Tap* taps, const Tap* end, const int16_t* x, int32_t x_stride, int32_t rows,
             int32_t* sums);

// AddTaps with all x[i] - zero_point, i < count, which are listed on the stack, kMostTaps at once.
inline constexpr int32_t kMostTaps = 64;
void AddProducts(const int8_t* x, int32_t count, int32_t zero_point, const int8_t* w,
                 int32_t w_stride, int32_t rows, int32_t* sums);

}  // namespace midge::arm_v6m
