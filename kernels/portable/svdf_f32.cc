// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void SvdfF32(const SvdfF32Params& params, const float* input, const float* feature,
             const float* time, const float* bias, float* state, float* output) {
  const SvdfShape& shape = params.shape;
  for (int32_t b = 0; b < shape.batches; ++b, input += shape.inputs) {
    const float* w = feature;
    const float* t = time;
    for (int32_t u = 0; u < shape.units; ++u) {
      float sum = 0.f;
      for (int32_t r = 0; r < shape.rank; ++r, w += shape.inputs) {
        for (float* const last = state + shape.memory - 1; state != last; ++state) {
          *state = state[1];
          sum += *state * *t++;
        }
        *state = Dot1(input, w, shape.inputs, 0.f);
        sum += *state++ * *t++;
      }
      *output++ = ClampFloat(bias != nullptr ? sum + bias[u] : sum, params.clamp);
    }
  }
}

}  // namespace midge::portable
