// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"
#include "kernels/portable/unidirectional_sequence_lstm.h"

namespace midge::portable {
namespace {

struct Products {
  using Element = int16_t;
  using Bias = PackedInt64;
  using Sum = int64_t;
  static Sum Begin(const PackedInt64& bias) { return bias.value(); }
  template <int kCount>
  static void Add(const int16_t* x, int32_t zero_point, const int8_t* w, int32_t w_stride,
                  int32_t count, Sum* sums) {
    if constexpr (kCount == kDotChannels) {
      Dot4(x, zero_point, w, w_stride, count, sums);
    } else {
      sums[0] = Dot1(x, zero_point, w, count, sums[0]);
    }
  }
  static int32_t Scale(Sum sum, int32_t multiplier_q31, int32_t exponent) {
    return RequantizeWide(sum, multiplier_q31, exponent);
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
