// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"
#include "kernels/portable/unidirectional_sequence_lstm.h"

namespace midge::portable {
namespace {

struct Products {
  using Operand = LstmOperand<int16_t>;
  using Bias = PackedInt64;
  using Sum = int64_t;
  static constexpr int32_t kRows = kDotChannels;
  static void Begin(const PackedInt64* bias, int32_t rows, Sum* sums) {
    for (int32_t i = 0; i < rows; ++i) sums[i] = bias[i].value();
  }
  static void Add(const Operand& x, const int8_t* w, int32_t w_stride, int32_t rows, Sum* sums) {
    if (rows == kRows) return Dot4(x.x, x.zero_point, w, w_stride, x.count, sums);
    for (int32_t i = 0; i < rows; ++i, w += w_stride) {
      sums[i] = Dot1(x.x, x.zero_point, w, x.count, sums[i]);
    }
  }
  template <typename F>
  static void AddScaled(QuantizedMultiplier a_scale, const Sum* a, QuantizedMultiplier b_scale,
                        const Sum* b, int32_t count, const F& f) {
    for (int32_t i = 0; i < count; ++i) {
      f(i,
        SaturateS16(SaturateS16(RequantizeWide(a[i], a_scale.multiplier_q31, a_scale.exponent)) +
                    SaturateS16(RequantizeWide(b[i], b_scale.multiplier_q31, b_scale.exponent))));
    }
  }
  using Scale = LstmScale;
  template <typename T>
  static T Saturate(int32_t x) {
    return portable::Saturate<T>(x);
  }
};

}  // namespace

void UnidirectionalSequenceLstmS16(const LstmQuantizedParams& params,
                                   const LstmWeights<int8_t, PackedInt64>& weights,
                                   const int16_t* input, int16_t* hidden, int16_t* cell,
                                   int16_t* output) {
  Lstm<Products>(params, weights, input, hidden, cell, output);
}

}  // namespace midge::portable
