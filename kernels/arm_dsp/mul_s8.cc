// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/elementwise.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {

static_assert(std::is_same_v<decltype(MulS8), decltype(portable::MulS8)>);

void MulS8(const MulS8Params& params, Repeat repeat, const int8_t* a, const int8_t* b,
           int32_t count, int8_t* output) {
  const ChannelRequantizer requantizer(
      params.multiplier.multiplier_q31, params.multiplier.exponent,
      ChannelRequantizer::BiasedZeroPoint(params.output_zero_point));
  if (!requantizer.fits()) {
    portable::MulS8(params, repeat, a, b, count, output);
    return;
  }
  MapBinary(repeat, a, -params.zero_point_a, b, -params.zero_point_b, count, output,
            [=](int32_t x, int32_t y) { return requantizer.S8(x * y); });
  if (!IsAllOfS8(params.clamp)) ClampS8(params.clamp, output, count);
}

}  // namespace midge::arm_dsp
