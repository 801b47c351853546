// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void AddS8(const AddS8Params& params, Repeat repeat, const int8_t* a, const int8_t* b,
           int32_t count, int8_t* output) {
  if (params.second_is_larger) {
    std::swap(a, b);
    if (repeat != Repeat::kNone) {
      repeat = repeat == Repeat::kFirst ? Repeat::kSecond : Repeat::kFirst;
    }
  }
  // The operand of the smaller scale: round((d * 2^20) * m / 2^31) = round(d * m / 2^11) for d = q
  // - z of nine bits takes two 32-bit multiplications, m being split at bit 11. Exponent 0 stands
  // for exactly 1/2 here: doubled, it joins the others, whose second rounding drops at least one
  // bit.
  const QuantizedMultiplier m = params.smaller_multiplier;
  const int32_t doubling = m.exponent == 0 ? 1 : 0;
  const int32_t upper = (m.multiplier_q31 >> 11) << doubling;
  const int32_t lower = m.multiplier_q31 & 0x7ff;
  const int32_t shift = doubling - m.exponent;
  const int32_t half = 1 << (shift - 1);
  const int32_t smaller_zero_point = params.smaller_zero_point;
  // The sum: Requantize with its first rounding's result in the upper word of a product, into which
  // the other operand's zero point and the half are worked beforehand.
  const int32_t output_multiplier = params.output_multiplier.multiplier_q31;
  const int64_t start =
      0x80000000LL - static_cast<int64_t>(params.larger_zero_point * (1 << 20)) * output_multiplier;
  const int32_t output_shift = -params.output_multiplier.exponent;
  const int32_t output_half = 1 << (output_shift - 1);
  const int32_t output_zero_point = params.output_zero_point;
  const int32_t low = params.clamp.min, high = params.clamp.max;
  MapBinary(repeat, a, b, count, output, [=](int32_t larger, int32_t smaller) {
    const int32_t d = smaller - smaller_zero_point;
    const int32_t x = d * upper + ((d * lower + (1 << 10)) >> 11);
    const int32_t sum = larger * (1 << 19) + ((x + (x >> 31) + half) >> shift);
    const int32_t y =
        static_cast<int32_t>((static_cast<int64_t>(sum * 2) * output_multiplier + start) >> 32);
    const int32_t value = output_zero_point + ((y + (y >> 31) + output_half) >> output_shift);
    return static_cast<int8_t>(Clamp(value, low, high));
  });
}

}  // namespace midge::portable
