// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/portable/map.h"

namespace midge::arm_v6m {

// A float product of integers: the difference, moved up until its 8 or 16 bits begin with a 1,
// times the scale's 24 bits, of which 32 bits are enough to round by.
template <typename In>
void DequantizeElements(const DequantizeParams& params, const In* input, int32_t count,
                        float* output) {
  constexpr int32_t kBits = sizeof(In) * 8;
  constexpr uint32_t kInfinity = 0xff;
  const auto scale_bits = __builtin_bit_cast(uint32_t, params.scale);
  const uint32_t scale_exponent = scale_bits >> 23;
  // No product is less than the scale: none is subnormal, nor infinite.
  if (scale_exponent < 1 || scale_exponent > kInfinity - kBits - 2) {
    return portable::DequantizeElements(params, input, count, output);
  }
  const uint32_t mantissa = (scale_bits & 0x7fffff) | 0x800000;
  const uint32_t most_exponent = scale_exponent + kBits - 1;  // less the one that the mantissa adds
  const int32_t zero_point = params.zero_point;
  portable::MapUnary(input, count, output, [=](int32_t q) {
    const int32_t difference = q - zero_point;
    if (difference == 0) return 0.f;
    auto magnitude = static_cast<uint32_t>(difference < 0 ? -difference : difference);
    uint32_t exponent = most_exponent;
    const auto move_up = [&](uint32_t& x, int32_t width, int32_t by) {
      if (x >> (width - by) != 0) return;
      x <<= by;
      exponent -= static_cast<uint32_t>(by);
    };
    if constexpr (kBits == 16) move_up(magnitude, kBits, 8);
    move_up(magnitude, kBits, 4);
    move_up(magnitude, kBits, 2);
    move_up(magnitude, kBits, 1);
    uint32_t product;
    if constexpr (kBits == 8) {
      product = magnitude * mantissa;
    } else {
      // The last bit says whether there are any more.
      const uint32_t lower = (magnitude & 0xff) * mantissa;
      product = ((magnitude >> 8) * mantissa + (lower >> 8)) | ((lower & 0xff) + 0xff) >> 8;
    }
    move_up(product, 32, 1);
    uint32_t bits = (exponent << 23) + (product >> 8) + (product >> 7 & 1);
    if ((product & 0xff) == 0x80) bits &= ~1u;  // ties to even
    return __builtin_bit_cast(float, difference < 0 ? bits | 0x80000000 : bits);
  });
}

template UnaryKernel<DequantizeParams, int8_t, float> DequantizeElements;
template UnaryKernel<DequantizeParams, int16_t, float> DequantizeElements;
template UnaryKernel<DequantizeParams, uint8_t, float> DequantizeElements;

}  // namespace midge::arm_v6m
