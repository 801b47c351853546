// SPDX-License-Identifier: Apache-2.0
#include <type_traits>
#include <utility>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/elementwise.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {

static_assert(std::is_same_v<decltype(AddS8), decltype(portable::AddS8)>);

// docs/NUMERICS.md, "ADD". Both requantizations are those of ChannelRequantizer, the zero point
// added behind the shift, so that any shift will do. Of equal scales the multiplier is 2^(30 - 31)
// with exponent 0: doubled differences and exponent -1 give the same, as nothing is left to round.
void AddS8(const AddS8Params& params, Repeat repeat, const int8_t* a, const int8_t* b,
           int32_t count, int8_t* output) {
  if (params.second_is_larger) {
    std::swap(a, b);
    repeat = Exchanged(repeat);
  }
  const int32_t doubling = params.smaller_multiplier.exponent == 0 ? 1 : 0;
  const int32_t left = 21 + doubling;
  const int32_t multiplier = params.smaller_multiplier.multiplier_q31;
  const int32_t shift = doubling - params.smaller_multiplier.exponent;
  const int32_t half = 1 << (shift - 1);
  const int32_t output_multiplier = params.output_multiplier.multiplier_q31;
  const int32_t output_shift = -params.output_multiplier.exponent;
  const int32_t output_half = 1 << (output_shift - 1);
  const int32_t output_zero_point = params.output_zero_point;
  MapBinary(repeat, a, -params.larger_zero_point, b, -params.smaller_zero_point, count, output,
            [=](int32_t larger, int32_t smaller) {
              const int32_t x = Smmlar(smaller * (1 << left), multiplier, half);
              const int32_t sum = larger * (1 << 19) + ((x + (smaller >> 31)) >> shift);
              const int32_t y = Smmlar(sum * 2, output_multiplier, output_half);
              const int32_t value = ((y + (sum >> 31)) >> output_shift) + output_zero_point;
              return static_cast<int8_t>(Ssat8(value));
            });
  if (!IsAllOfS8(params.clamp)) ClampS8(params.clamp, output, count);
}

}  // namespace midge::arm_dsp
