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

// Gates of neighbouring cells, computed together.
inline constexpr int kLstmCells = 4;

inline int32_t SaturateS16(int32_t x) { return Clamp(x, INT16_MIN, INT16_MAX); }

// The new cell state, and the new hidden state, of one cell from its gates in Q0.15.
template <typename T>
inline T UpdateLstmCell(const LstmQuantizedParams& params, const int16_t (&gates)[kLstmGates],
                        int16_t* cell) {
  // g_forget * c keeps the scale of c; the reference rounds it twice as everything else.
  constexpr QuantizedMultiplier kOneOver32768 = {1 << 30, -14};
  const int32_t kept = SaturateS16(Requantize(gates[kForgetGate] * *cell, kOneOver32768));
  const int32_t added =
      SaturateS16(Requantize(gates[kInputGate] * gates[kCellGate], params.cell_multiplier));
  const int32_t c = Clamp(SaturateS16(kept + added), params.cell_clip.min, params.cell_clip.max);
  *cell = static_cast<int16_t>(c);
  const int32_t shift = params.cell_shift;
  const int32_t scaled = shift >= 0 ? c * (3 << shift) : (c * 3 + (1 << (-shift - 1))) >> -shift;
  const int32_t h = AddWrapping(
      Requantize(InterpolatedTanh(scaled) * gates[kOutputGate], params.hidden_multiplier),
      params.hidden_zero_point);
  return static_cast<T>(Clamp(h, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

// Products says what the sums are:
//
//   Element, Bias                  types of x and h, of the bias
//   Sum Begin(const Bias& bias)
//   Add<n>(x, zero_point, w, w_stride, count, sums)
//                                  sums[i] += sum_j (x[j] - zero_point) * w[i * w_stride + j], n =
//                                  1 or kLstmCells
//   int32_t Scale(sum, multiplier_q31, exponent)
//
// Computes the gates of cells [s, s + kCells), in Q0.15.
template <int kCells, typename Products>
inline void LstmGates(const LstmQuantizedParams& params,
                      const LstmWeights<int8_t, typename Products::Bias>& weights, int32_t s,
                      const typename Products::Element* x, const typename Products::Element* h,
                      int16_t (*gates)[kLstmGates]) {
  const int32_t inputs = params.shape.inputs, cells = params.shape.cells;
  for (int k = 0; k < kLstmGates; ++k) {
    typename Products::Sum sums[kCells], recurrent[kCells] = {};
    for (int i = 0; i < kCells; ++i) sums[i] = Products::Begin(weights.bias[k][s + i]);
    Products::template Add<kCells>(x, params.input_zero_point, weights.weights[k] + s * inputs,
                                   inputs, inputs, sums);
    Products::template Add<kCells>(h, params.hidden_zero_point, weights.recurrent[k] + s * cells,
                                   cells, cells, recurrent);
    for (int i = 0; i < kCells; ++i) {
      const int32_t of_input = SaturateS16(
          Products::Scale(sums[i], params.weights_multiplier_q31[k], params.weights_exponent[k]));
      const int32_t of_hidden = SaturateS16(Products::Scale(
          recurrent[i], params.recurrent_multiplier_q31[k], params.recurrent_exponent[k]));
      const int32_t value = 3 * SaturateS16(of_input + of_hidden);
      gates[i][k] = k == kCellGate ? InterpolatedTanh(value) : InterpolatedSigmoid(value);
    }
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
      const T* const x = input + step * shape.inputs;
      T* const out = output + step * cells;  // h is still needed while the next h is made
      int16_t gates[kLstmCells][kLstmGates];
      int32_t s = 0;
      for (; s + kLstmCells <= cells; s += kLstmCells) {
        LstmGates<kLstmCells, Products>(params, weights, s, x, hidden, gates);
        for (int i = 0; i < kLstmCells; ++i) {
          out[s + i] = UpdateLstmCell<T>(params, gates[i], cell + s + i);
        }
      }
      for (; s < cells; ++s) {
        LstmGates<1, Products>(params, weights, s, x, hidden, gates);
        out[s] = UpdateLstmCell<T>(params, gates[0], cell + s);
      }
      std::memcpy(hidden, out, static_cast<size_t>(cells) * sizeof(T));
    }
  }
}

}  // namespace midge::portable
