// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

template <typename In>
void DequantizeElements(const DequantizeParams& params, const In* input, int32_t count,
                        float* output) {
  const float scale = params.scale;
  const int32_t zero_point = params.zero_point;
  MapUnary(input, count, output,
           [=](int32_t q) { return scale * static_cast<float>(q - zero_point); });
}

template UnaryKernel<DequantizeParams, int8_t, float> DequantizeElements;
template UnaryKernel<DequantizeParams, int16_t, float> DequantizeElements;
template UnaryKernel<DequantizeParams, uint8_t, float> DequantizeElements;

void Float16ToFloat32Elements(const uint16_t* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](uint16_t half) { return Float16ToFloat32(half); });
}

}  // namespace midge::portable
