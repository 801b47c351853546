// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of convolutions: a column of int8 inputs, what one output pixel sees, against
// rows of int8 weights, one per output channel. The column holds K elements in the filter's order,
// those outside the image being the zero point.
//
//   sum_k w[k] * (x[k] - zi) = sum_k w[k] * x[k] - zi * sum_k w[k]
//
// and the last term, one per channel, goes into the bias: one instruction (VMLADAVA) multiplies 16
// pairs of int8 and adds them up. Four channels are requantized together. There is no left shift in
// that: an op with a channel whose multiplier is 1/2 or more takes another way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm_mve/dot_s8.h"
#include "kernels/arm_mve/helium.h"
#include "kernels/fixed_point.h"
#include "kernels/window_2d.h"

namespace midge::arm_mve {

// K
inline int32_t Depth(const WindowedShape& shape) {
  return shape.window.filter_h * shape.window.filter_w * shape.input_channels;
}

// Whether a pixel of the input is a column.
inline bool IsDirect(const Window2D& window) {
  return window.filter_h * window.filter_w == 1 && window.pad_top == 0 && window.pad_left == 0;
}

// `rows` runs of `count` bytes, both at least 1, from places `step` apart, one after another.
[[gnu::always_inline]] inline void CopyRuns(const int8_t* from, int32_t step, int32_t count,
                                            int32_t rows, int8_t* to) {
#if MIDGE_ARM_MVE_ASM
  S8x16 v;
  const int8_t* run_from;
  int8_t* run_to;
  asm volatile(
      "1:\n\t"
      "mov        %[run_from], %[from]\n\t"
      "mov        %[run_to], %[to]\n\t"
      "dlstp.8    lr, %[count]\n"
      "2:\n\t"
      "vldrb.8    %q[v], [%[run_from]], #16\n\t"
      "vstrb.8    %q[v], [%[run_to]], #16\n\t"
      "letp       lr, 2b\n\t"
      "add        %[from], %[from], %[step]\n\t"
      "add        %[to], %[to], %[count]\n\t"
      "subs       %[rows], %[rows], #1\n\t"
      "bne        1b"
      : [from] "+r"(from), [to] "+r"(to), [rows] "+r"(rows), [run_from] "=&r"(run_from),
        [run_to] "=&r"(run_to), [v] "=&w"(v)
      : [step] "r"(step), [count] "r"(count)
      : "lr", "cc", "memory");
#else
  for (; rows > 0; --rows, from += step, to += count) {
    std::memcpy(to, from, static_cast<size_t>(count));
  }
#endif
}

// `count` bytes, at least 1.
inline void CopyRun(const void* from, int32_t count, void* to) {
#if MIDGE_ARM_MVE_ASM
  S8x16 v;
  asm volatile(
      "dlstp.8    lr, %[count]\n"
      "1:\n\t"
      "vldrb.8    %q[v], [%[from]], #16\n\t"
      "vstrb.8    %q[v], [%[to]], #16\n\t"
      "letp       lr, 1b"
      : [from] "+r"(from), [to] "+r"(to), [v] "=&w"(v)
      : [count] "r"(count)
      : "lr", "memory");
#else
  std::memcpy(to, from, static_cast<size_t>(count));
#endif
}

// memset for runs so short that a call would count.
inline void FillRun(int8_t value, int32_t count, int8_t* to) {
#if MIDGE_ARM_MVE_ASM
  const S8x16 v = SplatS8(value);
  asm volatile(
      "wlstp.8    lr, %[count], 2f\n"
      "1:\n\t"
      "vstrb.8    %q[v], [%[to]], #16\n\t"
      "letp       lr, 1b\n"
      "2:"
      : [to] "+r"(to)
      : [v] "w"(v), [count] "r"(count)
      : "lr", "memory");
#else
  std::memset(to, value, static_cast<size_t>(count));
#endif
}

// Columns that fit registers: of how many elements.
inline bool IsShallow(int32_t depth) { return depth >= 16 && depth <= 64; }

// Pixels whose columns are shallow and lie in the input as they are, one after the other: four
// channels at a time, whose parameters follow each other.
struct ShallowLoop {
  const int8_t* exponent;  // in [-31, -1]
  const int8_t* w;         // [4 * quads][K]
  const int32_t* bias;     // with the zero point's part
  const int32_t* multiplier_q31;
  int32_t quads;    // at least 1
  const int8_t* x;  // the next pixel's column
  int32_t step;     // to the one after
  int32_t pixels;   // to come, at least 1
  int8_t* out;      // [pixels][4 * quads]
  int32_t zero_point;
  ClampRange clamp;
  int32_t depth;  // K
};

// Until no pixel is left.
[[gnu::noinline]] inline void RunShallow(ShallowLoop& loop) {
  const S32x4 min = SplatS32(loop.clamp.min), max = SplatS32(loop.clamp.max);
#if MIDGE_ARM_MVE_ASM
  static_assert(offsetof(ShallowLoop, quads) == 16 && offsetof(ShallowLoop, x) == 20 &&
                offsetof(ShallowLoop, pixels) == 28 && offsetof(ShallowLoop, out) == 32 &&
                offsetof(ShallowLoop, zero_point) == 36);
  // The last vector ends where a row does, and so begins before the one ahead of it has ended:
  // there the column is 0. A shorter one enters the code of four vectors later, by so many bytes:
  // ADD to pc.
  const int32_t vectors = internal::Quotient(loop.depth + 15, 16);
  register ShallowLoop* fields asm("r1") = &loop;
  register int32_t back asm("r11") = loop.depth - 16 * vectors;
  register int32_t skip asm("r12") = 8 * (4 - vectors) - 2;
#define MIDGE_MVE_DOT(sum, x) \
  "vldrb.8       %q[v], [r8], #16\n\tvmladava.s8   " sum ", %q[v], %q[" x "]\n\t"
#define MIDGE_MVE_CHANNEL(sum)                                                  \
  "add           pc, r12\n\t" MIDGE_MVE_DOT(sum, "x0") MIDGE_MVE_DOT(sum, "x1") \
      MIDGE_MVE_DOT(sum, "x2") "add           r8, r11\n\t" MIDGE_MVE_DOT(sum, "x3")
  S8x16 x0, x1, x2, x3, v;
  S32x4 sums;
  // r0, r2, r4, r6 sums, r3 exponents, r5 output, r8 weights, r9 biases, r10 multipliers
  asm volatile(
      "push          {r7}\n\t"  // perhaps a frame pointer, which may not be named below
      "ldrd          r5, r7, [r1, #32]\n"
      "1:\n\t"
      "ldrd          r0, r2, [r1, #20]\n\t"
      "add           r2, r2, r0\n\t"
      "str           r2, [r1, #20]\n\t"
      "asrs          r2, r12, #1\n\t"  // instructions of four bytes, not of eight
      "add           pc, r2\n\t"
      "vldrb.8       %q[x0], [r0], #16\n\t"
      "vldrb.8       %q[x1], [r0], #16\n\t"
      "vldrb.8       %q[x2], [r0], #16\n\t"
      "add           r0, r11\n\t"
      "vldrb.8       %q[x3], [r0]\n\t"
      "rsb           r0, r11, #0\n\t"
      "vctp.8        r0\n\t"
      "vpst\n\t"
      "vmovt.i32     %q[x3], #0\n\t"
      "ldm           r1, {r3, r8, r9, r10, lr}\n\t"
      "dls           lr, lr\n"
      "2:\n\t"
      "ldm           r9!, {r0, r2, r4, r6}\n\t" MIDGE_MVE_CHANNEL("r0") MIDGE_MVE_CHANNEL("r2")
          MIDGE_MVE_CHANNEL("r4") MIDGE_MVE_CHANNEL("r6")
      "vmov          %q[sums][2], %q[sums][0], r0, r4\n\t"
      "vmov          %q[sums][3], %q[sums][1], r2, r6\n\t"
      "vldrw.32      %q[v], [r10], #16\n\t"
      "vqrdmulh.s32  %q[sums], %q[sums], %q[v]\n\t"
      "vshr.s32      %q[v], %q[sums], #31\n\t"
      "vadd.i32      %q[sums], %q[sums], %q[v]\n\t"
      "vldrb.s32     %q[v], [r3], #4\n\t"
      "vrshl.s32     %q[sums], %q[sums], %q[v]\n\t"
      "vadd.i32      %q[sums], %q[sums], r7\n\t"
      "vmax.s32      %q[sums], %q[sums], %q[min]\n\t"
      "vmin.s32      %q[sums], %q[sums], %q[max]\n\t"
      "vstrb.32      %q[sums], [r5], #4\n\t"
      "le            lr, 2b\n\t"
      "ldr           r0, [r1, #28]\n\t"
      "subs          r0, r0, #1\n\t"
      "str           r0, [r1, #28]\n\t"
      "bne           1b\n\t"
      "pop           {r7}"
      : "+r"(fields), [x0] "=&w"(x0), [x1] "=&w"(x1), [x2] "=&w"(x2), [x3] "=&w"(x3),
        [v] "=&w"(v), [sums] "=&w"(sums)
      : "r"(back), "r"(skip), [min] "w"(min), [max] "w"(max)
      : "r0", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "lr", "p0", "cc", "memory");
#undef MIDGE_MVE_CHANNEL
#undef MIDGE_MVE_DOT
#else
  for (; loop.pixels > 0; --loop.pixels, loop.x += loop.step) {
    int8_t column[64];
    std::memcpy(column, loop.x, static_cast<size_t>(loop.depth));
    const int8_t* w = loop.w;
    for (int32_t o = 0; o < 4 * loop.quads; o += 4, loop.out += 4) {
      int32_t sums[4];
      for (int32_t k = 0; k < 4; ++k, w += loop.depth) {
        sums[k] = Dot(column, w, loop.depth, loop.bias[o + k]);
      }
      const S32x4 scaled = RequantizeDown(LoadS32(sums), LoadS32(loop.multiplier_q31 + o),
                                          LoadS8AsS32(loop.exponent + o));
      StoreS32AsS8(loop.out, Min(Max(Add(scaled, loop.zero_point), min), max));
    }
  }
#endif
}

// Two pixels and three channels at a time: the next three.
struct PairLoop {
  const int8_t* x[2];    // columns
  int32_t depth;         // K
  int32_t padding;       // bytes from a row's end to that of its last vector
  int32_t* sums;         // of the first pixel; those of the second are kPairBlock behind
  const int32_t* end;    // of sums
  const int8_t* w;       // [3][K]
  const int32_t* first;  // what sums begin with, channel by channel
};
inline constexpr int32_t kPairBlock = 48;  // channels whose sums are kept

// Until loop.end.
[[gnu::noinline]] inline void RunPairs(PairLoop& loop) {
#if MIDGE_ARM_MVE_ASM
  static_assert(offsetof(PairLoop, depth) == 8 && offsetof(PairLoop, padding) == 12 &&
                offsetof(PairLoop, sums) == 16 && offsetof(PairLoop, end) == 20 &&
                offsetof(PairLoop, w) == 24 && offsetof(PairLoop, first) == 28 && kPairBlock == 48);
  // r0, r2, r4 and r6, r8, r10 sums, r1 and r3 columns, r5, r7, r9 weights, r11 first
  register PairLoop* fields asm("r12") = &loop;
  S8x16 x0, x1, w;
  asm volatile(
      "push          {r7}\n\t"  // perhaps a frame pointer, which may not be named below
      "ldrd          r5, r11, [r12, #24]\n"
      "1:\n\t"
      "ldm           r11!, {r0, r2, r4}\n\t"
      "ldmdb         r11, {r6, r8, r10}\n\t"
      "ldm           r12, {r1, r3, lr}\n\t"
      "add           r7, r5, lr\n\t"
      "add           r9, r7, lr\n\t"
      "dlstp.8       lr, lr\n"
      "2:\n\t"
      "vldrb.8       %q[x0], [r1], #16\n\t"
      "vldrb.8       %q[w], [r5], #16\n\t"
      "vmladava.s8   r0, %q[x0], %q[w]\n\t"
      "vldrb.8       %q[x1], [r3], #16\n\t"
      "vmladava.s8   r6, %q[x1], %q[w]\n\t"
      "vldrb.8       %q[w], [r7], #16\n\t"
      "vmladava.s8   r2, %q[x0], %q[w]\n\t"
      "vmladava.s8   r8, %q[x1], %q[w]\n\t"
      "vldrb.8       %q[w], [r9], #16\n\t"
      "vmladava.s8   r4, %q[x0], %q[w]\n\t"
      "vmladava.s8   r10, %q[x1], %q[w]\n\t"
      "letp          lr, 2b\n\t"
      "ldrd          r1, r3, [r12, #12]\n\t"
      "sub           r5, r9, r1\n\t"
      "stm           r3!, {r0, r2, r4}\n\t"
      "add           r1, r3, #180\n\t"
      "stm           r1, {r6, r8, r10}\n\t"
      "str           r3, [r12, #16]\n\t"
      "ldr           r1, [r12, #20]\n\t"
      "cmp           r3, r1\n\t"
      "bne           1b\n\t"
      "pop           {r7}"
      : "+r"(fields), [x0] "=&w"(x0), [x1] "=&w"(x1), [w] "=&w"(w)
      :
      : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "lr", "cc", "memory");
#else
  for (; loop.sums != loop.end; ++loop.sums, loop.w += loop.depth, ++loop.first) {
    loop.sums[0] = Dot(loop.x[0], loop.w, loop.depth, *loop.first);
    loop.sums[kPairBlock] = Dot(loop.x[1], loop.w, loop.depth, *loop.first);
  }
#endif
}

// One channel of two pixels.
inline void DotPair(const int8_t* x0, const int8_t* x1, const int8_t* w, int32_t depth,
                    int32_t first, int32_t* sums) {
#if MIDGE_ARM_MVE_ASM
  int32_t a0 = first, a1 = first;
  S8x16 v, u;
  asm("dlstp.8       lr, %[depth]\n"
      "1:\n\t"
      "vldrb.8       %q[u], [%[w]], #16\n\t"
      "vldrb.8       %q[v], [%[x0]], #16\n\t"
      "vmladava.s8   %[a0], %q[v], %q[u]\n\t"
      "vldrb.8       %q[v], [%[x1]], #16\n\t"
      "vmladava.s8   %[a1], %q[v], %q[u]\n\t"
      "letp          lr, 1b"
      : [x0] "+r"(x0), [x1] "+r"(x1), [w] "+r"(w), [a0] "+Te"(a0), [a1] "+Te"(a1), [v] "=&w"(v),
        [u] "=&w"(u)
      : [depth] "r"(depth)
      : "lr", "memory");
  sums[0] = a0, sums[kPairBlock] = a1;
#else
  sums[0] = Dot(x0, w, depth, first), sums[kPairBlock] = Dot(x1, w, depth, first);
#endif
}

// Sums of two pixels to int8; exponents in [-31, -1], count at least 1.
inline void RequantizePair(const int32_t* multiplier_q31, const int8_t* exponent,
                           int32_t zero_point, ClampRange clamp, const int32_t* sums, int32_t count,
                           int8_t* out, int8_t* second_out) {
  const S32x4 min = SplatS32(clamp.min), max = SplatS32(clamp.max);
#if MIDGE_ARM_MVE_ASM
#define MIDGE_MVE_TO_S8(sums, out)               \
  "vldrw.32     %q[x], [%[" sums                 \
  "]], #16\n\t"                                  \
  "vqrdmulh.s32 %q[x], %q[x], %q[m]\n\t"         \
  "vshr.s32     %q[y], %q[x], #31\n\t"           \
  "vadd.i32     %q[x], %q[x], %q[y]\n\t"         \
  "vrshl.s32    %q[x], %q[x], %q[e]\n\t"         \
  "vadd.i32     %q[x], %q[x], %[zero_point]\n\t" \
  "vmax.s32     %q[x], %q[x], %q[min]\n\t"       \
  "vmin.s32     %q[x], %q[x], %q[max]\n\t"       \
  "vstrb.32     %q[x], [%[" out "]], #4\n\t"
  const int32_t* second = sums + kPairBlock;
  S32x4 x, y, m, e;
  asm volatile(
      "dlstp.32     lr, %[count]\n"
      "1:\n\t"
      "vldrw.32     %q[m], [%[multiplier]], #16\n\t"
      "vldrb.s32    %q[e], [%[exponent]], #4\n\t" MIDGE_MVE_TO_S8("sums", "out")
          MIDGE_MVE_TO_S8("second", "second_out") "letp         lr, 1b"
      : [multiplier] "+r"(multiplier_q31), [exponent] "+l"(exponent), [sums] "+r"(sums),
        [second] "+r"(second), [out] "+l"(out), [second_out] "+l"(second_out), [x] "=&w"(x),
        [y] "=&w"(y), [m] "=&w"(m), [e] "=&w"(e)
      : [count] "r"(count), [zero_point] "r"(zero_point), [min] "w"(min), [max] "w"(max)
      : "lr", "memory");
#undef MIDGE_MVE_TO_S8
#else
  for (int32_t k = 0; k < count; k += 4) {
    const int32_t here = count - k;
    const S32x4 m = LoadS32(multiplier_q31 + k, here), e = LoadS8AsS32(exponent + k, here);
    const auto to_s8 = [&](const int32_t* from, int8_t* to) {
      const S32x4 x = Add(RequantizeDown(LoadS32(from + k, here), m, e), zero_point);
      StoreS32AsS8(to + k, Min(Max(x, min), max), here);
    };
    to_s8(sums, out);
    to_s8(sums + kPairBlock, second_out);
  }
#endif
}

}  // namespace midge::arm_mve
