// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/quads_s16.h"

#include <cstddef>

#include "kernels/arm_v6m/asm.h"
#include "kernels/fixed_point.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kUnrolled = 8;      // inputs
constexpr uint32_t kInputBytes = 22;  // of code to an input
constexpr int32_t kQuadBytes = kQuad * static_cast<int32_t>(sizeof(int32_t));

}  // namespace

void QuadLoop::SetRun(int32_t run, int32_t row) {
  entry = (0u - static_cast<uint32_t>(run)) % kUnrolled * kInputBytes;
  run_bytes = run * kQuadBytes;
  gap = row * kQuadBytes - run_bytes;
}

#if MIDGE_ARM_V6M_ASM

static_assert(offsetof(QuadLoop, rows) == 0 && offsetof(QuadLoop, rows_end) == 4 &&
              offsetof(QuadLoop, w) == 8 && offsetof(QuadLoop, entry) == 12 &&
              offsetof(QuadLoop, run_bytes) == 16 && offsetof(QuadLoop, gap) == 20 &&
              offsetof(QuadLoop, first) == 24 && offsetof(QuadLoop, step) == 28 &&
              offsetof(QuadLoop, sums) == 32 && offsetof(QuadLoop, sums_end) == 36);

namespace {

// r0 x, r1 w, r2 an input, r3 to r6 its weights, r7 0; r8 to r11 sums, r12 end of the run's
// weights, lr the place in the loop where runs enter it; on the stack: row, first, sums, loop.
MIDGE_ARM_V6M_NAKED void Run(const QuadLoop&) {
#define MIDGE_INPUT                   \
  "ldmia   r1!, {r3, r4, r5, r6}\n\t" \
  "ldrsh   r2, [r0, r7]\n\t"          \
  "adds    r0, r0, #2\n\t"            \
  "muls    r3, r2, r3\n\t"            \
  "add     r8, r8, r3\n\t"            \
  "muls    r4, r2, r4\n\t"            \
  "add     r9, r9, r4\n\t"            \
  "muls    r5, r2, r5\n\t"            \
  "add     r10, r10, r5\n\t"          \
  "muls    r6, r2, r6\n\t"            \
  "add     r11, r11, r6\n\t"
  asm volatile(
      ".syntax unified\n\t"
      "push    {r4, r5, r6, r7, lr}\n\t"
      "mov     r4, r8\n\t"
      "mov     r5, r9\n\t"
      "mov     r6, r10\n\t"
      "mov     r7, r11\n\t"
      "push    {r4, r5, r6, r7}\n\t"
      "ldr     r4, [r0, #24]\n\t"
      "ldr     r5, [r0, #32]\n\t"
      "push    {r4, r5}\n\t"
      "adr     r4, 3f\n\t"
      "ldr     r5, [r0, #12]\n\t"
      "adds    r4, r4, r5\n\t"
      "mov     lr, r4\n"
      "1:\n\t"
      "movs    r7, #0\n\t"
      "mov     r8, r7\n\t"
      "mov     r9, r7\n\t"
      "mov     r10, r7\n\t"
      "mov     r11, r7\n\t"
      "ldr     r3, [r0]\n\t"
      "ldr     r1, [r0, #8]\n\t"
      "push    {r0, r3}\n"
      "2:\n\t"
      "ldr     r4, [sp, #0]\n\t"
      "ldr     r4, [r4, #16]\n\t"
      "adds    r4, r4, r1\n\t"
      "mov     r12, r4\n\t"
      "ldr     r3, [sp, #4]\n\t"
      "ldmia   r3!, {r0}\n\t"
      "str     r3, [sp, #4]\n\t"
      "ldr     r3, [sp, #8]\n\t"
      "adds    r0, r0, r3\n\t"
      "mov     pc, lr\n\t"
      ".balign 4\n"
      "3:\n\t" MIDGE_INPUT MIDGE_INPUT MIDGE_INPUT MIDGE_INPUT MIDGE_INPUT MIDGE_INPUT MIDGE_INPUT
          MIDGE_INPUT
      "cmp     r1, r12\n\t"
      "bne     3b\n\t"
      "ldr     r0, [sp, #0]\n\t"
      "ldr     r3, [r0, #20]\n\t"
      "adds    r1, r1, r3\n\t"
      "ldr     r3, [sp, #4]\n\t"
      "ldr     r4, [r0, #4]\n\t"
      "cmp     r3, r4\n\t"
      "bne     2b\n\t"
      "add     sp, #8\n\t"
      "pop     {r1, r2}\n\t"
      "mov     r3, r8\n\t"
      "mov     r4, r9\n\t"
      "mov     r5, r10\n\t"
      "mov     r6, r11\n\t"
      "stmia   r2!, {r3, r4, r5, r6}\n\t"
      "ldr     r3, [r0, #28]\n\t"
      "adds    r1, r1, r3\n\t"
      "push    {r1, r2}\n\t"
      "ldr     r3, [r0, #36]\n\t"
      "cmp     r2, r3\n\t"
      "beq     4f\n\t"
      "b       1b\n"
      "4:\n\t"
      "add     sp, #8\n\t"
      "pop     {r4, r5, r6, r7}\n\t"
      "mov     r8, r4\n\t"
      "mov     r9, r5\n\t"
      "mov     r10, r6\n\t"
      "mov     r11, r7\n\t"
      "pop     {r4, r5, r6, r7, pc}");
#undef MIDGE_INPUT
}

}  // namespace

#else

namespace {

void Run(const QuadLoop& loop) {
  const int32_t run = loop.run_bytes / kQuadBytes;
  int32_t first = loop.first / static_cast<int32_t>(sizeof(int16_t));
  for (int32_t* sums = loop.sums; sums != loop.sums_end; sums += kQuad) {
    for (int32_t k = 0; k < kQuad; ++k) sums[k] = 0;
    const int32_t* w = loop.w;
    for (const int16_t* const* row = loop.rows; row != loop.rows_end; ++row) {
      for (int32_t i = 0; i < run; ++i, w += kQuad) {
        for (int32_t k = 0; k < kQuad; ++k) {
          sums[k] = AddWrapping(sums[k], (*row)[first + i] * w[k]);
        }
      }
      w += loop.gap / static_cast<int32_t>(sizeof *w);
    }
    first += loop.step / static_cast<int32_t>(sizeof(int16_t));
  }
}

}  // namespace

#endif

void RunQuads(const QuadLoop& loop) { Run(loop); }

}  // namespace midge::arm_v6m
