// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>

#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

float Sigmoid(float x) {
  float y;
  LogisticF32({}, &x, 1, &y);
  return y;
}

}  // namespace

void UnidirectionalSequenceLstmF32(const LstmF32Params& params,
                                   const LstmWeights<float, float>& weights, const float* input,
                                   float* hidden, float* cell, float* output) {
  const LstmShape& shape = params.shape;
  const int32_t inputs = shape.inputs, cells = shape.cells;
  for (int32_t b = 0; b < shape.batches; ++b, hidden += cells, cell += cells) {
    for (int32_t t = 0; t < shape.steps; ++t) {
      const int32_t step = shape.Step(b, t);
      const float* const x = input + step * inputs;
      float* const out = output + step * cells;  // h is still needed while the next h is made
      for (int32_t s = 0; s < cells; ++s) {
        float gates[kLstmGates];
        for (int k = 0; k < kLstmGates; ++k) {
          const float sum = Dot1(x, weights.weights[k] + s * inputs, inputs, 0.f);
          gates[k] =
              Dot1(hidden, weights.recurrent[k] + s * cells, cells, sum + weights.bias[k][s]);
        }
        float c = Sigmoid(gates[kForgetGate]) * cell[s] +
                  Sigmoid(gates[kInputGate]) * std::tanh(gates[kCellGate]);
        c = ClampFloat(c, {-params.cell_clip, params.cell_clip});
        cell[s] = c;
        out[s] = Sigmoid(gates[kOutputGate]) * std::tanh(c);
      }
      std::memcpy(hidden, out, static_cast<size_t>(cells) * sizeof(float));
    }
  }
}

}  // namespace midge::portable
