// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

template <typename Out>
void QuantizeElements(const QuantizeParams& params, const float* input, int32_t count,
                      Out* output) {
  const float scale = params.scale;
  const int32_t zero_point = params.zero_point;
  // Within these limits the conversion to an integer is defined; NaN becomes the lower one.
  const float low = static_cast<float>(std::numeric_limits<Out>::min() - zero_point);
  const float high = static_cast<float>(std::numeric_limits<Out>::max() - zero_point);
  MapUnary(input, count, output, [=](float x) {
    float quotient = x / scale;
    quotient = quotient > low ? quotient : low;
    quotient = quotient < high ? quotient : high;
    const int32_t whole = static_cast<int32_t>(quotient);
    const float rest = quotient - static_cast<float>(whole);
    const int32_t rounded = whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
    return static_cast<Out>(zero_point + rounded);
  });
}

template <typename In, typename Out>
void RequantizeElements(const RequantizeParams& params, const In* input, int32_t count,
                        Out* output) {
  constexpr int32_t kLow = std::numeric_limits<Out>::min();
  constexpr int32_t kHigh = std::numeric_limits<Out>::max();
  const int32_t input_zero_point = params.input_zero_point;
  const int32_t output_zero_point = params.output_zero_point;
  if constexpr (sizeof(In) < 4 && sizeof(Out) < 4) {
    const Requantizer requantizer(params.multiplier);
    MapUnary(input, count, output, [=](int32_t x) {
      const int32_t value = output_zero_point + requantizer.Apply(x - input_zero_point);
      return static_cast<Out>(Clamp(value, kLow, kHigh));
    });
  } else {
    const QuantizedMultiplier multiplier = params.multiplier;
    MapUnary(input, count, output, [=](int32_t x) {
      const uint32_t difference =
          static_cast<uint32_t>(x) - static_cast<uint32_t>(input_zero_point);
      const uint32_t scaled =
          static_cast<uint32_t>(Requantize(static_cast<int32_t>(difference), multiplier));
      const int32_t value = static_cast<int32_t>(scaled + static_cast<uint32_t>(output_zero_point));
      return static_cast<Out>(Clamp(value, kLow, kHigh));
    });
  }
}

template UnaryKernel<QuantizeParams, float, int8_t> QuantizeElements;
template UnaryKernel<QuantizeParams, float, int16_t> QuantizeElements;
template UnaryKernel<QuantizeParams, float, uint8_t> QuantizeElements;
template UnaryKernel<RequantizeParams, int8_t, int8_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int8_t, int16_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int8_t, int32_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int8_t, uint8_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int16_t, int8_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int16_t, int16_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int16_t, int32_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int32_t, int8_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int32_t, int16_t> RequantizeElements;
template UnaryKernel<RequantizeParams, uint8_t, int8_t> RequantizeElements;
template UnaryKernel<RequantizeParams, uint8_t, uint8_t> RequantizeElements;

}  // namespace midge::portable
