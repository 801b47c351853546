// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void FullyConnectedF32(const FullyConnectedF32Params& params, const float* input,
                       const float* filter, const float* bias, int32_t batches, float* output) {
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const auto finish = [&](float sum, int32_t u) {
    return ClampFloat(bias != nullptr ? sum + bias[u] : sum, params.clamp);
  };
  for (; batches > 0; --batches, input += depth) {
    const float* w = filter;
    int32_t u = 0;
    for (; u + kDotChannels <= units; u += kDotChannels, w += kDotChannels * depth) {
      float acc[kDotChannels] = {};
      Dot4(input, w, depth, depth, acc);
      for (int32_t k = 0; k < kDotChannels; ++k) *output++ = finish(acc[k], u + k);
    }
    for (; u < units; ++u, w += depth) *output++ = finish(Dot1(input, w, depth, 0.f), u);
  }
}

}  // namespace midge::portable
