// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {

void ClampS8(ClampRange clamp, int8_t* data, int32_t count) {
  const S8x16 min = SplatS8(clamp.min), max = SplatS8(clamp.max);
#if MIDGE_ARM_MVE_ASM
  S8x16 v;
  asm volatile(
      "wlstp.8    lr, %[count], 2f\n"
      "1:\n\t"
      "vldrb.8    %q[v], [%[data]]\n\t"
      "vmax.s8    %q[v], %q[v], %q[min]\n\t"
      "vmin.s8    %q[v], %q[v], %q[max]\n\t"
      "vstrb.8    %q[v], [%[data]], #16\n\t"
      "letp       lr, 1b\n"
      "2:"
      : [data] "+r"(data), [v] "=&w"(v)
      : [min] "w"(min), [max] "w"(max), [count] "r"(count)
      : "lr", "memory");
#else
  for (; count > 0; count -= 16, data += 16) {
    StoreS8(data, Min(Max(LoadS8(data, count), min), max), count);
  }
#endif
}

int8_t MinS8(const int8_t* data, int32_t count) {
  S8x16 min = SplatS8(INT8_MAX);
  for (; count >= 16; count -= 16, data += 16) min = Min(min, LoadS8(data));
  for (; count > 0; --count, ++data) min = Min(min, SplatS8(*data));
  return LeastOf(min);
}

int8_t MaxS8(const int8_t* data, int32_t count) {
  S8x16 max = SplatS8(INT8_MIN);
  for (; count >= 16; count -= 16, data += 16) max = Max(max, LoadS8(data));
  for (; count > 0; --count, ++data) max = Max(max, SplatS8(*data));
  return LargestOf(max);
}

}  // namespace midge::arm_mve
