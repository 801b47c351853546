// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"
#include "kernels/portable/unidirectional_sequence_lstm.h"

namespace midge::portable {
namespace {

struct Products {
  using Element = int8_t;
  using Bias = int32_t;
  using Sum = int32_t;
  static Sum Begin(int32_t bias) { return bias; }
  template <int kCount>
  static void Add(const int8_t* x, int32_t zero_point, const int8_t* w, int32_t w_stride,
                  int32_t count, Sum* sums) {
    if constexpr (kCount == kDotChannels) {
      Dot4(x, zero_point, w, w_stride, count, sums);
    } else {
      sums[0] = Dot1(x, zero_point, w, count, sums[0]);
    }
  }
  static int32_t Scale(Sum sum, int32_t multiplier_q31, int32_t exponent) {
    return Requantize(sum, multiplier_q31, exponent);
  }
};

}  // namespace

void UnidirectionalSequenceLstmS8(const LstmQuantizedParams& params,
                                  const LstmWeights<int8_t, int32_t>& weights, const int8_t* input,
                                  int8_t* hidden, int16_t* cell, int8_t* output) {
  Lstm<Products>(params, weights, input, hidden, cell, output);
}

}  // namespace midge::portable
