// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/channel_groups.h"
#include "kernels/arm_dsp/dot_f32.h"

namespace midge::arm_dsp {

static_assert(std::is_same_v<decltype(FullyConnectedF32), decltype(portable::FullyConnectedF32)>);

void FullyConnectedF32(const FullyConnectedF32Params& params, const float* input,
                       const float* filter, const float* bias, int32_t batches, float* output) {
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const int32_t size = GroupSize(units);
  for (int32_t b = 0; b < batches; ++b, input += depth, output += units) {
    for (int32_t u = 0; u < units; u = NextGroup(u, units)) {
      float sums[kGroup] = {};
      const float* const w = filter + u * depth;
      if (size == kGroup) {
        AddProducts4(input, w, depth, depth, sums);
      } else {
        for (int32_t k = 0; k < size; ++k) {
          sums[k] = AddProducts1(input, w + k * depth, depth, 0);
        }
      }
      for (int32_t k = 0; k < size; ++k) {
        const float sum = bias != nullptr ? sums[k] + bias[u + k] : sums[k];
        output[u + k] = ClampFloat(sum, params.clamp);
      }
    }
  }
}

}  // namespace midge::arm_dsp
