// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/pairs.h"

namespace midge::arm_v6m {

int32_t PackWeights(const int8_t* w, int32_t count, uint32_t* words) {
  int32_t sum = 0;
  const auto next = [&] {
    const int32_t element = *w++;
    sum += element;
    return element;
  };
  int32_t quads = count / 4;
#if MIDGE_ARM_V6M_ASM
  if (quads > 0) {
    // The odd elements' address; the offset of both.
    const int8_t* odd = w + 1;
    int32_t offset = 0, c;
    const int32_t end = quads * 4;
    asm volatile(
        ".syntax unified\n"
        "1:\n\t"
        "ldrsb   r4, [%[w], %[offset]]\n\t"
        "ldrsb   r5, [%[odd], %[offset]]\n\t"
        "adds    %[sum], %[sum], r4\n\t"
        "adds    %[sum], %[sum], r5\n\t"
        "lsls    r5, r5, #16\n\t"
        "subs    r4, r4, r5\n\t"
        "adds    %[offset], %[offset], #2\n\t"
        "ldrsb   r5, [%[w], %[offset]]\n\t"
        "ldrsb   %[c], [%[odd], %[offset]]\n\t"
        "adds    %[sum], %[sum], r5\n\t"
        "adds    %[sum], %[sum], %[c]\n\t"
        "lsls    %[c], %[c], #16\n\t"
        "subs    r5, r5, %[c]\n\t"
        "adds    %[offset], %[offset], #2\n\t"
        "stmia   %[words]!, {r4, r5}\n\t"
        "cmp     %[offset], %[end]\n\t"
        "bne     1b"
        : [offset] "+l"(offset), [sum] "+l"(sum), [words] "+l"(words), [c] "=&l"(c)
        : [w] "l"(w), [odd] "l"(odd), [end] "h"(end)
        : "r4", "r5", "cc", "memory");
    w += end;
  }
#else
  for (; quads > 0; --quads) {
    for (int half = 0; half < 2; ++half) {
      const int32_t w0 = next(), w1 = next();
      *words++ = PairOfWeights(w0, w1);
    }
  }
#endif
  if (count % 4 != 0) {
    const int32_t w0 = next();
    const int32_t w1 = count % 4 > 1 ? next() : 0;
    const int32_t w2 = count % 4 > 2 ? next() : 0;
    *words++ = PairOfWeights(w0, w1);
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

void PixelLoop::SetTaps(const uint32_t* weights, int32_t words, int32_t x_step) {
  w = weights;
  w_end = weights + words;
  entry = (0u - static_cast<uint32_t>(words)) % 16 * 8;
  x_gap = x_step - words * static_cast<int32_t>(sizeof(uint32_t));
}

void PixelLoop::SetChannel(int32_t channel, int32_t channel_bias, int32_t zero_point, int32_t sum) {
  scale.SetChannel(*output, channel);
  bias = static_cast<int32_t>(static_cast<uint32_t>(channel_bias) -
                              static_cast<uint32_t>(zero_point) * static_cast<uint32_t>(sum) -
                              static_cast<uint32_t>(scale.origin));
}

void FillPixels(const PixelLoop& loop, int8_t* out, int32_t pixels) {
  const QuantizedOutput& output = *loop.output;
  const int32_t value = Clamp(output.zero_point, output.clamp.min, output.clamp.max);
  for (; pixels > 0; --pixels, out += loop.out_step) *out = static_cast<int8_t>(value);
}

uint32_t MostOfChannel(int32_t bias, const int8_t* w, int32_t step, int32_t count) {
  if (bias >= 1 << 29 || bias <= -(1 << 29) || count > 1 << 14) return UINT32_MAX;
  int32_t sum = 0;
  for (; count > 0; --count, w += step) sum += *w < 0 ? -*w : *w;
  return static_cast<uint32_t>((bias < 0 ? -bias : bias) + sum * 255);
}

#if MIDGE_ARM_V6M_ASM

static_assert(offsetof(PixelLoop, bias) == 0 && offsetof(PixelLoop, w) == 4 &&
              offsetof(PixelLoop, entry) == 8 && offsetof(PixelLoop, end) == 12 &&
              offsetof(PixelLoop, scale.origin) == 16 && offsetof(PixelLoop, scale.low) == 20 &&
              offsetof(PixelLoop, scale.high) == 24 && offsetof(PixelLoop, scale.factor) == 28 &&
              offsetof(PixelLoop, scale.last) == 32 && offsetof(PixelLoop, scale.offset) == 36 &&
              offsetof(PixelLoop, scale.limit) == 40 && offsetof(PixelLoop, w_end) == 56 &&
              offsetof(PixelLoop, x_gap) == 60 && offsetof(PixelLoop, out_step) == 64 &&
              offsetof(PixelLoop, x) == 68 && offsetof(PixelLoop, out) == 72);

extern "C" {

// The output of offset_x where the line leaves it open.
[[gnu::used, gnu::noinline]] static int32_t midge_arm_v6m_exact(const PixelLoop& loop,
                                                                int32_t offset_x) {
  return ExactS8(*loop.output, loop.scale.channel, AddWrapping(offset_x, loop.scale.origin));
}

// r0 x, r1 w, r2 the sum with its sign turned, r3 to r6 operands, r7 out;
// r8 last, r9 offset, r10 limit, r11 end of w, r12 x gap, lr out step; on the stack: origin, low,
// high, factor, bias, w, the place in the loop where pixels enter it, end of out, loop.
MIDGE_ARM_V6M_NAKED static void midge_arm_v6m_run_pixels(const PixelLoop&) {
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
      "push    {r0}\n\t"
      "ldmia   r0!, {r1, r2, r3, r4}\n\t"
      "adr     r5, 2f\n\t"
      "adds    r3, r3, r5\n\t"
      "push    {r1, r2, r3, r4}\n\t"
      "ldmia   r0!, {r1, r2, r3, r4}\n\t"
      "push    {r1, r2, r3, r4}\n\t"
      "ldmia   r0!, {r1, r2, r3}\n\t"
      "adds    r0, r0, #12\n\t"
      "mov     r8, r1\n\t"
      "mov     r9, r2\n\t"
      "mov     r10, r3\n\t"
      "ldmia   r0!, {r1, r2, r3, r4, r7}\n\t"
      "mov     r11, r1\n\t"
      "mov     r12, r2\n\t"
      "mov     lr, r3\n\t"
      "movs    r0, r4\n"
      "1:\n\t"
      "ldr     r1, [sp, #20]\n\t"
      "movs    r2, #0\n\t"
      "ldr     r3, [sp, #24]\n\t"
      "mov     pc, r3\n\t"
      ".balign 4\n"
      "2:\n\t" MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS
          MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS MIDGE_TWO_PAIRS
      "cmp     r1, r11\n\t"
      "bne     2b\n\t"
      "add     r0, r0, r12\n\t"
      "ldr     r3, [sp, #16]\n\t"
      "subs    r3, r3, r2\n\t"
      "cmp     r3, r8\n\t"
      "bhi     4f\n\t"
      "ldr     r4, [sp, #12]\n\t"
      "muls    r3, r4, r3\n\t"
      "add     r3, r3, r9\n\t"
      "lsls    r4, r3, #8\n\t"
      "cmp     r4, r10\n\t"
      "bhs     6f\n\t"
      "lsrs    r3, r3, #24\n"
      "3:\n\t"
      "strb    r3, [r7]\n\t"
      "add     r7, r7, lr\n\t"
      "ldr     r3, [sp, #28]\n\t"
      "cmp     r7, r3\n\t"
      "bne     1b\n\t"
      "add     sp, #36\n\t"
      "pop     {r4, r5, r6, r7}\n\t"
      "mov     r8, r4\n\t"
      "mov     r9, r5\n\t"
      "mov     r10, r6\n\t"
      "mov     r11, r7\n\t"
      "pop     {r4, r5, r6, r7, pc}\n"
      "4:\n\t"  // by the accumulator's sign
      "ldr     r4, [sp, #0]\n\t"
      "adds    r4, r4, r3\n\t"
      "bpl     5f\n\t"
      "ldr     r3, [sp, #4]\n\t"
      "b       3b\n"
      "5:\n\t"
      "ldr     r3, [sp, #8]\n\t"
      "b       3b\n"
      "6:\n\t"
      "movs    r5, r0\n\t"
      "mov     r4, r12\n\t"
      "mov     r6, lr\n\t"
      "ldr     r1, [sp, #16]\n\t"
      "subs    r1, r1, r2\n\t"
      "ldr     r0, [sp, #32]\n\t"
      "bl      midge_arm_v6m_exact\n\t"
      "mov     lr, r6\n\t"
      "mov     r12, r4\n\t"
      "movs    r3, r0\n\t"
      "movs    r0, r5\n\t"
      "b       3b");
#undef MIDGE_TWO_PAIRS
}

}  // extern "C"

#else

namespace {

void midge_arm_v6m_run_pixels(const PixelLoop& loop) {
  const uint32_t* x = loop.x;
  for (int8_t* out = loop.out; out != loop.end; out += loop.out_step) {
    uint32_t turned = 0;
    for (const uint32_t* w = loop.w; w != loop.w_end; ++w, ++x) {
      const uint32_t product = *w * *x;
      turned += static_cast<uint32_t>(static_cast<int32_t>(product) >> 16) + (product >> 15 & 1);
    }
    x += loop.x_gap / static_cast<int32_t>(sizeof *x);
    *out =
        static_cast<int8_t>(loop.scale.S8(*loop.output, static_cast<uint32_t>(loop.bias) - turned));
  }
}

}  // namespace

#endif

void RunPixels(PixelLoop& loop, int8_t* out, int32_t pixels) {
  loop.out = out;
  loop.end = out + pixels * loop.out_step;
  midge_arm_v6m_run_pixels(loop);
}

}  // namespace midge::arm_v6m
