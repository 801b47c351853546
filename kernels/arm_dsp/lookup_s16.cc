// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/interpolated_table.h"
#include "kernels/portable/map.h"

namespace midge::arm_dsp {

static_assert(std::is_same_v<decltype(LookupS16), decltype(portable::LookupS16)>);

// As Interpolated, both ends of a chord in one word.
void LookupS16(const int16_t* table, const int16_t* input, int32_t count, int16_t* output) {
  const int16_t* const middle = table + kInterpolatedSteps / 2;
  portable::MapUnary(input, count, output, [=](int32_t x) {
    const uint32_t ends = Load32(middle + (x >> 7));
    const uint32_t rise = (ends >> 16) - ends;  // in the lower half
    const int32_t above = Smlabb(rise, static_cast<uint32_t>(x & 0x7f), 64) >> 7;
    return static_cast<int16_t>(ends + static_cast<uint32_t>(above));
  });
}

}  // namespace midge::arm_dsp
