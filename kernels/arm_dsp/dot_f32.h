// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of float convolutions and fully connected layers. Sums are made in the order of
// the portable kernels, each product and each sum rounded (VMLA does not fuse), so they have the
// same bits.
#pragma once

#include <cstdint>

#include "kernels/arm_dsp/intrinsics.h"

namespace midge::arm_dsp {

// sums[k] += sum_i x[i] * w[k * w_stride + i] for k < 4, i < count; count > 0.
inline void AddProducts4(const float* x, const float* w, int32_t w_stride, int32_t count,
                         float* sums) {
  const float* w0 = w;
  const float* w1 = w0 + w_stride;
  const float* w2 = w1 + w_stride;
  const float* w3 = w2 + w_stride;
#if MIDGE_ARM_DSP_FLOAT_ASM
  // Two rows of weights at a time, so that a sum is not waited for.
#define MIDGE_TWO(a, b, x, v, w) \
  "vmla.f32 " a ", " x ", " v    \
  "\n\t"                         \
  "vmla.f32 " b ", " x ", " w "\n\t"
#define MIDGE_EIGHT(a, b)             \
  MIDGE_TWO(a, b, "s0", "s8", "s16")  \
  MIDGE_TWO(a, b, "s1", "s9", "s17")  \
  MIDGE_TWO(a, b, "s2", "s10", "s18") \
  MIDGE_TWO(a, b, "s3", "s11", "s19") \
  MIDGE_TWO(a, b, "s4", "s12", "s20") \
  MIDGE_TWO(a, b, "s5", "s13", "s21") \
  MIDGE_TWO(a, b, "s6", "s14", "s22") \
  MIDGE_TWO(a, b, "s7", "s15", "s23")
  asm volatile(
      "vldm   %[sums], {s24-s27}\n\t"
      "subs   %[n], %[n], #8\n\t"
      "blt    2f\n"
      "1:\n\t"
      "vldm   %[x]!, {s0-s7}\n\t"
      "vldm   %[w0]!, {s8-s15}\n\t"
      "vldm   %[w1]!, {s16-s23}\n\t"
      MIDGE_EIGHT("s24", "s25")
      "vldm   %[w2]!, {s8-s15}\n\t"
      "vldm   %[w3]!, {s16-s23}\n\t"
      MIDGE_EIGHT("s26", "s27")
      "subs   %[n], %[n], #8\n\t"
      "bge    1b\n"
      "2:\n\t"
      "adds   %[n], %[n], #8\n\t"
      "beq    4f\n"
      "3:\n\t"
      "vldm   %[x]!, {s0}\n\t"
      "vldm   %[w0]!, {s8}\n\t"
      "vldm   %[w1]!, {s9}\n\t"
      "vldm   %[w2]!, {s10}\n\t"
      "vldm   %[w3]!, {s11}\n\t"
      MIDGE_TWO("s24", "s25", "s0", "s8", "s9")
      MIDGE_TWO("s26", "s27", "s0", "s10", "s11")
      "subs   %[n], %[n], #1\n\t"
      "bne    3b\n"
      "4:\n\t"
      "vstm   %[sums], {s24-s27}"
      : [x] "+r"(x), [w0] "+r"(w0), [w1] "+r"(w1), [w2] "+r"(w2), [w3] "+r"(w3), [n] "+r"(count)
      : [sums] "r"(sums)
      : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13",
        "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26",
        "s27", "cc", "memory");
#undef MIDGE_EIGHT
#undef MIDGE_TWO
#else
  for (const float* const end = x + count; x != end; ++x) {
    sums[0] += *x * *w0++;
    sums[1] += *x * *w1++;
    sums[2] += *x * *w2++;
    sums[3] += *x * *w3++;
  }
#endif
}

// The same of one row of weights.
inline float AddProducts1(const float* x, const float* w, int32_t count, float sum) {
  for (; count > 0; --count) sum += *x++ * *w++;
  return sum;
}

}  // namespace midge::arm_dsp
