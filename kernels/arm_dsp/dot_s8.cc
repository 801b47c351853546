// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_dsp/dot_s8.h"

#include <cstddef>

#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/fixed_point.h"

namespace midge::arm_dsp {
namespace {

// Pairs of rows, one after the other: the next pair's.
struct PairLoop {
  const uint32_t* x;              // as WidenS8 leaves it
  int32_t stride;                 // from the first to the second row
  const uint32_t* end_of_rounds;  // two quads each, for which weights must be aligned words
  const uint32_t* end_of_quads;
  int32_t gap;         // from the end of the second row's quads to the next pair
  int32_t* sums;       // two
  const int32_t* end;  // of sums
  const int8_t* w;     // of the first row
};

// sums[u] += sum_d w[u][d] * x[d], modulo 2^32, until loop.end.
#if MIDGE_ARM_DSP_ASM

// The same as the twin below, in an order that keeps 14 registers busy and spills nothing.
[[gnu::noinline]] void RunPairs(PairLoop& loop) {
  static_assert(offsetof(PairLoop, end_of_quads) == 12 && offsetof(PairLoop, gap) == 16 &&
                offsetof(PairLoop, sums) == 20 && offsetof(PairLoop, w) == 28);
  // r0 fields, r1 inputs, r2 and r12 weights, r7 end of inputs, r8 and r9 sums
#define MIDGE_WORD(w, even, odd, sum)     \
  "sxtb16 lr, " w                         \
  ", ror #8\n\t"                          \
  "sxtb16 " w ", " w                      \
  "\n\t"                                  \
  "smlad  " sum ", " w ", " even ", " sum \
  "\n\t"                                  \
  "smlad  " sum ", lr, " odd ", " sum "\n\t"
#define MIDGE_ROW(w, sum)                                               \
  "ldrd   r10, r11, [" w "], #8\n\t" MIDGE_WORD("r10", "r3", "r4", sum) \
      MIDGE_WORD("r11", "r5", "r6", sum)
#define MIDGE_TWO_QUADS \
  "ldm    r1!, {r3, r4, r5, r6}\n\t" MIDGE_ROW("r2", "r8") MIDGE_ROW("r12", "r9")
  register PairLoop* fields asm("r0") = &loop;
  asm volatile(
      "push   {r7}\n\t"  // perhaps a frame pointer, which may not be named below
      "ldr    r4, [r0, #20]\n\t"
      "ldr    r2, [r0, #28]\n"
      "1:\n\t"
      "ldm    r0, {r1, r3, r7}\n\t"
      "add    r12, r2, r3\n\t"
      "ldrd   r8, r9, [r4]\n\t"
      "subs   r3, r7, r1\n\t"
      "beq    3f\n\t"
      "tst    r3, #16\n\t"  // an odd number of two quads
      "bne    6f\n"
      "2:\n\t" MIDGE_TWO_QUADS
      "6:\n\t" MIDGE_TWO_QUADS
      "cmp    r1, r7\n\t"
      "bne    2b\n"
      "3:\n\t"
      "ldr    r7, [r0, #12]\n\t"
      "cmp    r1, r7\n\t"
      "beq    5f\n"
      "4:\n\t"
      "ldm    r1!, {r3, r4}\n\t"
      "ldr    r10, [r2], #4\n\t"
      "ldr    r11, [r12], #4\n\t"
      MIDGE_WORD("r10", "r3", "r4", "r8")
      MIDGE_WORD("r11", "r3", "r4", "r9")
      "cmp    r1, r7\n\t"
      "bne    4b\n"
      "5:\n\t"
      "add    r3, r0, #16\n\t"
      "ldm    r3, {r3, r4, r5}\n\t"  // gap, sums, end
      "add    r2, r12, r3\n\t"
      "strd   r8, r9, [r4], #8\n\t"
      "str    r4, [r0, #20]\n\t"
      "cmp    r4, r5\n\t"
      "bne    1b\n\t"
      "str    r2, [r0, #28]\n\t"
      "pop    {r7}"
      : "+r"(fields)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
#undef MIDGE_TWO_QUADS
#undef MIDGE_ROW
#undef MIDGE_WORD
}

#else

void RunPairs(PairLoop& loop) {
  for (; loop.sums != loop.end; loop.sums += 2) {
    const int8_t* w0 = loop.w;
    const int8_t* w1 = w0 + loop.stride;
    for (const uint32_t* x = loop.x; x != loop.end_of_quads; x += 2, w0 += 4, w1 += 4) {
      const uint32_t a = Load32(w0), b = Load32(w1);
      loop.sums[0] = Smlad(Sxtb16Ror8(a), x[1], Smlad(Sxtb16(a), x[0], loop.sums[0]));
      loop.sums[1] = Smlad(Sxtb16Ror8(b), x[1], Smlad(Sxtb16(b), x[0], loop.sums[1]));
    }
    loop.w = w1 + loop.gap;
  }
}

#endif

}  // namespace

void WidenQuads(const int8_t* x, int32_t quads, uint32_t offset, uint32_t* wide,
                int32_t quad_words) {
#if MIDGE_ARM_DSP_ASM
#define MIDGE_WIDEN(next)                         \
  "ldr     %[odd], [%[x]], #4\n\t"                \
  "sxtab16 %[even], %[offset], %[odd]\n\t"        \
  "sxtab16 %[odd], %[offset], %[odd], ror #8\n\t" \
  "strd    %[even], %[odd], [%[wide]]" next "\n\t"
#define MIDGE_WIDEN_ALL(next) \
  asm volatile(                                            \
      "lsrs    %[n], %[n], #1\n\t"                         \
      "bcc     1f\n\t" MIDGE_WIDEN(next)                   \
      "1:\n\t"                                             \
      "cbz     %[n], 3f\n"                                 \
      "2:\n\t" MIDGE_WIDEN(next) MIDGE_WIDEN(next)         \
      "subs    %[n], %[n], #1\n\t"                         \
      "bne     2b\n"                                       \
      "3:"                                                 \
      : [x] "+r"(x), [wide] "+r"(wide), [n] "+l"(quads), [even] "=&r"(even), [odd] "=&r"(odd) \
      : [offset] "r"(offset), [step] "r"(quad_words)       \
      : "cc", "memory")
  uint32_t even, odd;
  if (quad_words == 8) {  // columns of four pixels
    MIDGE_WIDEN_ALL(", #32");
  } else {
    MIDGE_WIDEN_ALL("\n\tadd     %[wide], %[wide], %[step], lsl #2");
  }
#undef MIDGE_WIDEN_ALL
#undef MIDGE_WIDEN
#else
  for (; quads > 0; --quads, x += 4, wide += quad_words) {
    const uint32_t word = Load32(x);
    wide[0] = Sxtab16(offset, word);
    wide[1] = Sxtab16Ror8(offset, word);
  }
#endif
}

void WidenS8(const int8_t* x, int32_t count, int32_t zero_point, uint32_t* wide) {
  WidenQuads(x, count / 4, Splat16(-zero_point), wide, 2);
}

void AddWideProducts(const int8_t* x, int32_t zero_point, const uint32_t* wide, int32_t count,
                     const int8_t* w, int32_t w_stride, int32_t rows, int32_t* sums) {
  const int32_t quads = count / 4;
  const bool aligned =
      ((reinterpret_cast<uintptr_t>(w) | static_cast<uintptr_t>(w_stride)) & 3) == 0;
  PairLoop loop = {wide,
                   w_stride,
                   wide + (aligned ? (quads & ~1) * 2 : 0),
                   wide + quads * 2,
                   w_stride - quads * 4,
                   sums,
                   sums + (rows & ~1),
                   w};
  if (rows > 1) RunPairs(loop);
  if (rows % 2 != 0) {
    // The last row twice.
    int32_t pair[2] = {sums[rows - 1]};
    loop.sums = pair;
    loop.end = pair + 2;
    loop.stride = 0;
    RunPairs(loop);
    sums[rows - 1] = pair[0];
  }
  // A word of weights would reach beyond the row.
  for (int32_t d = quads * 4; d < count; ++d) {
    const int32_t v = x[d] - zero_point;
    for (int32_t k = 0; k < rows; ++k) sums[k] = AddWrapping(sums[k], w[k * w_stride + d] * v);
  }
}

void AddProducts(const int8_t* x, int32_t zero_point, int32_t count, const int8_t* w,
                 int32_t w_stride, int32_t rows, int32_t* sums) {
  uint32_t wide[kMostWide / 2];
  for (int32_t i = 0; i < count; i += kMostWide) {
    const int32_t here = count - i < kMostWide ? count - i : kMostWide;
    WidenS8(x + i, here, zero_point, wide);
    AddWideProducts(x + i, zero_point, wide, here, w + i, w_stride, rows, sums);
  }
}

}  // namespace midge::arm_dsp
