// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/portable/map.h"
#include "kernels/requant.h"

namespace midge::arm_v6m {
namespace {

template <typename T>
T Saturate(int32_t x) {
  const auto narrow = static_cast<T>(x);
  if (narrow == x) return narrow;
  return x < 0 ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
}

constexpr uint32_t kInfinity = 0xff;  // its exponent

// What no estimate decides: quotients next to halves, tiny scales, infinities.
[[gnu::noinline]] int32_t QuantizeExactly(uint32_t bits, float scale) {
  constexpr int32_t kMost = 1 << 24;
  if ((bits >> 23 & 0xff) == kInfinity) return bits >> 31 != 0 ? -kMost : kMost;
  return QuantizeValue(__builtin_bit_cast(float, bits), scale);
}

// floor(2^54 / divisor), divisor in [2^23, 2^24).
uint32_t Reciprocal(uint32_t divisor) {
  uint32_t rest = 1u << 23, quotient = 0;
  for (int bit = 31;; --bit) {
    if (rest >= divisor) {
      rest -= divisor;
      ++quotient;
    }
    if (bit == 0) return quotient;
    rest <<= 1;
    quotient <<= 1;
  }
}

}  // namespace

// With x = m * 2^e and scale = n * 2^f, m and n in [2^23, 2^24), the quotient is m / n * 2^(e - f).
// Of m / n in units of 2^-30 p is what the upper 16 or 32 bits of m and of 1 / n say: too little,
// and by how much at most, as the float that the quotient is rounded to, is `error`. Where p and p
// + error round to the same integer so does the quotient. 2^(e - f) of 1/4 and less gives 0, and
// from 2^9 or 2^17 on all saturate, whatever the zero point.
template <typename Out>
void QuantizeElements(const QuantizeParams& params, const float* input, int32_t count,
                      Out* output) {
  constexpr bool kIsShort = sizeof(Out) == 1;
  constexpr uint32_t kLeastToSaturate = kIsShort ? 9 : 17;
  const int32_t zero_point = params.zero_point;
  const float scale = params.scale;
  const auto scale_bits = __builtin_bit_cast(uint32_t, scale);
  const uint32_t scale_exponent = scale_bits >> 23;
  // Twice the bits of a float, which are without a sign: [first, first + range) has an estimate.
  uint32_t first = 0, range = 0;
  if (scale_exponent >= 2) {
    const uint32_t end = scale_exponent + kLeastToSaturate;
    first = (scale_exponent - 1) << 24;
    range = ((end < kInfinity ? end : kInfinity) << 24) - first;
  }
  const uint32_t reciprocal = Reciprocal((scale_bits & 0x7fffff) | 0x800000);
  const uint32_t reciprocal_high = reciprocal >> 16;
  [[maybe_unused]] const uint32_t reciprocal_low = reciprocal & 0xffff;
  for (const float* const end = input + count; input != end;) {
    const auto bits = __builtin_bit_cast(uint32_t, *input++);
    const uint32_t magnitude = bits << 1;
    int32_t rounded;
    if (magnitude - first < range) {
      const uint32_t mantissa = magnitude << 7 | 0x80000000;  // m * 2^8
      const uint32_t shift = 29 + scale_exponent - (magnitude >> 24);
      uint32_t p = (mantissa >> 16) * reciprocal_high, error;
      if constexpr (kIsShort) {
        error = p >> 13;
      } else {
        p += ((mantissa >> 16) * reciprocal_low >> 16) +
             ((mantissa & 0xffff) * reciprocal_high >> 16);
        error = 256;
      }
      const uint32_t least = ((p >> shift) + 1) >> 1;
      rounded = static_cast<int32_t>(least);
      if ((((p + error) >> shift) + 1) >> 1 != least) {
        rounded = QuantizeExactly(bits & 0x7fffffff, scale);
      }
      if (static_cast<int32_t>(bits) < 0) rounded = -rounded;
    } else if (magnitude < first) {
      rounded = 0;
    } else if (magnitude > kInfinity << 24) {
      rounded = -(1 << 24);  // no number
    } else {
      rounded = QuantizeExactly(bits, scale);
    }
    *output++ = Saturate<Out>(rounded + zero_point);
  }
}

// Requantize of d = x - zero point: the first rounding is floor((d * m + 2^(30-l)) / 2^(31-l)), l
// being the left shift. Of the dividend, which is x times a multiplier and a constant, all but the
// lower 16 bits are two products of halves. Left shifts above 14 are of the input.
template <typename In, typename Out>
void RequantizeElements(const RequantizeParams& params, const In* input, int32_t count,
                        Out* output) {
  if constexpr (!std::is_signed_v<In> || !std::is_signed_v<Out> || sizeof(In) == 4 ||
                sizeof(Out) == 4) {
    return portable::RequantizeElements(params, input, count, output);
  } else {
    constexpr int32_t kMostLeft = 14;
    const int32_t exponent = params.multiplier.exponent;
    const int32_t input_left = exponent > kMostLeft ? exponent - kMostLeft : 0;
    const int32_t shift = 15 - Clamp(exponent, 0, kMostLeft);
    const int32_t high = params.multiplier.multiplier_q31 >> 16;
    const int32_t low = params.multiplier.multiplier_q31 & 0xffff;
    const int32_t origin = -params.input_zero_point * (1 << input_left);
    const int32_t low_of_origin = origin * low;
    const int32_t rest = low_of_origin & 0xffff;
    const int32_t offset = AddWrapping(origin * high, (low_of_origin >> 16) + (1 << (shift - 1)));
    // The second rounding, of numbers below 0 from one less on: or none.
    const int32_t right = exponent < 0 ? -exponent : 0;
    const int32_t half = exponent < 0 ? 1 << (right - 1) : 0;
    const int32_t sign_mask = exponent < 0 ? -1 : 0;
    const int32_t zero_point = params.output_zero_point;
    portable::MapUnary(input, count, output, [=](int32_t x) {
      if constexpr (sizeof(In) == 1) x *= 1 << input_left;
      const int32_t y = AddWrapping(x * high + ((x * low + rest) >> 16), offset) >> shift;
      return Saturate<Out>(((y + (y >> 31 & sign_mask) + half) >> right) + zero_point);
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

}  // namespace midge::arm_v6m
