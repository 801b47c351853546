// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {

void ClampS8(ClampRange clamp, int8_t* data, int32_t count) {
  const uint32_t min = Splat8(clamp.min), max = Splat8(clamp.max);
  for (; count >= 4; count -= 4, data += 4) {
    Store32(data, Min4S8(Max4S8(Load32(data), min), max));
  }
  for (; count > 0; --count, ++data) {
    *data = static_cast<int8_t>(Clamp(*data, clamp.min, clamp.max));
  }
}

}  // namespace midge::arm_dsp
