// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/portable/map.h"

namespace midge::arm_dsp {
namespace {

template <typename T>
int32_t Saturate(int32_t x) {
  if constexpr (std::is_same_v<T, int8_t>) return Ssat8(x);
  if constexpr (std::is_same_v<T, int16_t>) return Ssat16(x);
  return Clamp(x, 0, UINT8_MAX);  // which compilers know as USAT
}
template <typename T>
int32_t SaturateHalf(int32_t x) {
  if constexpr (std::is_same_v<T, int8_t>) return Ssat8Asr1(x);
  if constexpr (std::is_same_v<T, int16_t>) return Ssat16Asr1(x);
  return Saturate<T>(x >> 1);
}

}  // namespace

// The quotient in halves, towards zero, is all that its rounding needs: for q >= 0 floor((floor(2q)
// + 1) / 2) = floor(q + 1/2), below 0 the same of -q. The halves are saturated where zero point and
// type are far behind.
template <typename Out>
void QuantizeElements(const QuantizeParams& params, const float* input, int32_t count,
                      Out* output) {
  constexpr int32_t kLow = std::numeric_limits<Out>::min();
  const float scale = params.scale;
  const int32_t offset = 2 * params.zero_point + 1;
  const auto quantize = [=](float quotient) {
    int32_t halves;
    if constexpr (sizeof(Out) == 1) {
      halves = HalvesS16(quotient);
    } else {
      halves = Ssat19(HalvesS32(quotient));
    }
    return SaturateHalf<Out>(halves + (halves >> 31) + offset);
  };
  while (count > 0) {
    if constexpr (!kSmall) {
      for (; count >= 4; count -= 4, input += 4, output += 4) {
        const float a = input[0] / scale, b = input[1] / scale;
        const float c = input[2] / scale, d = input[3] / scale;
        const float sum = a + b + (c + d);
        if (sum != sum) break;  // one of them may be a NaN
        Store(output, quantize(a));
        Store(output + 1, quantize(b));
        Store(output + 2, quantize(c));
        Store(output + 3, quantize(d));
      }
    }
    const int32_t few = kSmall || count < 4 ? count : 4;
    for (const float* const end = input + few; input != end; ++input, ++output) {
      const float quotient = *input / scale;
      *output = static_cast<Out>(quotient == quotient ? quantize(quotient) : kLow);
    }
    count -= few;
  }
}

// As Requantizer. A left shift and the doubling are one multiplication; the zero point, or the half
// of the second rounding, is the addend of the one that rounds.
template <typename In, typename Out>
void RequantizeElements(const RequantizeParams& params, const In* input, int32_t count,
                        Out* output) {
  if constexpr (sizeof(In) == 4 || sizeof(Out) == 4) {
    return portable::RequantizeElements(params, input, count, output);
  } else {
    const int32_t multiplier = params.multiplier.multiplier_q31;
    const int32_t exponent = params.multiplier.exponent;
    const int32_t factor = 2 << (exponent > 0 ? exponent : 0);
    const int32_t offset = MultiplyWrapping(-params.input_zero_point, factor);
    const int32_t output_zero_point = params.output_zero_point;
    if (exponent >= 0) {
      return portable::MapUnary(input, count, output, [=](int32_t x) {
        const int32_t difference = AddWrapping(MultiplyWrapping(x, factor), offset);
        const int32_t y = Smmlar(difference, multiplier, output_zero_point);
        return static_cast<Out>(Saturate<Out>(y));
      });
    }
    const int32_t shift = -exponent;
    const int32_t half = 1 << (shift - 1);
    portable::MapUnary(input, count, output, [=](int32_t x) {
      const int32_t difference = 2 * x + offset;
      const int32_t y = Smmlar(difference, multiplier, half);
      const int32_t value = ((y + (difference >> 31)) >> shift) + output_zero_point;
      return static_cast<Out>(Saturate<Out>(value));
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

}  // namespace midge::arm_dsp
