// SPDX-License-Identifier: Apache-2.0
//
// What differs between the types of an op that adds products of inputs and weights: how its sums
// begin, grow and become outputs. The loops around them (convolve.h, transpose_convolve.h,
// fully_connect.h) are written once. A Products class says
//
//   Element, Sum, Output              types of an input, of a sum, of an output
//   Sum Begin(int32_t o)              the sum of output channel o before any product
//   Add<n>(x, w, w_stride, count, sums)
//                                     sums[k] += sum_i x'[i] * weight[w + k * w_stride + i], k < n,
//                                     i < count, where x' is x without its zero point; n is 1 or
//                                     kDotChannels
//   Output End(Sum sum, int32_t o)
#pragma once

#include <type_traits>

#include "kernels/dynamic_range.h"
#include "kernels/fixed_point.h"
#include "kernels/float16.h"
#include "kernels/portable/dot.h"

namespace midge::portable {

// int8 inputs and weights.
struct ProductsS8 {
  using Element = int8_t;
  using Sum = int32_t;
  using Output = int8_t;
  const int8_t* weights;
  const int32_t* bias;  // may be null
  int32_t zero_point;
  QuantizedOutput output;

  Sum Begin(int32_t o) const { return bias != nullptr ? bias[o] : 0; }
  template <int kCount>
  void Add(const Element* x, int32_t w, int32_t w_stride, int32_t count, Sum* sums) const {
    if constexpr (kCount == kDotChannels) {
      Dot4(x, zero_point, weights + w, w_stride, count, sums);
    } else {
      sums[0] = Dot1(x, zero_point, weights + w, count, sums[0]);
    }
  }
  Output End(Sum sum, int32_t o) const { return output.S8(sum, o); }
};

// int8 inputs, int4 weights.
struct ProductsS8S4 {
  using Element = int8_t;
  using Sum = int32_t;
  using Output = int8_t;
  const uint8_t* weights;
  const int32_t* bias;  // may be null
  int32_t zero_point;
  QuantizedOutput output;

  Sum Begin(int32_t o) const { return bias != nullptr ? bias[o] : 0; }
  template <int kCount>
  void Add(const Element* x, int32_t w, int32_t w_stride, int32_t count, Sum* sums) const {
    for (int32_t k = 0; k < kCount; ++k, w += w_stride) {
      sums[k] = DotS4(x, zero_point, weights, w, count, sums[k]);
    }
  }
  Output End(Sum sum, int32_t o) const { return output.S8(sum, o); }
};

// uint8 inputs and weights, whose zero point is 0 where the loop around adds its part.
struct ProductsU8 {
  using Element = uint8_t;
  using Sum = int32_t;
  using Output = uint8_t;
  const uint8_t* weights;
  const int32_t* bias;  // may be null
  int32_t zero_point, weights_zero_point;
  QuantizedOutput output;

  Sum Begin(int32_t o) const { return bias != nullptr ? bias[o] : 0; }
  template <int kCount>
  void Add(const Element* x, int32_t w, int32_t w_stride, int32_t count, Sum* sums) const {
    const Sum offset = WeightsZeroPointOffset<Sum>(weights_zero_point, zero_point, x, count);
    for (int32_t k = 0; k < kCount; ++k) sums[k] = AddWrapping(sums[k], offset);
    if constexpr (kCount == kDotChannels) {
      Dot4(x, zero_point, weights + w, w_stride, count, sums);
    } else {
      sums[0] = Dot1(x, zero_point, weights + w, count, sums[0]);
    }
  }
  Output End(Sum sum, int32_t o) const { return output.U8(sum, o); }
};

// int16 inputs and int8 weights. Bias is int32_t, and so are the sums, or PackedInt64, and sums are
// int64_t.
template <typename Bias>
struct ProductsS16 {
  using Element = int16_t;
  static constexpr bool kWide = !std::is_same_v<Bias, int32_t>;
  using Sum = std::conditional_t<kWide, int64_t, int32_t>;
  using Output = int16_t;
  const int8_t* weights;
  const Bias* bias;  // may be null
  int32_t zero_point;
  QuantizedOutput output;

  Sum Begin(int32_t o) const {
    if (bias == nullptr) return 0;
    if constexpr (kWide) {
      return bias[o].value();
    } else {
      return bias[o];
    }
  }
  template <int kCount>
  void Add(const Element* x, int32_t w, int32_t w_stride, int32_t count, Sum* sums) const {
    if constexpr (kCount == kDotChannels) {
      Dot4(x, zero_point, weights + w, w_stride, count, sums);
    } else {
      sums[0] = Dot1(x, zero_point, weights + w, count, sums[0]);
    }
  }
  Output End(Sum sum, int32_t o) const { return output.S16(sum, o); }
};

struct ProductsF32 {
  using Element = float;
  using Sum = float;
  using Output = float;
  const float* weights;
  const float* bias;  // may be null
  FloatClampRange clamp;

  Sum Begin(int32_t) const { return 0.f; }
  template <int kCount>
  void Add(const Element* x, int32_t w, int32_t w_stride, int32_t count, Sum* sums) const {
    if constexpr (kCount == kDotChannels) {
      Dot4(x, weights + w, w_stride, count, sums);
    } else {
      sums[0] = Dot1(x, weights + w, count, sums[0]);
    }
  }
  Output End(Sum sum, int32_t o) const {
    return ClampFloat(bias != nullptr ? sum + bias[o] : sum, clamp);
  }
};

// Float inputs quantized by their range, int8 weights.
struct ProductsF32S8 {
  using Element = int8_t;
  using Sum = int32_t;
  using Output = float;
  const int8_t* weights;
  const float* bias;  // may be null
  ChannelScales scales;
  DynamicRange range;
  FloatClampRange clamp;

  Sum Begin(int32_t) const { return 0; }
  template <int kCount>
  void Add(const Element* x, int32_t w, int32_t w_stride, int32_t count, Sum* sums) const {
    if constexpr (kCount == kDotChannels) {
      Dot4(x, range.zero_point, weights + w, w_stride, count, sums);
    } else {
      sums[0] = Dot1(x, range.zero_point, weights + w, count, sums[0]);
    }
  }
  Output End(Sum sum, int32_t o) const {
    const float value = static_cast<float>(sum) * (range.scale * scales[o]);
    return ClampFloat(bias != nullptr ? value + bias[o] : value, clamp);
  }
};

// Float inputs, float16 weights.
struct ProductsF32F16 {
  using Element = float;
  using Sum = float;
  using Output = float;
  const uint16_t* weights;
  Float16Bias bias;
  FloatClampRange clamp;

  Sum Begin(int32_t) const { return 0.f; }
  template <int kCount>
  void Add(const Element* x, int32_t w, int32_t w_stride, int32_t count, Sum* sums) const {
    for (int32_t k = 0; k < kCount; ++k, w += w_stride) {
      sums[k] = DotF16(x, weights + w, count, sums[k]);
    }
  }
  Output End(Sum sum, int32_t o) const { return ClampFloat(bias.AddTo(sum, o), clamp); }
};

}  // namespace midge::portable
