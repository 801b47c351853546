// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/kernels/sweep.h"

namespace midge_test {

// A few steps of an LSTM, one after the other, from states that portable and variant carry each for
// themselves.
inline void CheckLstm(Random& random,
                      decltype(midge::portable::UnidirectionalSequenceLstmS8)* variant) {
  static Guarded<int8_t, 16384> matrices[2 * midge::kLstmGates];
  static Guarded<int32_t, 70> biases[midge::kLstmGates];
  static Guarded<int8_t, 70> hidden[2];
  static Guarded<int16_t, 70> cells[2];
  midge::LstmQuantizedParams params = {};
  midge::LstmShape& shape = params.shape;
  shape = {random.In(1, 2), 3, random.OneIn(10) ? random.In(250, 270) : random.In(1, 40),
           random.OneIn(4) ? random.In(30, 35) : random.In(1, 20), random.OneIn(2)};
  if (random.OneIn(20)) shape.cells = random.In(63, 66);
  const auto states = static_cast<size_t>(shape.batches * shape.cells);
  if (states > 70 || shape.cells * shape.inputs > 16384) return;
  const int32_t usual = random.OneIn(8) ? random.In(-31, 12) : random.In(-9, -5);
  midge::LstmWeights<int8_t, int32_t> weights = {};
  for (int k = 0; k < midge::kLstmGates; ++k) {
    const auto of_input = static_cast<size_t>(shape.cells * shape.inputs);
    const auto of_hidden = static_cast<size_t>(shape.cells * shape.cells);
    int8_t* const w = matrices[k].Place(of_input);
    Fill(random, w, of_input);
    weights.weights[k] = w;
    int8_t* const r = matrices[midge::kLstmGates + k].Place(of_hidden);
    Fill(random, r, of_hidden);
    weights.recurrent[k] = r;
    int32_t* const bias = biases[k].Place(static_cast<size_t>(shape.cells));
    for (int32_t c = 0; c < shape.cells; ++c) {
      bias[c] = static_cast<int32_t>(random.Next()) >> random.In(0, 20);
    }
    weights.bias[k] = bias;
    params.weights_multiplier_q31[k] = 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
    params.recurrent_multiplier_q31[k] = 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
    Set(params.weights_exponent[k], usual);
    Set(params.recurrent_exponent[k], usual + random.In(0, 1));
  }
  params.cell_multiplier = {1 << 30 | static_cast<int32_t>(random.Next() >> 2),
                            random.In(-16, -12)};
  params.hidden_multiplier = {1 << 30 | static_cast<int32_t>(random.Next() >> 2),
                              random.In(-24, -20)};
  Set(params.input_zero_point, ZeroPoint(random));
  Set(params.hidden_zero_point, ZeroPoint(random));
  params.cell_clip = {INT16_MIN, INT16_MAX};
  if (random.OneIn(3)) params.cell_clip = {-3000, 3000};
  Set(params.cell_shift, random.In(-2, 2));

  const auto inputs = static_cast<size_t>(shape.batches * shape.steps * shape.inputs);
  const auto outputs = static_cast<size_t>(shape.batches * shape.steps * shape.cells);
  int8_t* const input = g_input.Place(inputs);
  Fill(random, input, inputs);
  int8_t *h[2], *out[2] = {g_expected.Place(outputs), g_output.Place(outputs)};
  int16_t* c[2];
  for (int v = 0; v < 2; ++v) {
    h[v] = hidden[v].Place(states);
    c[v] = cells[v].Place(states);
  }
  for (size_t k = 0; k < states; ++k) {
    h[0][k] = h[1][k] = static_cast<int8_t>(random.Next());
    c[0][k] = c[1][k] = static_cast<int16_t>(random.Next());
  }
  midge::portable::UnidirectionalSequenceLstmS8(params, weights, input, h[0], c[0], out[0]);
  variant(params, weights, input, h[1], c[1], out[1]);
  EXPECT_TRUE(Equal(out[1], out[0], outputs));
  EXPECT_TRUE(std::memcmp(c[1], c[0], states * sizeof(int16_t)) == 0);
  EXPECT_TRUE(Equal(h[1], h[0], states));
  EXPECT_TRUE(g_output.Intact() && hidden[1].Intact() && cells[1].Intact());
}

}  // namespace midge_test
