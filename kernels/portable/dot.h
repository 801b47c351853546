// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of convolutions and fully connected layers: one run of inputs against the filters
// of four output channels, so that each input is loaded and offset once for four products.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"
#include "kernels/float16.h"

namespace midge::portable {

inline constexpr int kDotChannels = 4;

// acc[k] += sum_i (x[i] - zero_point) * w[k * w_stride + i], i < count. X is int8_t or int16_t, W
// int8_t; or both are uint8_t. A function of its own, so that the loop has all registers.
template <typename X, typename W>
[[gnu::noinline]] void Dot4(const X* x, int32_t zero_point, const W* w, int32_t w_stride,
                            int32_t count, int32_t* acc) {
  const W* w0 = w;
  const W* w1 = w0 + w_stride;
  const W* w2 = w1 + w_stride;
  const W* w3 = w2 + w_stride;
  int32_t a0 = acc[0], a1 = acc[1], a2 = acc[2], a3 = acc[3];
  for (const X* const end = x + count; x != end;) {
    const int32_t v = *x++ - zero_point;
    a0 = AddWrapping(a0, v * *w0++);
    a1 = AddWrapping(a1, v * *w1++);
    a2 = AddWrapping(a2, v * *w2++);
    a3 = AddWrapping(a3, v * *w3++);
  }
  acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3;
}

// Of int16 inputs, whose products are below 2^23: sums of this many fit an int32.
inline constexpr int32_t kNarrowProducts = 255;

template <typename X>
[[gnu::noinline]] void Dot4(const X* x, int32_t zero_point, const int8_t* w, int32_t w_stride,
                            int32_t count, int64_t* acc) {
  while (count > 0) {
    const int32_t block = count < kNarrowProducts ? count : kNarrowProducts;
    const int8_t* w0 = w;
    const int8_t* w1 = w0 + w_stride;
    const int8_t* w2 = w1 + w_stride;
    const int8_t* w3 = w2 + w_stride;
    int32_t a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (const X* const end = x + block; x != end;) {
      const int32_t v = *x++ - zero_point;
      a0 += v * *w0++;
      a1 += v * *w1++;
      a2 += v * *w2++;
      a3 += v * *w3++;
    }
    acc[0] = AddWrapping(acc[0], int64_t{a0}), acc[1] = AddWrapping(acc[1], int64_t{a1});
    acc[2] = AddWrapping(acc[2], int64_t{a2}), acc[3] = AddWrapping(acc[3], int64_t{a3});
    w += block;
    count -= block;
  }
}

inline void Dot4(const float* x, const float* w, int32_t w_stride, int32_t count, float* acc) {
  const float* w0 = w;
  const float* w1 = w0 + w_stride;
  const float* w2 = w1 + w_stride;
  const float* w3 = w2 + w_stride;
  float a0 = acc[0], a1 = acc[1], a2 = acc[2], a3 = acc[3];
  for (const float* const end = x + count; x != end;) {
    const float v = *x++;
    a0 += v * *w0++;
    a1 += v * *w1++;
    a2 += v * *w2++;
    a3 += v * *w3++;
  }
  acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3;
}

// The same for one output channel.
template <typename X, typename W>
inline int32_t Dot1(const X* x, int32_t zero_point, const W* w, int32_t count, int32_t acc) {
  for (const X* const end = x + count; x != end;) {
    acc = AddWrapping(acc, (*x++ - zero_point) * *w++);
  }
  return acc;
}

inline int64_t Dot1(const int16_t* x, int32_t zero_point, const int8_t* w, int32_t count,
                    int64_t acc) {
  while (count > 0) {
    const int32_t block = count < kNarrowProducts ? count : kNarrowProducts;
    int32_t sum = 0;
    for (const int16_t* const end = x + block; x != end;) sum += (*x++ - zero_point) * *w++;
    acc = AddWrapping(acc, int64_t{sum});
    count -= block;
  }
  return acc;
}

inline float Dot1(const float* x, const float* w, int32_t count, float acc) {
  for (const float* const end = x + count; x != end;) acc += *x++ * *w++;
  return acc;
}

// Minus the zero point of the weights times the sum of the inputs: sum (w - zf) * v = sum w * v -
// zf * sum v, where v = x - zi.
template <typename Sum, typename Element>
Sum WeightsZeroPointOffset(int32_t zf, int32_t zi, const Element* x, int32_t depth) {
  if (zf == 0) return 0;
  Sum sum = 0;
  for (int32_t d = 0; d < depth; ++d) sum = AddWrapping(sum, Sum{x[d] - zi});
  return static_cast<Sum>(static_cast<uint64_t>(-zf) * static_cast<uint64_t>(sum));
}

// int4 weights lie two to a byte, the first in its lower half.
inline int32_t LowS4(uint8_t pair) { return static_cast<int8_t>(pair << 4) >> 4; }
inline int32_t HighS4(uint8_t pair) { return static_cast<int8_t>(pair) >> 4; }
inline int32_t WeightS4(const uint8_t* weights, int32_t i) {
  const uint8_t pair = weights[i >> 1];
  return (i & 1) == 0 ? LowS4(pair) : HighS4(pair);
}

// acc + sum_i (x[i] - zero_point) * weight[w + i], i < count, with weights of int4.
[[gnu::noinline]] inline int32_t DotS4(const int8_t* x, int32_t zero_point, const uint8_t* weights,
                                       int32_t w, int32_t count, int32_t acc) {
  const int8_t* const end = x + count;
  const uint8_t* pairs = weights + (w >> 1);
  if ((w & 1) != 0 && x != end) {
    acc = AddWrapping(acc, (*x++ - zero_point) * HighS4(*pairs++));
  }
  for (; end - x >= 2; x += 2) {
    const uint8_t pair = *pairs++;
    acc = AddWrapping(acc, (x[0] - zero_point) * LowS4(pair));
    acc = AddWrapping(acc, (x[1] - zero_point) * HighS4(pair));
  }
  if (x != end) acc = AddWrapping(acc, (*x - zero_point) * LowS4(*pairs));
  return acc;
}

// acc + sum_i x[i] * w[i], i < count, with weights of float16.
[[gnu::noinline]] inline float DotF16(const float* x, const uint16_t* w, int32_t count, float acc) {
  for (const float* const end = x + count; x != end;) acc += *x++ * Float16ToFloat32(*w++);
  return acc;
}

}  // namespace midge::portable
