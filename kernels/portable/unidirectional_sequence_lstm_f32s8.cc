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

void UnidirectionalSequenceLstmF32S8(const LstmF32S8Params& params,
                                     const LstmWeights<int8_t, float>& weights, const float* input,
                                     float* hidden, float* cell, int8_t* scratch, float* output) {
  const LstmShape& shape = params.shape;
  const int32_t inputs = shape.inputs, cells = shape.cells;
  int8_t* const x = scratch;
  int8_t* const h = scratch + inputs;
  for (int32_t b = 0; b < shape.batches; ++b, hidden += cells, cell += cells) {
    for (int32_t t = 0; t < shape.steps; ++t) {
      const int32_t step = shape.Step(b, t);
      const DynamicRange of_x =
          QuantizeDynamic(params.asymmetric, input + step * inputs, inputs, x);
      const DynamicRange of_h = QuantizeDynamic(params.asymmetric, hidden, cells, h);
      for (int32_t s = 0; s < cells; ++s) {
        float gates[kLstmGates];
        for (int k = 0; k < kLstmGates; ++k) {
          const int32_t from_x =
              Dot1(x, of_x.zero_point, weights.weights[k] + s * inputs, inputs, 0);
          const int32_t from_h =
              Dot1(h, of_h.zero_point, weights.recurrent[k] + s * cells, cells, 0);
          gates[k] = weights.bias[k][s] +
                     static_cast<float>(from_x) * (of_x.scale * params.weights_scale[k]) +
                     static_cast<float>(from_h) * (of_h.scale * params.recurrent_scale[k]);
        }
        const float c = ClampFloat(Sigmoid(gates[kForgetGate]) * cell[s] +
                                       Sigmoid(gates[kInputGate]) * std::tanh(gates[kCellGate]),
                                   {-params.cell_clip, params.cell_clip});
        cell[s] = c;
        hidden[s] = Sigmoid(gates[kOutputGate]) * std::tanh(c);
      }
      std::memcpy(output + step * cells, hidden, static_cast<size_t>(cells) * sizeof(float));
    }
  }
}

}  // namespace midge::portable
