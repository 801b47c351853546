// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/elementwise.h"

namespace midge::arm_dsp {

template <typename In>
void DequantizeElements(const DequantizeParams& params, const In* input, int32_t count,
                        float* output) {
  const float scale = params.scale;
  const int32_t offset = -params.zero_point;
  if constexpr (!kSmall) {
    for (; count >= 4; count -= 4, input += 4, output += 4) {
      if constexpr (sizeof(In) == 1) {
        const uint32_t word = Load32(input);
        StoreScaled4(scale, SxtabLane<0>(offset, word), SxtabLane<1>(offset, word),
                     SxtabLane<2>(offset, word), SxtabLane<3>(offset, word), output);
      } else {
        const uint32_t low = Load32(input), high = Load32(input + 2);
        StoreScaled4(scale, Sxtah(offset, low), SxtahRor16(offset, low), Sxtah(offset, high),
                     SxtahRor16(offset, high), output);
      }
    }
  }
  for (; count > 0; --count) *output++ = scale * static_cast<float>(*input++ + offset);
}

template <>
void DequantizeElements(const DequantizeParams& params, const uint8_t* input, int32_t count,
                        float* output) {
  portable::DequantizeElements(params, input, count, output);
}

template UnaryKernel<DequantizeParams, int8_t, float> DequantizeElements;
template UnaryKernel<DequantizeParams, int16_t, float> DequantizeElements;

}  // namespace midge::arm_dsp
