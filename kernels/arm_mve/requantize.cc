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

// Of one multiplier below 1/2.
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
  const bool shared = to.multipliers.step == 0;
  if (shared && *to.multipliers.exponent < 0) return RequantizeDown(to, sums, count, out);
  const int32_t first = shared ? 0 : channel, step = shared ? 0 : 4;
  const int32_t* const multiplier_q31 = to.multipliers.multiplier_q31 + first;
  const int8_t* const exponent = to.multipliers.exponent + first;
  S32x4 lanes = shared ? SplatS32(0) : Lanes(0, 1, 2, 3);  // those of the multipliers
  const S32x4 min = SplatS32(to.clamp.min), max = SplatS32(to.clamp.max);
#if MIDGE_ARM_MVE_ASM
  S32x4 x, y, e;
  asm volatile(
      "dlstp.32     lr, %[count]\n"
      "1:\n\t"
      "vldrb.s32    %q[e], [%[exponent], %q[lanes]]\n\t"
      "vldrw.32     %q[x], [%[sums]], #16\n\t"
      "vmax.s32     %q[y], %q[e], %q[zero]\n\t"
      "vshl.s32     %q[x], %q[x], %q[y]\n\t"
      "vldrw.32     %q[y], [%[multiplier], %q[lanes], uxtw #2]\n\t"
      "vqrdmulh.s32 %q[x], %q[x], %q[y]\n\t"
      "vand         %q[y], %q[x], %q[e]\n\t"
      "vshr.s32     %q[y], %q[y], #31\n\t"
      "vadd.i32     %q[x], %q[x], %q[y]\n\t"
      "vmin.s32     %q[e], %q[e], %q[zero]\n\t"
      "vrshl.s32    %q[x], %q[x], %q[e]\n\t"
      "vadd.i32     %q[x], %q[x], %[zero_point]\n\t"
      "vmax.s32     %q[x], %q[x], %q[min]\n\t"
      "vmin.s32     %q[x], %q[x], %q[max]\n\t"
      "vstrb.32     %q[x], [%[out]], #4\n\t"
      "vadd.i32     %q[lanes], %q[lanes], %[step]\n\t"
      "letp         lr, 1b"
      : [sums] "+r"(sums), [out] "+l"(out), [x] "=&w"(x), [y] "=&w"(y), [e] "=&w"(e),
        [lanes] "+&w"(lanes)
      : [count] "r"(count), [multiplier] "r"(multiplier_q31), [exponent] "r"(exponent),
        [zero_point] "r"(to.zero_point), [step] "r"(step), [zero] "w"(SplatS32(0)), [min] "w"(min),
        [max] "w"(max)
      : "lr", "memory");
#else
  for (; count > 0; count -= 4, sums += 4, out += 4) {
    S32x4 m = SplatS32(0), e = m;
    for (int32_t k = 0; k < 4 && k < count; ++k) {
      m.lane[k] = multiplier_q31[lanes.lane[k]], e.lane[k] = exponent[lanes.lane[k]];
    }
    const S32x4 x = Add(Requantize(LoadS32(sums, count), m, e), to.zero_point);
    StoreS32AsS8(out, Min(Max(x, min), max), count);
    lanes = Add(lanes, step);
  }
#endif
}

int8_t MaxS8(const int8_t* data, int32_t count) {
  int32_t max = INT8_MIN;
#if MIDGE_ARM_MVE_ASM
  S8x16 v;
  asm("wlstp.8    lr, %[count], 2f\n"
      "1:\n\t"
      "vldrb.8    %q[v], [%[data]], #16\n\t"
      "vmaxv.s8   %[max], %q[v]\n\t"
      "letp       lr, 1b\n"
      "2:"
      : [data] "+r"(data), [max] "+r"(max), [v] "=&w"(v)
      : [count] "r"(count)
      : "lr", "memory");
#else
  for (; count > 0; --count, ++data) max = *data > max ? *data : max;
#endif
  return static_cast<int8_t>(max);
}

}  // namespace midge::arm_mve
