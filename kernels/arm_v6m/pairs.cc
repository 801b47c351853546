// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/pairs.h"

namespace midge::arm_v6m {

int32_t SubtractPairs(const uint32_t* x, const uint32_t* w, int32_t count, int32_t acc) {
  uint32_t sum = static_cast<uint32_t>(acc);
  for (int32_t i = 0; i < count; ++i) {
    const uint32_t product = w[i] * x[i];
    sum += static_cast<uint32_t>(static_cast<int32_t>(product) >> 16) + (product >> 15 & 1);
  }
  return static_cast<int32_t>(sum);
}

int32_t PackWeights(const int8_t* w, int32_t step, int32_t count, uint32_t* words) {
  int32_t sum = 0;
  const auto next = [&] {
    const int32_t element = *w;
    w += step;
    sum += element;
    return element;
  };
  int32_t quads = count / 4;
#if MIDGE_ARM_V6M_ASM
  if (quads > 0) {
    // The odd elements' address; the offset of both.
    const int8_t* odd = w + step;
    int32_t offset = 0, c;
    const int32_t end = quads * 4 * step;
    asm volatile(
        ".syntax unified\n"
        "1:\n\t"
        "ldrsb   r4, [%[w], %[offset]]\n\t"
        "ldrsb   r5, [%[odd], %[offset]]\n\t"
        "adds    %[sum], %[sum], r4\n\t"
        "adds    %[sum], %[sum], r5\n\t"
        "lsls    r5, r5, #16\n\t"
        "subs    r4, r4, r5\n\t"
        "add     %[offset], %[offset], %[step]\n\t"
        "ldrsb   r5, [%[w], %[offset]]\n\t"
        "ldrsb   %[c], [%[odd], %[offset]]\n\t"
        "adds    %[sum], %[sum], r5\n\t"
        "adds    %[sum], %[sum], %[c]\n\t"
        "lsls    %[c], %[c], #16\n\t"
        "subs    r5, r5, %[c]\n\t"
        "add     %[offset], %[offset], %[step]\n\t"
        "stmia   %[words]!, {r4, r5}\n\t"
        "cmp     %[offset], %[end]\n\t"
        "bne     1b"
        : [offset] "+l"(offset), [sum] "+l"(sum), [words] "+l"(words), [c] "=&l"(c)
        : [w] "l"(w), [odd] "l"(odd), [step] "h"(2 * step), [end] "h"(end)
        : "r4", "r5", "cc", "memory");
    w += end;
  }
#else
  for (; quads > 0; --quads) {
    for (int half = 0; half < 2; ++half) {
      const int32_t w0 = next(), w1 = next();
      *words++ = static_cast<uint32_t>(w0) - (static_cast<uint32_t>(w1) << 16);
    }
  }
#endif
  if (count % 4 != 0) {
    const int32_t w0 = next();
    const int32_t w1 = count % 4 > 1 ? next() : 0;
    const int32_t w2 = count % 4 > 2 ? next() : 0;
    *words++ = static_cast<uint32_t>(w0) - (static_cast<uint32_t>(w1) << 16);
    *words++ = static_cast<uint32_t>(w2);
  }
  return sum;
}

void PackInputs(const int8_t* x, int32_t count, uint32_t* words) {
  int32_t quads = count / 4;
#if MIDGE_ARM_V6M_ASM
  if (quads > 0) {
    const int8_t* odd = x + 1;
    int32_t offset = 0, c;
    asm volatile(
        ".syntax unified\n"
        "1:\n\t"
        "ldrsb   r4, [%[x], %[offset]]\n\t"
        "ldrsb   r5, [%[odd], %[offset]]\n\t"
        "lsls    r4, r4, #16\n\t"
        "subs    r4, r5, r4\n\t"
        "adds    %[offset], %[offset], #2\n\t"
        "ldrsb   r5, [%[x], %[offset]]\n\t"
        "ldrsb   %[c], [%[odd], %[offset]]\n\t"
        "lsls    r5, r5, #16\n\t"
        "subs    r5, %[c], r5\n\t"
        "adds    %[offset], %[offset], #2\n\t"
        "stmia   %[words]!, {r4, r5}\n\t"
        "cmp     %[offset], %[end]\n\t"
        "bne     1b"
        : [offset] "+l"(offset), [words] "+l"(words), [c] "=&l"(c)
        : [x] "l"(x), [odd] "l"(odd), [end] "l"(quads * 4)
        : "r4", "r5", "cc", "memory");
    x += quads * 4;
  }
#else
  for (; quads > 0; --quads, x += 4) {
    *words++ = PairOfInputs(x[0], x[1]);
    *words++ = PairOfInputs(x[2], x[3]);
  }
#endif
  if (count % 4 != 0) *words = PairOfInputs(x[0], x[1]);
}

void PixelLoop::SetBias(const QuantizedOutput& output, int32_t channel, int32_t channel_bias,
                        int32_t taps, int32_t zero_point, int32_t sum) {
  // |w * (x - zero_point)| is below 2^15.
  const uint32_t abs_bias = channel_bias < 0 ? 0u - static_cast<uint32_t>(channel_bias)
                                             : static_cast<uint32_t>(channel_bias);
  const uint32_t most = abs_bias < 1u << 29 && taps < 1 << 13
                            ? abs_bias + (static_cast<uint32_t>(taps) << 15)
                            : UINT32_MAX;
  with_line = scale.Init(ExactScale(output, channel), most);
  if (!with_line) scale.origin = 0;
  bias = static_cast<int32_t>(static_cast<uint32_t>(channel_bias) -
                              static_cast<uint32_t>(zero_point) * static_cast<uint32_t>(sum) -
                              static_cast<uint32_t>(scale.origin));
}

namespace {

void RunPixelsExactly(const PixelLoop& loop, int32_t pixels) {
  const uint32_t* x = loop.x;
  int8_t* out = loop.out;
  for (; pixels > 0; --pixels) {
    // The sum with its sign turned.
    const int32_t turned = SubtractPairs(x, loop.w, loop.words, 0);
    const uint32_t sum = static_cast<uint32_t>(loop.bias) - static_cast<uint32_t>(turned);
    *out = static_cast<int8_t>(loop.scale.exact.S8(static_cast<int32_t>(sum)));
    x += loop.x_step / static_cast<int32_t>(sizeof *x);
    out += loop.out_step;
  }
}

}  // namespace

#if MIDGE_ARM_V6M_ASM

static_assert(offsetof(Scale, range) == 0 && offsetof(Scale, offset) == 4 &&
              offsetof(Scale, limit) == 8 && offsetof(Scale, factor) == 12 &&
              offsetof(Scale, origin) == 16 && offsetof(Scale, exact.low) == 32 &&
              offsetof(Scale, exact.high) == 36 && offsetof(PixelLoop, bias) == 40 &&
              offsetof(PixelLoop, words) == 44 && offsetof(PixelLoop, x) == 48 &&
              offsetof(PixelLoop, w) == 52 && offsetof(PixelLoop, x_step) == 56 &&
              offsetof(PixelLoop, out) == 60 && offsetof(PixelLoop, out_step) == 64);

extern "C" {

// The output of offset_x where the line leaves it open.
[[gnu::used, gnu::noinline]] static int32_t midge_arm_v6m_exact(const PixelLoop& loop,
                                                                uint32_t offset_x) {
  return loop.scale.exact.S8(static_cast<int32_t>(offset_x) + loop.scale.origin);
}

// r0 x, r1 w, r2 the sum with its sign turned, r3 to r6 operands, r7 out;
// r8 range, r9 offset, r10 limit, r11 end of w, r12 from the end of a pixel's x to the next's, lr
// from output to output; on the stack: bias, factor, w, where a pixel enters the loop, end of out,
// low, high, loop.
MIDGE_ARM_V6M_NAKED static void midge_arm_v6m_run_pixels(const PixelLoop&,
                                                         const int8_t* /*end of out*/) {
#define MIDGE_TWO_PAIRS       \
  "ldmia   r0!, {r3, r4}\n\t" \
  "ldmia   r1!, {r5, r6}\n\t" \
  "muls    r3, r5, r3\n\t"    \
  "asrs    r3, r3, #16\n\t"   \
  "adcs    r2, r2, r3\n\t"    \
  "muls    r4, r6, r4\n\t"    \
  "asrs    r4, r4, #16\n\t"   \
  "adcs    r2, r2, r4\n\t"
  asm volatile(
      ".syntax unified\n\t"
      "push    {r4, r5, r6, r7, lr}\n\t"
      "mov     r4, r8\n\t"
      "mov     r5, r9\n\t"
      "mov     r6, r10\n\t"
      "mov     r7, r11\n\t"
      "push    {r4, r5, r6, r7}\n\t"
      "sub     sp, #36\n\t"
      "str     r0, [sp, #28]\n\t"
      "str     r1, [sp, #16]\n\t"
      "ldr     r1, [r0, #32]\n\t"
      "str     r1, [sp, #20]\n\t"  // low
      "ldr     r1, [r0, #36]\n\t"
      "str     r1, [sp, #24]\n\t"  // high
      "ldmia   r0!, {r1, r2, r3, r4}\n\t"
      "mov     r8, r1\n\t"
      "mov     r9, r2\n\t"
      "mov     r10, r3\n\t"
      "str     r4, [sp, #4]\n\t"  // factor
      "adds    r0, r0, #24\n\t"
      "ldmia   r0!, {r1, r2, r3, r4, r5, r7}\n\t"  // bias, words, x, w, x step, out
      "ldr     r6, [r0]\n\t"
      "mov     lr, r6\n\t"
      "str     r1, [sp, #0]\n\t"
      "str     r4, [sp, #8]\n\t"
      "lsls    r6, r2, #2\n\t"
      "adds    r1, r4, r6\n\t"
      "mov     r11, r1\n\t"
      "subs    r5, r5, r6\n\t"
      "mov     r12, r5\n\t"
      // (-words / 2) % 8 times the 16 bytes of two pairs into the loop
      "negs    r2, r2\n\t"
      "lsls    r2, r2, #28\n\t"
      "lsrs    r2, r2, #29\n\t"
      "lsls    r2, r2, #4\n\t"
      "adr     r1, 2f\n\t"
      "adds    r1, r1, r2\n\t"
      "str     r1, [sp, #12]\n\t"
      "movs    r0, r3\n"
      "1:\n\t"
      "ldr     r1, [sp, #8]\n\t"
      "movs    r2, #0\n\t"
      "ldr     r3, [sp, #12]\n\t"
      "mov     pc, r3\n\t"
      ".balign 4\n"
      "2:\n\t" MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS
          MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS
      "cmp     r1, r11\n\t"
      "bne     2b\n\t"
      "add     r0, r0, r12\n\t"
      "ldr     r3, [sp, #0]\n\t"
      "subs    r3, r3, r2\n\t"
      "cmp     r3, r8\n\t"
      "bhs     4f\n\t"
      "ldr     r4, [sp, #4]\n\t"
      "muls    r3, r4, r3\n\t"
      "add     r3, r3, r9\n\t"
      "lsls    r4, r3, #8\n\t"
      "cmp     r4, r10\n\t"
      "bhs     6f\n\t"
      "lsrs    r3, r3, #24\n"
      "3:\n\t"
      "strb    r3, [r7]\n\t"
      "add     r7, r7, lr\n\t"
      "ldr     r3, [sp, #16]\n\t"
      "cmp     r7, r3\n\t"
      "bne     1b\n\t"
      "add     sp, #36\n\t"
      "pop     {r4, r5, r6, r7}\n\t"
      "mov     r8, r4\n\t"
      "mov     r9, r5\n\t"
      "mov     r10, r6\n\t"
      "mov     r11, r7\n\t"
      "pop     {r4, r5, r6, r7, pc}\n"
      "4:\n\t"
      "cmp     r3, #0\n\t"
      "bge     5f\n\t"
      "ldr     r3, [sp, #20]\n\t"
      "b       3b\n"
      "5:\n\t"
      "ldr     r3, [sp, #24]\n\t"
      "b       3b\n"
      "6:\n\t"
      "movs    r5, r0\n\t"
      "mov     r4, r12\n\t"
      "mov     r6, lr\n\t"
      "ldr     r1, [sp, #0]\n\t"
      "subs    r1, r1, r2\n\t"
      "ldr     r0, [sp, #28]\n\t"
      "bl      midge_arm_v6m_exact\n\t"
      "mov     lr, r6\n\t"
      "mov     r12, r4\n\t"
      "movs    r3, r0\n\t"
      "movs    r0, r5\n\t"
      "b       3b");
#undef MIDGE_TWO_PAIRS
}

}  // extern "C"

void RunPixels(const PixelLoop& loop, int32_t pixels) {
  if (loop.with_line) {
    midge_arm_v6m_run_pixels(loop, loop.out + pixels * loop.out_step);
  } else {
    RunPixelsExactly(loop, pixels);
  }
}

#else

void RunPixels(const PixelLoop& loop, int32_t pixels) {
  if (!loop.with_line) {
    RunPixelsExactly(loop, pixels);
    return;
  }
  const uint32_t* x = loop.x;
  int8_t* out = loop.out;
  for (; pixels > 0; --pixels) {
    const int32_t turned = SubtractPairs(x, loop.w, loop.words, 0);
    const uint32_t offset_x = static_cast<uint32_t>(loop.bias) - static_cast<uint32_t>(turned);
    *out = static_cast<int8_t>(loop.scale.S8(offset_x));
    x += loop.x_step / static_cast<int32_t>(sizeof *x);
    out += loop.out_step;
  }
}

#endif

}  // namespace midge::arm_v6m
