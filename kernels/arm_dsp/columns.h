// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of convolutions: columns of int16 inputs against rows of int8 weights.
//
// A column holds what one output pixel sees, in the filter's order, with the zero point subtracted
// and taps outside the image 0: K elements, filled up with zeros to quads of four. A quad is two
// words, elements (0, 2) and (1, 3), as SXTB16 takes four weights apart. Columns of P pixels are
// interleaved quad by quad:
//
//   x[quad][pixel][2]     words, quad < ceil(K / 4), pixel < P
//
// so that one LDM fetches two pixels' operands of four products each. P is kColumns where there is
// memory for them, else 2 or 1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/arm_dsp/requantize.h"
#include "kernels/convolution.h"

namespace midge::arm_dsp {

inline constexpr int kColumns = 4;
inline constexpr int kQuadWords = 2 * kColumns;  // from quad to quad of one of kColumns columns

// Writes `quads` quads of elements x[i] + offset, offset in both lanes, for one of kColumns pixels;
// returns where the pixel's next quad goes.
inline uint32_t* WidenQuads(const int8_t* x, int32_t quads, uint32_t offset, uint32_t* column) {
#if MIDGE_ARM_DSP_ASM
#define MIDGE_WIDEN                               \
  "ldr     %[odd], [%[x]], #4\n\t"                \
  "sxtab16 %[even], %[offset], %[odd]\n\t"        \
  "sxtab16 %[odd], %[offset], %[odd], ror #8\n\t" \
  "strd    %[even], %[odd], [%[column]], #32\n\t"
  uint32_t even, odd;
  asm volatile(
      "subs    %[n], %[n], #2\n\t"
      "blt     2f\n"
      "1:\n\t" MIDGE_WIDEN MIDGE_WIDEN
      "subs    %[n], %[n], #2\n\t"
      "bge     1b\n"
      "2:\n\t"
      "adds    %[n], %[n], #2\n\t"
      "beq     3f\n\t" MIDGE_WIDEN "3:"
      : [x] "+r"(x), [column] "+r"(column), [n] "+r"(quads), [even] "=&r"(even), [odd] "=&r"(odd)
      : [offset] "r"(offset)
      : "cc", "memory");
#undef MIDGE_WIDEN
#else
  for (; quads > 0; --quads, x += 4, column += kQuadWords) {
    const uint32_t word = Load32(x);
    column[0] = Sxtab16(offset, word);
    column[1] = Sxtab16Ror8(offset, word);
  }
#endif
  return column;
}

// The same for columns of any number of pixels, `quad_words` being twice that.
inline uint32_t* WidenQuads(const int8_t* x, int32_t quads, uint32_t offset, uint32_t* column,
                            int32_t quad_words) {
  if (quad_words == kQuadWords) return WidenQuads(x, quads, offset, column);
#if MIDGE_ARM_DSP_ASM
  const int32_t step = quad_words * int32_t{sizeof(uint32_t)};
  uint32_t even, odd;
  asm volatile(
      "cmp     %[n], #0\n\t"
      "ble     2f\n"
      "1:\n\t"
      "ldr     %[odd], [%[x]], #4\n\t"
      "subs    %[n], %[n], #1\n\t"
      "sxtab16 %[even], %[offset], %[odd]\n\t"
      "sxtab16 %[odd], %[offset], %[odd], ror #8\n\t"
      "strd    %[even], %[odd], [%[column]]\n\t"
      "add     %[column], %[column], %[step]\n\t"
      "bne     1b\n"
      "2:"
      : [x] "+r"(x), [column] "+r"(column), [n] "+r"(quads), [even] "=&r"(even), [odd] "=&r"(odd)
      : [offset] "r"(offset), [step] "r"(step)
      : "cc", "memory");
#else
  for (; quads > 0; --quads, x += 4, column += quad_words) {
    const uint32_t word = Load32(x);
    column[0] = Sxtab16(offset, word);
    column[1] = Sxtab16Ror8(offset, word);
  }
#endif
  return column;
}

// acc + sum_k w[k] * x[k] for the 4 * quads first k of one pixel, modulo 2^32.
inline int32_t MultiplyQuads(const int8_t* w, const uint32_t* x, int32_t quads, int32_t quad_words,
                             int32_t acc) {
  for (; quads > 0; --quads, w += 4, x += quad_words) {
    const uint32_t word = Load32(w);
    acc = Smlad(Sxtb16Ror8(word), x[1], Smlad(Sxtb16(word), x[0], acc));
  }
  return acc;
}

// The same for both pixels of columns of two.
inline void MultiplyTwoPixels(const int8_t* w, const uint32_t* x, int32_t quads, int32_t* first,
                              int32_t* second) {
#if MIDGE_ARM_DSP_ASM
#define MIDGE_QUAD                          \
  "ldr    lr, [%[w]], #4\n\t"               \
  "ldm    %[x]!, {r3, r4, r5, r6}\n\t"      \
  "sxtb16 r12, lr, ror #8\n\t"              \
  "sxtb16 lr, lr\n\t"                       \
  "smlad  %[first], lr, r3, %[first]\n\t"   \
  "smlad  %[second], lr, r5, %[second]\n\t" \
  "smlad  %[first], r12, r4, %[first]\n\t"  \
  "smlad  %[second], r12, r6, %[second]\n\t"
  asm volatile(
      "lsrs   %[n], %[n], #1\n\t"
      "bcc    1f\n\t" MIDGE_QUAD
      "1:\n\t"
      "cmp    %[n], #0\n\t"
      "beq    3f\n"
      "2:\n\t" MIDGE_QUAD MIDGE_QUAD
      "subs   %[n], %[n], #1\n\t"
      "bne    2b\n"
      "3:"
      : [w] "+r"(w), [x] "+r"(x), [n] "+r"(quads), [first] "+r"(*first), [second] "+r"(*second)
      :
      : "r3", "r4", "r5", "r6", "r12", "lr", "cc", "memory");
#undef MIDGE_QUAD
#else
  for (; quads > 0; --quads, w += 4, x += 4) {
    const uint32_t word = Load32(w);
    const uint32_t even = Sxtb16(word), odd = Sxtb16Ror8(word);
    *first = Smlad(odd, x[1], Smlad(even, x[0], *first));
    *second = Smlad(odd, x[3], Smlad(even, x[2], *second));
  }
#endif
}

// The same for the only column and two filters, `next` bytes apart.
inline void MultiplyTwoFilters(const int8_t* w, int32_t next, const uint32_t* x, int32_t quads,
                               int32_t* first, int32_t* second) {
#if MIDGE_ARM_DSP_ASM
#define MIDGE_QUAD                          \
  "ldr    lr, [%[w], %[next]]\n\t"          \
  "ldr    r12, [%[w]], #4\n\t"              \
  "ldrd   r3, r4, [%[x]], #8\n\t"           \
  "sxtb16 r5, r12\n\t"                      \
  "sxtb16 r12, r12, ror #8\n\t"             \
  "smlad  %[first], r5, r3, %[first]\n\t"   \
  "smlad  %[first], r12, r4, %[first]\n\t"  \
  "sxtb16 r5, lr\n\t"                       \
  "sxtb16 lr, lr, ror #8\n\t"               \
  "smlad  %[second], r5, r3, %[second]\n\t" \
  "smlad  %[second], lr, r4, %[second]\n\t"
  asm volatile(
      "lsrs   %[n], %[n], #1\n\t"
      "bcc    1f\n\t" MIDGE_QUAD
      "1:\n\t"
      "cmp    %[n], #0\n\t"
      "beq    3f\n"
      "2:\n\t" MIDGE_QUAD MIDGE_QUAD
      "subs   %[n], %[n], #1\n\t"
      "bne    2b\n"
      "3:"
      : [w] "+r"(w), [x] "+r"(x), [n] "+r"(quads), [first] "+r"(*first), [second] "+r"(*second)
      : [next] "r"(next)
      : "r3", "r4", "r5", "r12", "lr", "cc", "memory");
#undef MIDGE_QUAD
#else
  *first = MultiplyQuads(w, x, quads, 2, *first);
  *second = MultiplyQuads(w + next, x, quads, 2, *second);
#endif
}

// The same for the only column and four channels of a filter of layout [K, O], from w on.
inline void MultiplyFourChannels(const int8_t* w, int32_t channels, const uint32_t* x,
                                 int32_t quads, int32_t acc[4]) {
  int32_t a = acc[0], b = acc[1], c = acc[2], d = acc[3];
#if MIDGE_ARM_DSP_ASM
#define MIDGE_TAP(address, half, elements) \
  "ldr    r6, [%[w]" address               \
  "]\n\t"                                  \
  "sxtb16 r12, r6, ror #8\n\t"             \
  "sxtb16 r6, r6\n\t"                      \
  "smla" half "b %[a], " elements          \
  ", r6, %[a]\n\t"                         \
  "smla" half "b %[b], " elements          \
  ", r12, %[b]\n\t"                        \
  "smla" half "t %[c], " elements          \
  ", r6, %[c]\n\t"                         \
  "smla" half "t %[d], " elements ", r12, %[d]\n\t"
  asm volatile(
      "cmp    %[n], #0\n\t"
      "beq    2f\n"
      "1:\n\t"
      "ldrd   r4, r5, [%[x]], #8\n\t"
      MIDGE_TAP("", "b", "r4")
      MIDGE_TAP(", %[step]", "b", "r5")
      "add    %[w], %[w], %[step], lsl #1\n\t"
      MIDGE_TAP("", "t", "r4")
      MIDGE_TAP(", %[step]", "t", "r5")
      "add    %[w], %[w], %[step], lsl #1\n\t"
      "subs   %[n], %[n], #1\n\t"
      "bne    1b\n"
      "2:"
      : [w] "+r"(w), [x] "+r"(x), [n] "+r"(quads), [a] "+r"(a), [b] "+r"(b), [c] "+r"(c),
        [d] "+r"(d)
      : [step] "r"(channels)
      : "r4", "r5", "r6", "r12", "cc", "memory");
#undef MIDGE_TAP
#else
  for (; quads > 0; --quads, x += 2) {
    for (int k = 0; k < 4; ++k, w += channels) {
      const auto element = static_cast<int16_t>(x[k % 2] >> (k < 2 ? 0 : 16));
      a = AddWrapping(a, element * w[0]);
      b = AddWrapping(b, element * w[1]);
      c = AddWrapping(c, element * w[2]);
      d = AddWrapping(d, element * w[3]);
    }
  }
#endif
  acc[0] = a;
  acc[1] = b;
  acc[2] = c;
  acc[3] = d;
}

// As Conv2DS8, with its least scratch and no more, for a filter of layout [Kh, Kw, C, O].
ConvolutionS8 Conv2DByTapS8;

// What one output channel after the other of four pixels is made of: the next channel's.
struct ChannelLoop {
  const uint32_t* x;
  const int32_t* bias;
  int32_t quads;  // at least 1
  const int32_t* multiplier_q31;
  const int8_t* exponent;
  int8_t* out;   // of the first pixel
  int32_t step;  // from pixel to pixel
  uint32_t biased_zero_point;
  int32_t padding;    // bytes from a filter's end to its last quad's
  const int8_t* end;  // of out
  const int8_t* w;
};

#if MIDGE_ARM_DSP_ASM

// Runs to the end, or to a channel whose multiplier does not shift right. Requires a channel to
// go, and that filters may be read to the ends of their last quads. The same as MultiplyQuads
// and ChannelRequantizer, in an order that keeps 13 registers busy and spills nothing.
inline void RunChannels(ChannelLoop& loop) {
  static_assert(offsetof(ChannelLoop, multiplier_q31) == 12 && offsetof(ChannelLoop, out) == 20 &&
                offsetof(ChannelLoop, padding) == 32 && offsetof(ChannelLoop, end) == 36 &&
                offsetof(ChannelLoop, w) == 40 && ChannelRequantizer::kMostShift == 20);
  // r1 weights, r2 columns, r12 quads, r8 to r11 accumulators, r3 to r6 inputs, lr and %0 weights
#define MIDGE_QUAD                   \
  "ldr    lr, [r1], #4\n\t"          \
  "sxtb16 %0, lr, ror #8\n\t"        \
  "sxtb16 lr, lr\n\t"                \
  "ldm    r2!, {r3, r4, r5, r6}\n\t" \
  "smlad  r8, lr, r3, r8\n\t"        \
  "smlad  r9, lr, r5, r9\n\t"        \
  "smlad  r8, %0, r4, r8\n\t"        \
  "smlad  r9, %0, r6, r9\n\t"        \
  "ldm    r2!, {r3, r4, r5, r6}\n\t" \
  "smlad  r10, lr, r3, r10\n\t"      \
  "smlad  r11, lr, r5, r11\n\t"      \
  "smlad  r10, %0, r4, r10\n\t"      \
  "smlad  r11, %0, r6, r11\n\t"
  // r12 multiplier, r6 offset, lr shift
#define MIDGE_REQUANTIZE(acc)  \
  "qadd   r3, " acc ", " acc   \
  "\n\t"                       \
  "smmlar r3, r3, r12, r6\n\t" \
  "add    r3, r3, " acc        \
  ", asr #31\n\t"              \
  "asr    r3, r3, lr\n\t"      \
  "ssat   r3, #8, r3\n\t"
  // Larger shifts, of channels that have all but vanished: both roundings in full, as Requantize
  // does, lr being the shift - 1, r6 the zero point.
#define MIDGE_REQUANTIZE_WIDE(acc) \
  "mov    r2, #0x40000000\n\t"     \
  "mov    r3, #0\n\t"              \
  "smlal  r2, r3, " acc            \
  ", r12\n\t"                      \
  "lsls   r2, r2, #1\n\t"          \
  "adc    r3, r3, r3\n\t"          \
  "add    r3, r3, r3, asr #31\n\t" \
  "asr    r3, r3, lr\n\t"          \
  "add    r3, r3, #1\n\t"          \
  "add    " acc                    \
  ", r6, r3, asr #1\n\t"           \
  "ssat   " acc ", #8, " acc "\n\t"
  ChannelLoop* fields = &loop;
  asm volatile(
      "add    %0, %0, #12\n\t"  // multiplier_q31: LDMDB reaches what is before it, LDM what follows
      "ldr    r1, [%0, #28]\n"  // w
      "1:\n\t"
      "ldmdb  %0, {r2, r3, r12}\n\t"  // x, bias, quads
      "ldr    r8, [r3], #4\n\t"
      "str    r3, [%0, #-8]\n\t"
      "push   {%0}\n\t"
      "mov    r9, r8\n\t"
      "mov    r10, r8\n\t"
      "mov    r11, r8\n\t"
      "subs   r12, r12, #4\n\t"
      "blt    3f\n"
      "2:\n\t" MIDGE_QUAD MIDGE_QUAD MIDGE_QUAD MIDGE_QUAD
      "subs   r12, r12, #4\n\t"
      "bge    2b\n"
      "3:\n\t"
      "adds   r12, r12, #4\n\t"
      "beq    5f\n"
      "4:\n\t" MIDGE_QUAD
      "subs   r12, r12, #1\n\t"
      "bne    4b\n"
      "5:\n\t"
      "pop    {%0}\n\t"
      "ldm    %0, {r2, r3, r4, r5, r6}\n\t"  // multiplier, exponent, out, step, biased zero point
      "ldrsb  lr, [r3], #1\n\t"
      "ldr    r12, [r2], #4\n\t"
      "mvn    lr, lr\n\t"
      "cmp    lr, #20\n\t"
      "bhs    6f\n\t"
      "stm    %0, {r2, r3}\n\t"
      "lsl    r6, r6, lr\n\t"
      "add    lr, lr, #1\n\t"
      "add    r2, r4, r5, lsl #1\n\t"
      MIDGE_REQUANTIZE("r8")
      "strb   r3, [r4]\n\t"
      MIDGE_REQUANTIZE("r9")
      "strb   r3, [r4, r5]\n\t"
      MIDGE_REQUANTIZE("r10")
      "strb   r3, [r2]\n\t"
      MIDGE_REQUANTIZE("r11")
      "strb   r3, [r2, r5]\n"
      "7:\n\t"
      "ldrd   r2, r3, [%0, #20]\n\t"  // padding, end
      "sub    r1, r1, r2\n\t"
      "add    r4, r4, #1\n\t"
      "str    r4, [%0, #8]\n\t"
      "cmp    r4, r3\n\t"
      "bne    1b\n\t"
      "b      9f\n"
      "6:\n\t"
      "cmp    lr, #31\n\t"
      "bhs    8f\n\t"
      "stm    %0, {r2, r3}\n\t"
      "asr    r6, r6, #1\n\t"  // the zero point
      MIDGE_REQUANTIZE_WIDE("r8")
      "strb   r8, [r4]\n\t"
      MIDGE_REQUANTIZE_WIDE("r9")
      "strb   r9, [r4, r5]\n\t"
      MIDGE_REQUANTIZE_WIDE("r10")
      MIDGE_REQUANTIZE_WIDE("r11")
      "add    r2, r4, r5, lsl #1\n\t"
      "strb   r10, [r2]\n\t"
      "strb   r11, [r2, r5]\n\t"
      "b      7b\n"
      "8:\n\t"  // back to the channel's beginning
      "ldrd   r2, r3, [%0, #-8]\n\t"  // bias, quads
      "sub    r2, r2, #4\n\t"
      "str    r2, [%0, #-8]\n\t"
      "sub    r1, r1, r3, lsl #2\n"
      "9:\n\t"
      "str    r1, [%0, #28]"
      : "+r"(fields)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
#undef MIDGE_REQUANTIZE_WIDE
#undef MIDGE_REQUANTIZE
#undef MIDGE_QUAD
}

#endif

}  // namespace midge::arm_dsp
