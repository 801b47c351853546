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

// K: of one output channel's filter.
inline int32_t FilterElements(const WindowedShape& shape) {
  return shape.window.filter_h * shape.window.filter_w * shape.input_channels;
}

// Whether taps are not whole quads, so that a column cannot always be made run by run.
inline bool NeedsGathering(const WindowedShape& shape) { return shape.input_channels % 4 != 0; }

// acc + sum_k w[k] * x[k] for the 4 * quads first k of one pixel, modulo 2^32.
inline int32_t MultiplyQuads(const int8_t* w, const uint32_t* x, int32_t quads, int32_t quad_words,
                             int32_t acc) {
  for (; quads > 0; --quads, w += 4, x += quad_words) {
    const uint32_t word = Load32(w);
    acc = Smlad(Sxtb16Ror8(word), x[1], Smlad(Sxtb16(word), x[0], acc));
  }
  return acc;
}

// Pairs of output channels of two pixels, one after the other: the next pair's.
struct TwoPixelLoop {
  static constexpr int32_t kMostSums = 32;  // of one pixel; the other's follow

  const uint32_t* x;           // [quad][2][2]
  const uint32_t* end_of_odd;  // a quad on, if their number is odd
  const uint32_t* end_of_quads;
  int32_t stride;  // from the first to the second filter
  int32_t gap;     // from the end of the first filter's quads to the next pair
  const int32_t* bias;
  int32_t* sums;       // [2][kMostSums]
  const int32_t* end;  // of the first pixel's sums
  const int8_t* w;     // of the first filter
};

// sums[p][o] = bias[o] + sum_k w[o][k] * x[k][p], modulo 2^32, until loop.end. Requires a quad and
// a pair to go, and that filters may be read to the ends of their last quads.
#if MIDGE_ARM_DSP_ASM

// The same as the twin below, in an order that keeps 14 registers busy and spills nothing.
inline void RunTwoPixels(TwoPixelLoop& loop) {
  static_assert(offsetof(TwoPixelLoop, stride) == 12 && offsetof(TwoPixelLoop, gap) == 16 &&
                offsetof(TwoPixelLoop, bias) == 20 && offsetof(TwoPixelLoop, sums) == 24 &&
                offsetof(TwoPixelLoop, w) == 32 && TwoPixelLoop::kMostSums == 32);
  // r1 columns, r2 weights, r7 stride, r8 to r11 sums; fields and end are on the stack
#define MIDGE_QUAD                   \
  "ldr    lr, [r2, r7]\n\t"          \
  "ldr    r12, [r2], #4\n\t"         \
  "ldm    r1!, {r3, r4, r5, r6}\n\t" \
  "sxtb16 r0, r12\n\t"               \
  "sxtb16 r12, r12, ror #8\n\t"      \
  "smlad  r8, r0, r3, r8\n\t"        \
  "smlad  r10, r0, r5, r10\n\t"      \
  "smlad  r8, r12, r4, r8\n\t"       \
  "smlad  r10, r12, r6, r10\n\t"     \
  "sxtb16 r0, lr\n\t"                \
  "sxtb16 lr, lr, ror #8\n\t"        \
  "smlad  r9, r0, r3, r9\n\t"        \
  "smlad  r11, r0, r5, r11\n\t"      \
  "smlad  r9, lr, r4, r9\n\t"        \
  "smlad  r11, lr, r6, r11\n\t"
  register TwoPixelLoop* fields asm("r0") = &loop;
  asm volatile(
      "push   {r7}\n\t"  // perhaps a frame pointer, which may not be named below
      "ldr    r2, [r0, #32]\n"
      "1:\n\t"
      "ldr    r5, [r0, #20]\n\t"
      "ldm    r0, {r1, r3, r4, r7}\n\t"
      "ldrd   r8, r9, [r5], #8\n\t"
      "str    r5, [r0, #20]\n\t"
      "push   {r0, r4}\n\t"
      "mov    r10, r8\n\t"
      "mov    r11, r9\n\t"
      "cmp    r1, r3\n\t"
      "beq    2f\n\t" MIDGE_QUAD
      "ldr    r0, [sp, #4]\n\t"
      "cmp    r1, r0\n\t"
      "beq    3f\n"
      "2:\n\t" MIDGE_QUAD MIDGE_QUAD
      "ldr    r0, [sp, #4]\n\t"
      "cmp    r1, r0\n\t"
      "bne    2b\n"
      "3:\n\t"
      "pop    {r0, r4}\n\t"
      "ldr    r3, [r0, #16]\n\t"
      "ldrd   r4, r5, [r0, #24]\n\t"  // sums, end
      "add    r2, r2, r3\n\t"
      "strd   r10, r11, [r4, #128]\n\t"
      "strd   r8, r9, [r4], #8\n\t"
      "str    r4, [r0, #24]\n\t"
      "cmp    r4, r5\n\t"
      "bne    1b\n\t"
      "str    r2, [r0, #32]\n\t"
      "pop    {r7}"
      : "+r"(fields)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
#undef MIDGE_QUAD
}

#else

inline void RunTwoPixels(TwoPixelLoop& loop) {
  const auto quads = static_cast<int32_t>((loop.end_of_quads - loop.x) / 4);
  for (; loop.sums != loop.end; ++loop.sums, ++loop.bias, loop.w += loop.stride) {
    for (int p = 0; p < 2; ++p) {
      loop.sums[p * TwoPixelLoop::kMostSums] =
          MultiplyQuads(loop.w, loop.x + 2 * p, quads, 4, *loop.bias);
    }
  }
}

#endif

// What one output channel after the other of four pixels is made of: the next channel's.
struct ChannelLoop {
  const uint32_t* x;
  const int32_t* bias;
  int32_t quads;  // at least 1
  const int32_t* multiplier_q31;
  const int8_t* exponent;
  int8_t* out;  // of the first pixel
  uint32_t biased_zero_point;
  int32_t to_pixel[kColumns - 1];  // from out; 0 for pixels that are not wanted
  int32_t padding;                 // bytes from a filter's end to its last quad's
  const int8_t* end;               // of out
  const int8_t* w;
};

#if MIDGE_ARM_DSP_ASM

// Runs to the end, or to a channel whose multiplier does not shift right. Requires a channel to
// go, and that filters may be read to the ends of their last quads. The same as MultiplyQuads
// and ChannelRequantizer, in an order that keeps 13 registers busy and spills nothing.
inline void RunChannels(ChannelLoop& loop) {
  static_assert(offsetof(ChannelLoop, multiplier_q31) == 12 && offsetof(ChannelLoop, out) == 20 &&
                offsetof(ChannelLoop, to_pixel) == 28 && offsetof(ChannelLoop, padding) == 40 &&
                offsetof(ChannelLoop, end) == 44 && offsetof(ChannelLoop, w) == 48 &&
                ChannelRequantizer::kMostShift == 20);
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
  // r12 multiplier, r6 offset, lr shift - 1
#define MIDGE_REQUANTIZE(acc)  \
  "qadd   r3, " acc ", " acc   \
  "\n\t"                       \
  "smmlar r3, r3, r12, r6\n\t" \
  "add    r3, r3, " acc        \
  ", asr #31\n\t"              \
  "asr    r3, r3, lr\n\t"      \
  "ssat   " acc ", #8, r3, asr #1\n\t"
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
      "ldr    r1, [%0, #36]\n"  // w
      "1:\n\t"
      "ldmdb  %0, {r2, r3, r12}\n\t"  // x, bias, quads
      "ldr    r8, [r3], #4\n\t"
      "str    r3, [%0, #-8]\n\t"
      "push   {%0}\n\t"
      "mov    r9, r8\n\t"
      "mov    r10, r8\n\t"
      "mov    r11, r8\n\t"
      "lsrs   r12, r12, #1\n\t"
      "bcc    2f\n\t"
      MIDGE_QUAD
      "cmp    r12, #0\n\t"
      "beq    5f\n"
      "2:\n\t" MIDGE_QUAD MIDGE_QUAD
      "subs   r12, r12, #1\n\t"
      "bne    2b\n"
      "5:\n\t"
      "pop    {%0}\n\t"
      "ldm    %0, {r2, r3, r4, r5}\n\t"  // multiplier, exponent, out, biased zero point
      "ldrsb  lr, [r3], #1\n\t"
      "ldr    r12, [r2], #4\n\t"
      "mvn    lr, lr\n\t"
      "cmp    lr, #20\n\t"
      "bhs    6f\n\t"
      "stm    %0, {r2, r3}\n\t"
      "lsl    r6, r5, lr\n\t"
      MIDGE_REQUANTIZE("r8")
      MIDGE_REQUANTIZE("r9")
      MIDGE_REQUANTIZE("r10")
      MIDGE_REQUANTIZE("r11")
      "7:\n\t"
      "ldrd   r2, r3, [%0, #16]\n\t"  // to_pixel
      "ldrd   r5, r6, [%0, #24]\n\t"  // to_pixel, padding
      "strb   r11, [r4, r5]\n\t"  // the first pixel last: the others may lie there
      "strb   r10, [r4, r3]\n\t"
      "strb   r9, [r4, r2]\n\t"
      "strb   r8, [r4], #1\n\t"
      "ldr    r3, [%0, #32]\n\t"  // end
      "sub    r1, r1, r6\n\t"
      "str    r4, [%0, #8]\n\t"
      "cmp    r4, r3\n\t"
      "bne    1b\n\t"
      "b      9f\n"
      "6:\n\t"
      "cmp    lr, #31\n\t"
      "bhs    8f\n\t"
      "stm    %0, {r2, r3}\n\t"
      "asr    r6, r5, #1\n\t"  // the zero point
      MIDGE_REQUANTIZE_WIDE("r8")
      MIDGE_REQUANTIZE_WIDE("r9")
      MIDGE_REQUANTIZE_WIDE("r10")
      MIDGE_REQUANTIZE_WIDE("r11")
      "b      7b\n"
      "8:\n\t"  // back to the channel's beginning
      "ldrd   r2, r3, [%0, #-8]\n\t"  // bias, quads
      "sub    r2, r2, #4\n\t"
      "str    r2, [%0, #-8]\n\t"
      "sub    r1, r1, r3, lsl #2\n"
      "9:\n\t"
      "str    r1, [%0, #36]"
      : "+r"(fields)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
#undef MIDGE_REQUANTIZE_WIDE
#undef MIDGE_REQUANTIZE
#undef MIDGE_QUAD
}

#endif

}  // namespace midge::arm_dsp
