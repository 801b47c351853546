// SPDX-License-Identifier: Apache-2.0
//
// The quantized LSTM around its inner products: variants bring their own of those and take the
// rest.
#pragma once

#include <cstring>
#include <limits>

#include "kernels/sigmoid_table.h"
#include "kernels/unidirectional_sequence_lstm.h"

namespace midge::portable {

// How variants differ. A Products class says
//
//   Sum, Bias
//   kRows                           most neighbouring cells whose gates are computed together
//   Operand(x, zero_point, count)   a class: inputs of a step, or its hidden state, made ready
//   Begin(bias, rows, sums)
//   Add(operand, w, w_stride, rows, sums)
//                                   sums[i] += sum_j (x[j] - zero_point) * w[i * w_stride + j] for
//                                   i < rows
//   AddScaled(a_scale, a, b_scale, b, count, f)
//                                   f(i, a[i] and b[i], each requantized and saturated to int16,
//                                   added and saturated) for i < count
//   Scale(multiplier)               a class: Apply(x) is x, a product of two int16, requantized and
//                                   saturated to int16
//   T Saturate<T>(x)                to int16 or to int8
template <typename T>
struct LstmOperand {
  LstmOperand(const T* values, int32_t zero, int32_t elements)
      : x(values), zero_point(zero), count(elements) {}
  const T* x;
  int32_t zero_point, count;
};
template <typename T>
T Saturate(int32_t x) {
  return static_cast<T>(Clamp(x, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}
inline int32_t SaturateS16(int32_t x) { return Saturate<int16_t>(x); }
struct LstmScale {
  QuantizedMultiplier multiplier;
  explicit LstmScale(QuantizedMultiplier m) : multiplier(m) {}
  int32_t Apply(int32_t x) const { return SaturateS16(Requantize(x, multiplier)); }
};

// The gates of cells [s, s + rows), in Q0.15.
template <typename Products>
void LstmGates(const LstmQuantizedParams& params,
               const LstmWeights<int8_t, typename Products::Bias>& weights, int32_t s, int32_t rows,
               const typename Products::Operand& inputs_of_step,
               const typename Products::Operand& h, int16_t (*gates)[Products::kRows]) {
  const int32_t inputs = params.shape.inputs, cells = params.shape.cells;
  for (int k = 0; k < kLstmGates; ++k) {
    typename Products::Sum sums[Products::kRows], recurrent[Products::kRows];
    Products::Begin(weights.bias[k] + s, rows, sums);
    std::memset(recurrent, 0, static_cast<size_t>(rows) * sizeof recurrent[0]);
    Products::Add(inputs_of_step, weights.weights[k] + s * inputs, inputs, rows, sums);
    Products::Add(h, weights.recurrent[k] + s * cells, cells, rows, recurrent);
    const auto for_each = [&](const auto& f) {
      Products::AddScaled({params.weights_multiplier_q31[k], params.weights_exponent[k]}, sums,
                          {params.recurrent_multiplier_q31[k], params.recurrent_exponent[k]},
                          recurrent, rows, f);
    };
    int16_t* const gate = gates[k];
    if (k == kCellGate) {
      for_each([=](int32_t i, int32_t x) { gate[i] = InterpolatedTanh(3 * x); });
    } else {
      for_each([=](int32_t i, int32_t x) { gate[i] = InterpolatedSigmoid(3 * x); });
    }
  }
}

// The new cell states, and the new hidden states, of `rows` cells from their gates in Q0.15.
template <typename Products, typename T>
[[gnu::noinline]] void UpdateLstmCells(const LstmQuantizedParams& params, int32_t rows,
                                       const int16_t (*gates)[Products::kRows], int16_t* cell,
                                       T* hidden) {
  const typename Products::Scale cell_scale(params.cell_multiplier);
  const typename Products::Scale hidden_scale(params.hidden_multiplier);
  const int32_t shift = params.cell_shift, hidden_zero_point = params.hidden_zero_point;
  const ClampRange clip = params.cell_clip;
  for (int32_t i = 0; i < rows; ++i) {
    // g_forget * c keeps the scale of c; the reference rounds it twice as everything else: to a
    // half, halves up, and by 2^-14, halves away from zero. |g_forget * c| <= 2^30.
    const int32_t half = (gates[kForgetGate][i] * cell[i] + 1) >> 1;
    const int32_t kept =
        Products::template Saturate<int16_t>((((half + (half >> 31)) >> 13) + 1) >> 1);
    const int32_t added = cell_scale.Apply(gates[kInputGate][i] * gates[kCellGate][i]);
    const int32_t c = Clamp(Products::template Saturate<int16_t>(kept + added), clip.min, clip.max);
    cell[i] = static_cast<int16_t>(c);
    const int32_t scaled = shift >= 0 ? c * (3 << shift) : (c * 3 + (1 << (-shift - 1))) >> -shift;
    const int32_t h =
        hidden_scale.Apply(InterpolatedTanh(scaled) * gates[kOutputGate][i]) + hidden_zero_point;
    hidden[i] =
        static_cast<T>(Clamp(h, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
}

template <typename Products, typename T>
void Lstm(const LstmQuantizedParams& params,
          const LstmWeights<int8_t, typename Products::Bias>& weights, const T* input, T* hidden,
          int16_t* cell, T* output) {
  const LstmShape& shape = params.shape;
  const int32_t cells = shape.cells;
  for (int32_t b = 0; b < shape.batches; ++b, hidden += cells, cell += cells) {
    for (int32_t t = 0; t < shape.steps; ++t) {
      const int32_t step = shape.Step(b, t);
      const typename Products::Operand x(input + step * shape.inputs, params.input_zero_point,
                                         shape.inputs);
      const typename Products::Operand h(hidden, params.hidden_zero_point, cells);
      T* const out = output + step * cells;  // h is still needed while the next h is made
      for (int32_t s = 0; s < cells; s += Products::kRows) {
        int16_t gates[kLstmGates][Products::kRows];
        const int32_t rows = cells - s < Products::kRows ? cells - s : Products::kRows;
        LstmGates<Products>(params, weights, s, rows, x, h, gates);
        UpdateLstmCells<Products>(params, rows, gates, cell + s, out + s);
      }
      std::memcpy(hidden, out, static_cast<size_t>(cells) * sizeof(T));
    }
  }
}

}  // namespace midge::portable
