// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "kernels/fixed_point_math.h"
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

// multiplier * a / b for differences of 17 bits at most, b != 0.
int32_t ScaledQuotient(int32_t a, int32_t b, QuantizedMultiplier multiplier) {
  if (b < 0) {
    a = -a;
    b = -b;
  }
  // 1 / b = reciprocal / 2^integer_bits, the reciprocal in Q0; a to the top of its word.
  const int32_t headroom_b = __builtin_clz(static_cast<uint32_t>(b));
  const int32_t integer_bits = 31 - headroom_b;
  const int32_t fraction =
      static_cast<int32_t>(static_cast<uint32_t>(b) << headroom_b & 0x7fffffff);
  const int32_t reciprocal = OneOverOnePlus(fraction);
  const int32_t headroom_a = __builtin_clrsb(a);
  const int32_t dividend = static_cast<int32_t>(static_cast<uint32_t>(a) << headroom_a);
  const int32_t quotient = MultiplyHighQ31(dividend, reciprocal);
  const int32_t shift = integer_bits + headroom_a - multiplier.exponent;
  if (shift > 31) return 0;
  if (shift < 0) return a < 0 ? -(1 << 30) : 1 << 30;  // or more: no output type holds it
  return RoundingShiftRight(MultiplyHighQ31(quotient, multiplier.multiplier_q31), shift);
}

}  // namespace

template <typename T>
void DivElements(const DivParams& params, Repeat repeat, const T* a, const T* b, int32_t count,
                 T* output) {
  const DivParams p = params;
  MapBinary(repeat, a, b, count, output, [=](int32_t x, int32_t y) {
    const int32_t dx = x - p.zero_point_a, dy = y - p.zero_point_b;
    int32_t value = p.output_zero_point;
    if (dy != 0) {
      value = AddWrapping(value, ScaledQuotient(dx, dy, p.multiplier));
    } else if (dx != 0) {
      value = dx < 0 ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
    }
    return static_cast<T>(Clamp(value, p.clamp.min, p.clamp.max));
  });
}
template BinaryKernel<DivParams, int8_t, int8_t> DivElements;
template BinaryKernel<DivParams, int16_t, int16_t> DivElements;

void MulS16(const MulS16Params& params, Repeat repeat, const int16_t* a, const int16_t* b,
            int32_t count, int16_t* output) {
  const QuantizedMultiplier multiplier = params.multiplier;
  const int32_t low = params.clamp.min, high = params.clamp.max;
  MapBinary(repeat, a, b, count, output, [=](int32_t x, int32_t y) {
    return static_cast<int16_t>(Clamp(Requantize(x * y, multiplier), low, high));
  });
}

template <typename T>
void PreluElements(const PreluParams& params, Repeat repeat, const T* a, const int8_t* b,
                   int32_t count, T* output) {
  const int32_t input_zero_point = params.input_zero_point;
  const int32_t slope_zero_point = params.slope_zero_point;
  const int32_t output_zero_point = params.output_zero_point;
  const Requantizer positive(params.positive), negative(params.negative);
  MapBinary(repeat, a, b, count, output, [=](int32_t x, int32_t slope) {
    const int32_t d = x - input_zero_point;
    const int32_t y = d >= 0 ? positive.Apply(d) : negative.Apply(d * (slope - slope_zero_point));
    return static_cast<T>(
        Clamp(output_zero_point + y, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  });
}
template BinaryKernel<PreluParams, int8_t, int8_t> PreluElements;
template BinaryKernel<PreluParams, int16_t, int16_t, int8_t> PreluElements;

template <typename T>
void SquaredDifferenceElements(const SquaredDifferenceParams& params, Repeat repeat, const T* a,
                               const T* b, int32_t count, T* output) {
  const int32_t zero_point_a = params.zero_point_a, zero_point_b = params.zero_point_b;
  const int32_t output_zero_point = params.output_zero_point;
  const int32_t one = 1 << params.left_shift;
  const Requantizer scale_a(params.multiplier_a), scale_b(params.multiplier_b);
  const QuantizedMultiplier output_multiplier = params.output_multiplier;
  MapBinary(repeat, a, b, count, output, [=](int32_t x, int32_t y) {
    const int32_t difference =
        scale_a.Apply((x - zero_point_a) * one) - scale_b.Apply((y - zero_point_b) * one);
    const int32_t value =
        AddWrapping(Requantize(difference * difference, output_multiplier), output_zero_point);
    return static_cast<T>(
        Clamp(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  });
}
template BinaryKernel<SquaredDifferenceParams, int8_t, int8_t> SquaredDifferenceElements;
template BinaryKernel<SquaredDifferenceParams, int16_t, int16_t> SquaredDifferenceElements;

}  // namespace midge::portable
