// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"
#include "kernels/portable/unidirectional_sequence_lstm.h"

namespace midge::portable {
namespace {

struct Products {
  using Operand = LstmOperand<int8_t>;
  using Bias = int32_t;
  using Sum = int32_t;
  static constexpr int32_t kRows = kDotChannels;
  static void Begin(const int32_t* bias, int32_t rows, Sum* sums) {
    std::memcpy(sums, bias, static_cast<size_t>(rows) * sizeof sums[0]);
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
      f(i, SaturateS16(SaturateS16(Requantize(a[i], a_scale)) +
                       SaturateS16(Requantize(b[i], b_scale))));
    }
  }
  using Scale = LstmScale;
  template <typename T>
  static T Saturate(int32_t x) {
    return portable::Saturate<T>(x);
  }
};

}  // namespace

void UnidirectionalSequenceLstmS8(const LstmQuantizedParams& params,
                                  const LstmWeights<int8_t, int32_t>& weights, const int8_t* input,
                                  int8_t* hidden, int16_t* cell, int8_t* output) {
  Lstm<Products>(params, weights, input, hidden, cell, output);
}

}  // namespace midge::portable
