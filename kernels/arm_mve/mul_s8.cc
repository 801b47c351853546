// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/elementwise.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {

void MulS8(const MulS8Params& params, Repeat repeat, const int8_t* a, const int8_t* b,
           int32_t count, int8_t* output) {
  const int32_t zero_point_a = -params.zero_point_a, zero_point_b = -params.zero_point_b;
  const int32_t output_zero_point = params.output_zero_point;
  const S32x4 multiplier = SplatS32(params.multiplier.multiplier_q31);
  const S32x4 exponent = SplatS32(params.multiplier.exponent);
  MapBinary(repeat, a, b, count, output, [=](S32x4 x, S32x4 y) {
    const S32x4 product = Multiply(Add(x, zero_point_a), Add(y, zero_point_b));
    return Add(Requantize(product, multiplier, exponent), output_zero_point);
  });
  if (!IsAllOfS8(params.clamp)) ClampS8(params.clamp, output, count);
}

}  // namespace midge::arm_mve
