// SPDX-License-Identifier: Apache-2.0
//
// The portable kernel's steps around inner products of our own.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/dot_s8.h"
#include "kernels/arm_dsp/gather.h"
#include "kernels/arm_dsp/requantize.h"
#include "kernels/portable/unidirectional_sequence_lstm.h"

namespace midge::arm_dsp {
namespace {

struct Products {
  using Operand = WideOperand;
  using Bias = int32_t;
  using Sum = int32_t;
  static constexpr int32_t kRows = 32;
  static void Begin(const int32_t* bias, int32_t rows, Sum* sums) { BeginSums(bias, rows, sums); }
  static void Add(const Operand& x, const int8_t* w, int32_t w_stride, int32_t rows, Sum* sums) {
    x.Add(w, w_stride, rows, sums);
  }
  template <typename F>
  static void AddScaled(QuantizedMultiplier a_scale, const Sum* a, QuantizedMultiplier b_scale,
                        const Sum* b, int32_t count, const F& f) {
    const RequantizerS16 of_a(a_scale), of_b(b_scale);
    if (of_a.fits() && of_b.fits()) {
      for (int32_t i = 0; i < count; ++i) {
        f(i, Ssat16(of_a.ApplyFitting(a[i]) + of_b.ApplyFitting(b[i])));
      }
    } else {
      for (int32_t i = 0; i < count; ++i) f(i, Ssat16(of_a.Apply(a[i]) + of_b.Apply(b[i])));
    }
  }
  using Scale = RequantizerS16;
  template <typename T>
  static T Saturate(int32_t x) {
    return static_cast<T>(sizeof(T) == 1 ? Ssat8(x) : Ssat16(x));
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

}  // namespace midge::arm_dsp
