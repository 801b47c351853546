// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/helium.h"
#include "kernels/interpolated_table.h"

namespace midge::arm_mve {

void LookupS8(const int8_t* table, const int8_t* input, int32_t count, int8_t* output) {
#if MIDGE_ARM_MVE_ASM
  S8x16 v, w;
  asm volatile(
      "wlstp.8    lr, %[count], 2f\n"
      "1:\n\t"
      "vldrb.8    %q[v], [%[input]], #16\n\t"
      "vldrb.u8   %q[w], [%[table], %q[v]]\n\t"
      "vstrb.8    %q[w], [%[output]], #16\n\t"
      "letp       lr, 1b\n"
      "2:"
      : [input] "+r"(input), [output] "+r"(output), [v] "=&w"(v), [w] "=&w"(w)
      : [table] "r"(table), [count] "r"(count)
      : "lr", "memory");
#else
  for (; count > 0; --count) *output++ = table[static_cast<uint8_t>(*input++)];
#endif
}

// As Interpolated: (rise * below + 64) >> 7 is VQRDMULH of the rise and below * 2^8.
void LookupS16(const int16_t* table, const int16_t* input, int32_t count, int16_t* output) {
#if MIDGE_ARM_MVE_ASM
  S8x16 x, y, low, high;
  asm volatile(
      "wlstp.16     lr, %[count], 2f\n"
      "1:\n\t"
      "vldrh.16     %q[x], [%[input]], #16\n\t"
      "vshr.s16     %q[high], %q[x], #7\n\t"
      "vadd.i16     %q[high], %q[high], %[middle]\n\t"
      "vldrh.u16    %q[low], [%[table], %q[high], uxtw #1]\n\t"
      "vadd.i16     %q[high], %q[high], %[one]\n\t"
      "vshl.i16     %q[x], %q[x], #8\n\t"
      "vbic.i16     %q[x], #0x8000\n\t"
      "vldrh.u16    %q[y], [%[table], %q[high], uxtw #1]\n\t"
      "vsub.i16     %q[y], %q[y], %q[low]\n\t"
      "vqrdmulh.s16 %q[y], %q[y], %q[x]\n\t"
      "vadd.i16     %q[y], %q[y], %q[low]\n\t"
      "vstrh.16     %q[y], [%[output]], #16\n\t"
      "letp         lr, 1b\n"
      "2:"
      : [input] "+r"(input), [output] "+r"(output), [x] "=&w"(x), [y] "=&w"(y), [low] "=&w"(low),
        [high] "=&w"(high)
      : [table] "r"(table), [middle] "r"(kInterpolatedSteps / 2), [one] "r"(1), [count] "r"(count)
      : "lr", "memory");
#else
  for (; count > 0; --count) *output++ = static_cast<int16_t>(Interpolated(table, *input++));
#endif
}

}  // namespace midge::arm_mve
