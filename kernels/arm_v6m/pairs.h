// SPDX-License-Identifier: Apache-2.0
//
// Two products in one 32-bit multiplication. A pair of weights and the pair of inputs it meets are
// the words
//
//   W = w0 - w1 * 2^16,   X = x1 - x0 * 2^16,   W * X = w0 * x1 - (w0 * x0 + w1 * x1) * 2^16
//
// modulo 2^32. |w0 * x1| <= 2^14, so the product rounded to a multiple of 2^16 gives the two
// products' sum with its sign turned. That is in [-2^15, 2^15), the lower end only if all four are
// -128, where w0 * x1 is not negative: no int8 values overflow. The rounding costs nothing: ASRS by
// 16 leaves the bit it rounds by in the carry, which ADCS adds with the rest. So two
// multiply-accumulates are three instructions and half an LDM.
//
// Runs of pairs are made of quads of elements, filled up with weights of 0.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/arm_v6m/asm.h"
#include "kernels/arm_v6m/requantize.h"

namespace midge::arm_v6m {

// Words of `elements` elements.
constexpr int32_t PairWords(int32_t elements) { return (elements + 3) / 4 * 2; }

// To PairWords(count) words; returns the elements' sum.
int32_t PackWeights(const int8_t* w, int32_t count, uint32_t* words);
// The same of inputs that follow each other. count is even.
void PackInputs(const int8_t* x, int32_t count, uint32_t* words);

inline uint32_t PairOfWeights(int32_t w0, int32_t w1) {
  return static_cast<uint32_t>(w0) - (static_cast<uint32_t>(w1) << 16);
}
inline uint32_t PairOfInputs(int32_t x0, int32_t x1) {
  return static_cast<uint32_t>(x1) - (static_cast<uint32_t>(x0) << 16);
}

// One output pixel after the other of one channel:
//
//   *out = scale.S8(bias + sum of w[k] * x[k])
//
// with x and out moving on from pixel to pixel. Assembly code knows the order.
struct PixelLoop {
  int32_t bias;  // less scale.origin
  const uint32_t* w;
  uint32_t entry;     // bytes of the unrolled loop that a pixel's first round leaves out
  const int8_t* end;  // of out
  Scale scale;
  const uint32_t* w_end;
  int32_t x_gap;  // bytes from the end of a pixel's x to the next's
  int32_t out_step;
  const uint32_t* x;
  int8_t* out;
  const QuantizedOutput* output;

  explicit PixelLoop(const QuantizedOutput& quantized) : scale(quantized), output(&quantized) {}
  // The weights: an even number of words, at least 2; bytes from pixel to pixel of x.
  void SetTaps(const uint32_t* weights, int32_t words, int32_t x_step);
  // A channel's requantization, and its bias where `sum` is that of its weights.
  void SetChannel(int32_t channel, int32_t channel_bias, int32_t zero_point, int32_t sum);
};

// Computes `pixels` >= 1 outputs, the first at out.
void RunPixels(PixelLoop& loop, int8_t* out, int32_t pixels);

// Stores the zero point's output to all of them: what a channel that vanishes gives.
void FillPixels(const PixelLoop& loop, int8_t* out, int32_t pixels);

// No accumulator of a channel is above this: its bias, and `count` weights that are `step` apart.
uint32_t MostOfChannel(int32_t bias, const int8_t* w, int32_t step, int32_t count);

}  // namespace midge::arm_v6m
