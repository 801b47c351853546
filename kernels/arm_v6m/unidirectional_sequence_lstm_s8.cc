// SPDX-License-Identifier: Apache-2.0
//
// The portable kernel's steps around the inner loop of fully connected layers.
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/requantize.h"
#include "kernels/arm_v6m/taps.h"
#include "kernels/portable/unidirectional_sequence_lstm.h"

namespace midge::arm_v6m {
namespace {

// To int16, by halves.
class ScaleS16 {
 public:
  explicit ScaleS16(QuantizedMultiplier multiplier) : multiplier_(multiplier) {}
  int32_t Apply(int32_t x) const {
    return portable::SaturateS16(
        RequantizeByHalves(x, multiplier_.multiplier_q31, multiplier_.exponent));
  }

 private:
  QuantizedMultiplier multiplier_;
};

struct Products {
  // Listed once for all gates, unless it is too long.
  struct Operand {
    static constexpr int32_t kMostListed = 32;
    Operand(const int8_t* values, int32_t zero, int32_t elements)
        : x(values), zero_point(zero), count(elements) {
      if (count <= kMostListed) end = ListTaps(x, 0, count, zero_point, taps);
    }
    const int8_t* x;
    int32_t zero_point, count;
    const Tap* end;
    Tap taps[kMostListed];
  };
  using Bias = int32_t;
  using Sum = int32_t;
  static constexpr int32_t kRows = 32;
  static void Begin(const int32_t* bias, int32_t rows, Sum* sums) {
    for (const int32_t* const end = bias + rows; bias != end;) *sums++ = *bias++;
  }
  static void Add(const Operand& x, const int8_t* w, int32_t w_stride, int32_t rows, Sum* sums) {
    if (x.count <= Operand::kMostListed) {
      AddTaps(x.taps, x.end, w, w_stride, rows, sums);
    } else {
      AddProducts(x.x, x.count, x.zero_point, w, w_stride, rows, sums);
    }
  }
  template <typename F>
  static void AddScaled(QuantizedMultiplier a_scale, const Sum* a, QuantizedMultiplier b_scale,
                        const Sum* b, int32_t count, const F& f) {
    const ScaleS16 of_a(a_scale), of_b(b_scale);
    for (int32_t i = 0; i < count; ++i) {
      f(i, portable::SaturateS16(of_a.Apply(a[i]) + of_b.Apply(b[i])));
    }
  }
  using Scale = ScaleS16;
  template <typename T>
  static T Saturate(int32_t x) {
    return portable::Saturate<T>(x);
  }
};

}  // namespace

static_assert(std::is_same_v<decltype(UnidirectionalSequenceLstmS8),
                             decltype(portable::UnidirectionalSequenceLstmS8)>);

void UnidirectionalSequenceLstmS8(const LstmQuantizedParams& params,
                                  const LstmWeights<int8_t, int32_t>& weights, const int8_t* input,
                                  int8_t* hidden, int16_t* cell, int8_t* output) {
  portable::Lstm<Products>(params, weights, input, hidden, cell, output);
}

}  // namespace midge::arm_v6m
