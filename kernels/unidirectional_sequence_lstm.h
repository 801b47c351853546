// SPDX-License-Identifier: Apache-2.0
//
// UnidirectionalSequenceLstm: a long short-term memory over a sequence, step by step.
//
// Shapes    input [B, T, I] (or [T, B, I] if time-major), for each gate k in {input, forget, cell,
//           output}: weights W_k [S, I], recurrent weights R_k [S, S], bias b_k [S]; hidden state
//           h [B, S], cell state c [B, S], output [B, T, S] (or [T, B, S]). B batches, T steps, I
//           inputs, S cells.
// Math      at each step, x being its input:
//             g_k = sigmoid(W_k x + b_k + R_k h), tanh for the cell gate
//             c   = clip(g_forget * c + g_input * g_cell)
//             h   = output = g_output * tanh(c)
// Numerics  S8, S16 (type of x, h and the output; weights int8, c and gates int16): each of the two
//           sums of products is brought to Q3.12 by itself and saturated to int16, then they are
//           added and saturated; sigmoid and tanh from the table; docs/NUMERICS.md "LSTM". S8:
//           int32 accumulators modulo 2^32. S16: int64 accumulators. F32: sums in float, order
//           unspecified. F32S8: x and h quantized by their range at each step, docs/NUMERICS.md
//           "Float activations with narrower weights".
// Requires  established by Prepare: exponents as their requantization wants them, zero points in
//           their types' ranges, the scale of c a power of two in [2^-30, 2^2].
// Memory    needs the whole input; reads and writes h and c, which carry over to the next Invoke.
//           No scratch: a step's hidden state is made in the output; F32S8: I + S bytes. Output
//           must not overlap the input. Never outside the stated extents.
// Variants  portable; S8: arm_dsp, arm_v6m, arm_mve.
// Source    TFLite's reference for the quantized LSTM of TensorFlow Lite Micro.
#pragma once

#include "kernels/fixed_point.h"

namespace midge {

struct LstmShape {
  int32_t batches, steps, inputs, cells;
  bool time_major;

  // Where step t of batch b is among the B * T steps of the input and of the output.
  int32_t Step(int32_t b, int32_t t) const { return time_major ? t * batches + b : b * steps + t; }
};

// In the order of the op's operands.
enum LstmGate : int { kInputGate = 0, kForgetGate = 1, kCellGate = 2, kOutputGate = 3 };
inline constexpr int kLstmGates = 4;

struct LstmQuantizedParams {
  LstmShape shape;
  // Of W_k and of R_k.
  int32_t weights_multiplier_q31[kLstmGates], recurrent_multiplier_q31[kLstmGates];
  int8_t weights_exponent[kLstmGates], recurrent_exponent[kLstmGates];
  QuantizedMultiplier cell_multiplier;    // of g_input * g_cell, to c
  QuantizedMultiplier hidden_multiplier;  // of g_output * tanh(c), to h
  int16_t input_zero_point, hidden_zero_point;
  ClampRange cell_clip;
  int8_t cell_shift;  // c * 2^cell_shift is in Q3.12
};

struct LstmF32Params {
  LstmShape shape;
  float cell_clip;  // infinite for none
};

// Float states, int8 weights.
struct LstmF32S8Params {
  LstmShape shape;
  float cell_clip;  // infinite for none
  float weights_scale[kLstmGates], recurrent_scale[kLstmGates];
  bool asymmetric;
};

// By gate. A bias starts at any multiple of 4.
template <typename Weight, typename Bias>
struct LstmWeights {
  const Weight* weights[kLstmGates];
  const Weight* recurrent[kLstmGates];
  const Bias* bias[kLstmGates];
};

}  // namespace midge
