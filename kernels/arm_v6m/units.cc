// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/units.h"

#include "kernels/arm_v6m/pairs.h"

namespace midge::arm_v6m {
namespace {

constexpr int kUnits = 4;
constexpr uint32_t kMostBias = 1u << 29;  // of units that may share a line

// Assembly code knows the order.
struct DotLoop {
  int32_t minus_zero_point;
  int32_t depth;  // at least 1
  const int8_t* x;
  const int8_t* w[kUnits];
  int32_t acc[kUnits];
};

}  // namespace

#if MIDGE_ARM_V6M_ASM

extern "C" {

// acc[k] += sum of w[k][d] * (x[d] - zero_point), modulo 2^32.
// r0 end of x, r1 to r4 ends of w, r5 index, r6 input, r7 weight; r8 to r11 acc,
// r12 -zero_point.
MIDGE_ARM_V6M_NAKED static void midge_arm_v6m_dot(DotLoop&) {
#define MIDGE_TAP            \
  "ldrsb   r6, [r0, r5]\n\t" \
  "add     r6, r6, r12\n\t"  \
  "ldrsb   r7, [r1, r5]\n\t" \
  "muls    r7, r6, r7\n\t"   \
  "add     r8, r8, r7\n\t"   \
  "ldrsb   r7, [r2, r5]\n\t" \
  "muls    r7, r6, r7\n\t"   \
  "add     r9, r9, r7\n\t"   \
  "ldrsb   r7, [r3, r5]\n\t" \
  "muls    r7, r6, r7\n\t"   \
  "add     r10, r10, r7\n\t" \
  "ldrsb   r7, [r4, r5]\n\t" \
  "muls    r7, r6, r7\n\t"   \
  "add     r11, r11, r7\n\t" \
  "adds    r5, r5, #1\n\t"
  asm volatile(
      ".syntax unified\n\t"
      "push    {r4, r5, r6, r7, lr}\n\t"
      "mov     r4, r8\n\t"
      "mov     r5, r9\n\t"
      "mov     r6, r10\n\t"
      "mov     r7, r11\n\t"
      "push    {r4, r5, r6, r7}\n\t"
      "ldmia   r0!, {r1, r2, r3, r4, r5, r6, r7}\n\t"
      "mov     r12, r1\n\t"
      "push    {r0}\n\t"
      "adds    r1, r4, r2\n\t"  // ends: w first, so that x's may replace r3
      "mov     r8, r1\n\t"
      "adds    r1, r5, r2\n\t"
      "mov     r9, r1\n\t"
      "adds    r1, r6, r2\n\t"
      "mov     r10, r1\n\t"
      "adds    r4, r7, r2\n\t"
      "adds    r1, r3, r2\n\t"
      "mov     r11, r1\n\t"
      "negs    r5, r2\n\t"
      "ldmia   r0!, {r1, r2, r3, r6}\n\t"
      "mov     r0, r11\n\t"
      "mov     r11, r6\n\t"
      "mov     r6, r8\n\t"
      "mov     r8, r1\n\t"
      "mov     r1, r6\n\t"
      "mov     r6, r9\n\t"
      "mov     r9, r2\n\t"
      "mov     r2, r6\n\t"
      "mov     r6, r10\n\t"
      "mov     r10, r3\n\t"
      "mov     r3, r6\n\t"
      // (-depth) % 8 times the 30 bytes of a tap into the loop
      "lsls    r6, r5, #29\n\t"
      "lsrs    r6, r6, #29\n\t"
      "movs    r7, #30\n\t"
      "muls    r6, r7, r6\n\t"
      "adr     r7, 1f\n\t"
      "adds    r7, r7, r6\n\t"
      "mov     pc, r7\n\t"
      ".balign 4\n"
      "1:\n\t" MIDGE_TAP MIDGE_TAP MIDGE_TAP MIDGE_TAP MIDGE_TAP MIDGE_TAP MIDGE_TAP MIDGE_TAP
      "bne     1b\n\t"
      "pop     {r0}\n\t"
      "mov     r4, r8\n\t"
      "mov     r5, r9\n\t"
      "mov     r6, r10\n\t"
      "mov     r7, r11\n\t"
      "stmia   r0!, {r4, r5, r6, r7}\n\t"
      "pop     {r4, r5, r6, r7}\n\t"
      "mov     r8, r4\n\t"
      "mov     r9, r5\n\t"
      "mov     r10, r6\n\t"
      "mov     r11, r7\n\t"
      "pop     {r4, r5, r6, r7, pc}");
#undef MIDGE_TAP
}

}  // extern "C"

#else

static void midge_arm_v6m_dot(DotLoop& loop) {
  for (int k = 0; k < kUnits; ++k) {
    for (int32_t d = 0; d < loop.depth; ++d) {
      loop.acc[k] = AddWrapping(loop.acc[k], (loop.x[d] + loop.minus_zero_point) * loop.w[k][d]);
    }
  }
}

#endif

void RunUnits(const UnitRun& run, const QuantizedOutput& output, int8_t* out) {
  DotLoop loop = {};
  loop.minus_zero_point = -run.zero_point;
  loop.depth = run.depth;
  loop.x = run.x;
  const bool shared = output.multipliers.step == 0;
  Scale scale;
  // A sum, before the bias, is below 2^16 per element.
  const bool with_line =
      shared && run.depth < 1 << 12 &&
      scale.Init(ExactScale(output, 0), kMostBias + (static_cast<uint32_t>(run.depth) << 16));
  for (int32_t u = 0; u < run.units; u += kUnits) {
    // The last units are computed twice rather than one by one.
    const int32_t last = run.units - 1;
    if (u + kUnits > run.units && u > 0) u = run.units - kUnits;
    int32_t biases[kUnits];
    for (int k = 0; k < kUnits; ++k) {
      const int32_t unit = u + k < last ? u + k : last;
      loop.w[k] = run.filter + unit * run.depth;
      biases[k] = AddWrapping(run.first, run.bias != nullptr ? run.bias[unit] : 0);
      loop.acc[k] = biases[k];
    }
    midge_arm_v6m_dot(loop);
    for (int k = 0; k < kUnits && u + k <= last; ++k) {
      if (with_line && static_cast<uint32_t>(biases[k]) + kMostBias < 2 * kMostBias) {
        out[u + k] = static_cast<int8_t>(
            scale.S8(static_cast<uint32_t>(loop.acc[k]) - static_cast<uint32_t>(scale.origin)));
      } else {
        out[u + k] = static_cast<int8_t>(ExactScale(output, u + k).S8(loop.acc[k]));
      }
    }
  }
}

}  // namespace midge::arm_v6m
