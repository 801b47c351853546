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

#include <cstdint>

#include "kernels/arm_mve/dot_s8.h"
#include "kernels/arm_mve/helium.h"
#include "kernels/fixed_point.h"

namespace midge::arm_mve {

// `rows` runs of `count` bytes, both at least 1, from places `step` apart, one after another.
inline void CopyRuns(const int8_t* from, int32_t step, int32_t count, int32_t rows, int8_t* to) {
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

// Four channels at a time, whose parameters follow each other.
struct Channels {
  const int8_t* w;      // [4][K]
  const int32_t* bias;  // with the zero point's part
  const int32_t* multiplier_q31;
  const int8_t* exponent;  // in [-31, -1]
  int8_t* out;
};

#if MIDGE_ARM_MVE_ASM
// Sums in four registers to int8 at `out`, and on to the next four channels.
#define MIDGE_MVE_REQUANTIZE                                 \
  "vmov          %q[sums][2], %q[sums][0], %[a0], %[a2]\n\t" \
  "vmov          %q[sums][3], %q[sums][1], %[a1], %[a3]\n\t" \
  "vldrw.32      %q[v], [%[bias]], #16\n\t"                  \
  "vadd.i32      %q[sums], %q[sums], %q[v]\n\t"              \
  "vldrw.32      %q[v], [%[multiplier]], #16\n\t"            \
  "vqrdmulh.s32  %q[sums], %q[sums], %q[v]\n\t"              \
  "vshr.s32      %q[v], %q[sums], #31\n\t"                   \
  "vadd.i32      %q[sums], %q[sums], %q[v]\n\t"              \
  "vldrb.s32     %q[v], [%[exponent]], #4\n\t"               \
  "vrshl.s32     %q[sums], %q[sums], %q[v]\n\t"              \
  "vadd.i32      %q[sums], %q[sums], %q[zero_point]\n\t"     \
  "vqmovnb.s32   %q[sums], %q[sums]\n\t"                     \
  "vqmovnb.s16   %q[sums], %q[sums]\n\t"                     \
  "vstrb.32      %q[sums], [%[out]], #4\n\t"
#else
// The same, four channels.
inline void RequantizeNext(const int32_t* sums, S32x4 zero_point, Channels& at) {
  const S32x4 biased = Add(LoadS32(sums), LoadS32(at.bias));
  const S32x4 scaled = RequantizeDown(biased, LoadS32(at.multiplier_q31), LoadS8AsS32(at.exponent));
  StoreS32AsS8(at.out, SaturateToS8(Add(scaled, zero_point)), 4);
  at.bias += 4, at.multiplier_q31 += 4, at.exponent += 4, at.out += 4;
}
#endif

// The pixel's column in registers, 0 behind its last element: 4 * quads channels. With `rest`, rows
// of weights end that many elements into their last vector, else with it.
template <int kVectors, bool kHasRest>
inline void ComputeQuads(const S8x16 (&x)[kVectors], int32_t rest, S32x4 zero_point, int32_t quads,
                         Channels& at) {
  static_assert(kVectors >= 1 && kVectors <= 5);
#if MIDGE_ARM_MVE_ASM
#define MIDGE_MVE_WHOLE(multiply, a, x) \
  "vldrb.8       %q[v], [%[w]], #16\n\t" multiply "     %[" a "], %q[v], %q[" x "]\n\t"
#define MIDGE_MVE_REST(multiply, a, x) \
  "vpst\n\t"                           \
  "vldrbt.8      %q[v], [%[w]]\n\t"    \
  "add           %[w], %[w], %[rest]\n\t" multiply "     %[" a "], %q[v], %q[" x "]\n\t"
#define MIDGE_MVE_FIRST "vmladav.s8"
#define MIDGE_MVE_NEXT "vmladava.s8"
#define MIDGE_MVE_CHANNEL_1(last, a) last(MIDGE_MVE_FIRST, a, "x0")
#define MIDGE_MVE_CHANNEL_2(last, a) \
  MIDGE_MVE_WHOLE(MIDGE_MVE_FIRST, a, "x0") last(MIDGE_MVE_NEXT, a, "x1")
#define MIDGE_MVE_CHANNEL_3(last, a)        \
  MIDGE_MVE_WHOLE(MIDGE_MVE_FIRST, a, "x0") \
  MIDGE_MVE_WHOLE(MIDGE_MVE_NEXT, a, "x1") last(MIDGE_MVE_NEXT, a, "x2")
#define MIDGE_MVE_CHANNEL_4(last, a)        \
  MIDGE_MVE_WHOLE(MIDGE_MVE_FIRST, a, "x0") \
  MIDGE_MVE_WHOLE(MIDGE_MVE_NEXT, a, "x1")  \
  MIDGE_MVE_WHOLE(MIDGE_MVE_NEXT, a, "x2") last(MIDGE_MVE_NEXT, a, "x3")
#define MIDGE_MVE_CHANNEL_5(last, a)        \
  MIDGE_MVE_WHOLE(MIDGE_MVE_FIRST, a, "x0") \
  MIDGE_MVE_WHOLE(MIDGE_MVE_NEXT, a, "x1")  \
  MIDGE_MVE_WHOLE(MIDGE_MVE_NEXT, a, "x2")  \
  MIDGE_MVE_WHOLE(MIDGE_MVE_NEXT, a, "x3") last(MIDGE_MVE_NEXT, a, "x4")
#define MIDGE_MVE_QUADS(before, channel, last, ...)                                            \
  asm volatile(                                                                                \
      before                                                                                   \
      "dls           lr, %[quads]\n"                                                           \
      "1:\n\t" channel(last, "a0") channel(last, "a1") channel(last, "a2") channel(last, "a3") \
          MIDGE_MVE_REQUANTIZE "le            lr, 1b"                                          \
      : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3), [v] "=&w"(v),      \
        [sums] "=&w"(sums), [w] "+r"(at.w), [bias] "+r"(at.bias),                              \
        [multiplier] "+r"(at.multiplier_q31), [exponent] "+r"(at.exponent), [out] "+r"(at.out) \
      : [quads] "r"(quads), [rest] "r"(rest), [zero_point] "w"(zero_point), __VA_ARGS__        \
      : "lr", "p0", "memory")
#define MIDGE_MVE_QUADS_OF(n, ...)                                                        \
  if constexpr (kVectors == n) {                                                          \
    if constexpr (kHasRest) {                                                             \
      MIDGE_MVE_QUADS("vctp.8        %[rest]\n\t", MIDGE_MVE_CHANNEL_##n, MIDGE_MVE_REST, \
                      __VA_ARGS__);                                                       \
    } else {                                                                              \
      MIDGE_MVE_QUADS("", MIDGE_MVE_CHANNEL_##n, MIDGE_MVE_WHOLE, __VA_ARGS__);           \
    }                                                                                     \
  }
  int32_t a0, a1, a2, a3;
  S8x16 v;
  S32x4 sums;
  MIDGE_MVE_QUADS_OF(1, [x0] "w"(x[0]))
  MIDGE_MVE_QUADS_OF(2, [x0] "w"(x[0]), [x1] "w"(x[1]))
  MIDGE_MVE_QUADS_OF(3, [x0] "w"(x[0]), [x1] "w"(x[1]), [x2] "w"(x[2]))
  MIDGE_MVE_QUADS_OF(4, [x0] "w"(x[0]), [x1] "w"(x[1]), [x2] "w"(x[2]), [x3] "w"(x[3]))
  MIDGE_MVE_QUADS_OF(
      5, [x0] "w"(x[0]), [x1] "w"(x[1]), [x2] "w"(x[2]), [x3] "w"(x[3]), [x4] "w"(x[4]))
#undef MIDGE_MVE_QUADS_OF
#undef MIDGE_MVE_QUADS
#undef MIDGE_MVE_CHANNEL_5
#undef MIDGE_MVE_CHANNEL_4
#undef MIDGE_MVE_CHANNEL_3
#undef MIDGE_MVE_CHANNEL_2
#undef MIDGE_MVE_CHANNEL_1
#undef MIDGE_MVE_NEXT
#undef MIDGE_MVE_FIRST
#undef MIDGE_MVE_REST
#undef MIDGE_MVE_WHOLE
#else
  for (; quads > 0; --quads) {
    int32_t sums[4];
    for (int32_t& sum : sums) {
      sum = 0;
      for (int i = 0; i + 1 < kVectors; ++i, at.w += 16) sum = Dot(x[i].lane, at.w, 16, sum);
      const int32_t last = kHasRest ? rest : 16;
      sum = Dot(x[kVectors - 1].lane, at.w, last, sum);
      at.w += last;
    }
    RequantizeNext(sums, zero_point, at);
  }
#endif
}

// What loops over quads of channels keep in memory. The first four in this order for assembly code.
struct DeepLoop {
  const int32_t* bias;  // with the zero point's part
  const int32_t* multiplier_q31;
  const int8_t* exponent;
  int8_t* out;
  const int8_t* end;  // of out
  const int8_t* x;    // the column
  const int8_t* w;
  int32_t depth;
  int32_t padding;  // bytes from a row's end to that of its last vector
};

// The pixel's column in memory, more than 16 elements: channels up to `end`, at least four, in
// fours. Exponents in [-31, -1], or, if kAnyExponent, [-31, 30].
template <bool kAnyExponent>
inline void ComputeQuads(DeepLoop& loop, S32x4 zero_point) {
#if MIDGE_ARM_MVE_ASM
  static_assert(offsetof(DeepLoop, out) == 12 && offsetof(DeepLoop, end) == 16 &&
                offsetof(DeepLoop, x) == 20 && offsetof(DeepLoop, w) == 24 &&
                offsetof(DeepLoop, depth) == 28 && offsetof(DeepLoop, padding) == 32);
  // r0, r2, r4, r6 sums, r1 column, r3, r5, r8, r9 weights, r10 depth, r11 depth but 16, r12
  // padding; then r0, r2, r4, r6 parameters and output.
#define MIDGE_MVE_DEEP(scale)                                                                  \
  asm volatile(                                                                                \
      "ldr           r3, [%[loop], #24]\n\t"                                                   \
      "ldrd          r10, r12, [%[loop], #28]\n\t"                                             \
      "sub           r11, r10, #16\n"                                                          \
      "1:\n\t"                                                                                 \
      "ldr           r1, [%[loop], #20]\n\t"                                                   \
      "add           r5, r3, r10\n\t"                                                          \
      "add           r8, r5, r10\n\t"                                                          \
      "add           r9, r8, r10\n\t"                                                          \
      "vldrb.8       %q[v], [r1], #16\n\t"                                                     \
      "vldrb.8       %q[sums], [r3], #16\n\t"                                                  \
      "vmladav.s8    r0, %q[v], %q[sums]\n\t"                                                  \
      "vldrb.8       %q[sums], [r5], #16\n\t"                                                  \
      "vmladav.s8    r2, %q[v], %q[sums]\n\t"                                                  \
      "vldrb.8       %q[sums], [r8], #16\n\t"                                                  \
      "vmladav.s8    r4, %q[v], %q[sums]\n\t"                                                  \
      "vldrb.8       %q[sums], [r9], #16\n\t"                                                  \
      "vmladav.s8    r6, %q[v], %q[sums]\n\t"                                                  \
      "dlstp.8       lr, r11\n"                                                                \
      "2:\n\t"                                                                                 \
      "vldrb.8       %q[v], [r1], #16\n\t"                                                     \
      "vldrb.8       %q[sums], [r3], #16\n\t"                                                  \
      "vmladava.s8   r0, %q[v], %q[sums]\n\t"                                                  \
      "vldrb.8       %q[sums], [r5], #16\n\t"                                                  \
      "vmladava.s8   r2, %q[v], %q[sums]\n\t"                                                  \
      "vldrb.8       %q[sums], [r8], #16\n\t"                                                  \
      "vmladava.s8   r4, %q[v], %q[sums]\n\t"                                                  \
      "vldrb.8       %q[sums], [r9], #16\n\t"                                                  \
      "vmladava.s8   r6, %q[v], %q[sums]\n\t"                                                  \
      "letp          lr, 2b\n\t"                                                               \
      "vmov          %q[sums][2], %q[sums][0], r0, r4\n\t"                                     \
      "vmov          %q[sums][3], %q[sums][1], r2, r6\n\t"                                     \
      "ldm           %[loop], {r0, r2, r4, r6}\n\t"                                            \
      "vldrw.32      %q[v], [r0], #16\n\t"                                                     \
      "vadd.i32      %q[sums], %q[sums], %q[v]\n\t" scale                                      \
      "vadd.i32      %q[sums], %q[sums], %q[zero_point]\n\t"                                   \
      "vqmovnb.s32   %q[sums], %q[sums]\n\t"                                                   \
      "vqmovnb.s16   %q[sums], %q[sums]\n\t"                                                   \
      "vstrb.32      %q[sums], [r6], #4\n\t"                                                   \
      "stm           %[loop], {r0, r2, r4, r6}\n\t"                                            \
      "ldr           r0, [%[loop], #16]\n\t"                                                   \
      "sub           r3, r9, r12\n\t"                                                          \
      "cmp           r6, r0\n\t"                                                               \
      "bne           1b\n\t"                                                                   \
      "str           r3, [%[loop], #24]"                                                       \
      : [v] "=&w"(v), [sums] "=&w"(sums), [exponents] "=&w"(exponents)                         \
      : [loop] "r"(&loop), [zero_point] "w"(zero_point), [zero] "w"(zero)                      \
      : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", \
        "memory")
  S8x16 v;
  S32x4 sums, exponents;
  const S32x4 zero = SplatS32(0);
  if constexpr (kAnyExponent) {
    MIDGE_MVE_DEEP(
        "vldrb.s32     %q[exponents], [r4], #4\n\t"
        "vmax.s32      %q[v], %q[exponents], %q[zero]\n\t"
        "vshl.s32      %q[sums], %q[sums], %q[v]\n\t"
        "vldrw.32      %q[v], [r2], #16\n\t"
        "vqrdmulh.s32  %q[sums], %q[sums], %q[v]\n\t"
        "vand          %q[v], %q[sums], %q[exponents]\n\t"
        "vshr.s32      %q[v], %q[v], #31\n\t"
        "vadd.i32      %q[sums], %q[sums], %q[v]\n\t"
        "vmin.s32      %q[v], %q[exponents], %q[zero]\n\t"
        "vrshl.s32     %q[sums], %q[sums], %q[v]\n\t");
  } else {
    MIDGE_MVE_DEEP(
        "vldrw.32      %q[v], [r2], #16\n\t"
        "vqrdmulh.s32  %q[sums], %q[sums], %q[v]\n\t"
        "vshr.s32      %q[v], %q[sums], #31\n\t"
        "vadd.i32      %q[sums], %q[sums], %q[v]\n\t"
        "vldrb.s32     %q[v], [r4], #4\n\t"
        "vrshl.s32     %q[sums], %q[sums], %q[v]\n\t");
  }
#undef MIDGE_MVE_DEEP
#else
  while (loop.out != loop.end) {
    int32_t sums[4];
    for (int32_t& sum : sums) {
      sum = Dot(loop.x, loop.w, loop.depth, 0);
      loop.w += loop.depth;
    }
    const S32x4 biased = Add(LoadS32(sums), LoadS32(loop.bias));
    const S32x4 m = LoadS32(loop.multiplier_q31), e = LoadS8AsS32(loop.exponent);
    const S32x4 scaled = kAnyExponent ? Requantize(biased, m, e) : RequantizeDown(biased, m, e);
    StoreS32AsS8(loop.out, SaturateToS8(Add(scaled, zero_point)), 4);
    loop.bias += 4, loop.multiplier_q31 += 4, loop.exponent += 4, loop.out += 4;
  }
#endif
}

#if MIDGE_ARM_MVE_ASM
#undef MIDGE_MVE_REQUANTIZE
#endif

}  // namespace midge::arm_mve
