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

namespace {

// Of one multiplier below 1/2, count at least 1.
inline void RequantizeDown(const Requantization& to, const int32_t* sums, int32_t count,
                           int8_t* out) {
  const int32_t multiplier_q31 = *to.multipliers.multiplier_q31;
  const int32_t exponent = *to.multipliers.exponent;
  const S32x4 min = SplatS32(to.clamp.min), max = SplatS32(to.clamp.max);
#if MIDGE_ARM_MVE_ASM
  S32x4 x, y;
  asm volatile(
      "dlstp.32     lr, %[count]\n"
      "1:\n\t"
      "vldrw.32     %q[x], [%[sums]], #16\n\t"
      "vqrdmulh.s32 %q[x], %q[x], %[multiplier]\n\t"
      "vshr.s32     %q[y], %q[x], #31\n\t"
      "vadd.i32     %q[x], %q[x], %q[y]\n\t"
      "vrshl.s32    %q[x], %[exponent]\n\t"
      "vadd.i32     %q[x], %q[x], %[zero_point]\n\t"
      "vmax.s32     %q[x], %q[x], %q[min]\n\t"
      "vmin.s32     %q[x], %q[x], %q[max]\n\t"
      "vstrb.32     %q[x], [%[out]], #4\n\t"
      "letp         lr, 1b"
      : [sums] "+r"(sums), [out] "+l"(out), [x] "=&w"(x), [y] "=&w"(y)
      : [count] "r"(count), [multiplier] "r"(multiplier_q31), [exponent] "r"(exponent),
        [zero_point] "r"(to.zero_point), [min] "w"(min), [max] "w"(max)
      : "lr", "memory");
#else
  for (; count > 0; count -= 4, sums += 4, out += 4) {
    const S32x4 x = RequantizeDown(LoadS32(sums, count), multiplier_q31, exponent);
    StoreS32AsS8(out, Min(Max(Add(x, to.zero_point), min), max), count);
  }
#endif
}

}  // namespace

void RequantizeS8(const Requantization& to, const int32_t* sums, int32_t channel, int32_t count,
                  int8_t* out) {
  const ChannelMultipliers& multipliers = to.multipliers;
  const bool shared = multipliers.step == 0;
  if (shared && *multipliers.exponent < 0) return RequantizeDown(to, sums, count, out);
  S32x4 m = SplatS32(*multipliers.multiplier_q31), e = SplatS32(*multipliers.exponent);
  const S32x4 min = SplatS32(to.clamp.min), max = SplatS32(to.clamp.max);
  for (; count > 0; count -= 4, sums += 4, channel += 4, out += 4) {
    if (!shared) {
      m = LoadS32(multipliers.multiplier_q31 + channel, count);
      e = LoadS8AsS32(multipliers.exponent + channel, count);
    }
    const S32x4 x = Add(Requantize(LoadS32(sums, count), m, e), to.zero_point);
    StoreS32AsS8(out, Min(Max(x, min), max), count);
  }
}

int8_t MaxS8(const int8_t* data, int32_t count) {
  S8x16 max = SplatS8(INT8_MIN);
  for (; count >= 16; count -= 16, data += 16) max = Max(max, LoadS8(data));
  for (; count > 0; --count, ++data) max = Max(max, SplatS8(*data));
  return LargestOf(max);
}

}  // namespace midge::arm_mve
