// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/elementwise.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {

// docs/NUMERICS.md, "ADD". Of equal scales the multiplier is 2^(30 - 31) with exponent 0: doubled
// differences and exponent -1 give the same, as nothing is left to round.
void AddS8(const AddS8Params& params, Repeat repeat, const int8_t* a, const int8_t* b,
           int32_t count, int8_t* output) {
  if (params.second_is_larger) {
    std::swap(a, b);
    if (repeat != Repeat::kNone) {
      repeat = repeat == Repeat::kFirst ? Repeat::kSecond : Repeat::kFirst;
    }
  }
  const QuantizedMultiplier smaller = params.smaller_multiplier;
  const int32_t doubling = smaller.exponent == 0 ? 1 : 0;
  const int32_t left = 20 + doubling, right = smaller.exponent - doubling;
  const int32_t smaller_zero_point = -params.smaller_zero_point;
  const int32_t larger_offset = params.larger_zero_point * -(1 << 19);
  const QuantizedMultiplier total = params.output_multiplier;
  const int32_t output_zero_point = params.output_zero_point;
  MapBinary(repeat, a, b, count, output, [=](S32x4 larger, S32x4 other) {
    const S32x4 difference = Shift(Add(other, smaller_zero_point), left);
    const S32x4 x = RequantizeDown(difference, smaller.multiplier_q31, right);
    const S32x4 sum = Add(Add(Shift(larger, 19), larger_offset), x);
    return Add(RequantizeDown(sum, total.multiplier_q31, total.exponent), output_zero_point);
  });
  if (!IsAllOfS8(params.clamp)) ClampS8(params.clamp, output, count);
}

}  // namespace midge::arm_mve
