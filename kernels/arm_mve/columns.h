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

namespace midge::arm_mve {

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

// A short column in registers, and what loop it takes.
struct ShortColumn {
  S8x16 x0, x1, x2, x3;
};
// Rows of weights that end with a whole vector, or in one: then the last is loaded in part.
enum class ShortForm : int32_t {
  kNone = -1,
  kIn1,
  kIn2,
  kIn3,
  kWhole1,
  kWhole2,
  kWhole4,
};

// That of `depth` elements. The depths that models have and that fit registers are worth a loop of
// their own.
inline ShortForm ShortFormOf(int32_t depth) {
  switch (depth) {
    case 16:
      return ShortForm::kWhole1;
    case 32:
      return ShortForm::kWhole2;
    case 64:
      return ShortForm::kWhole4;
  }
  return depth < 48 ? static_cast<ShortForm>(depth / 16) : ShortForm::kNone;
}

// `depth` elements, at most 64, 0 behind the last.
inline ShortColumn LoadColumn(const int8_t* x, int32_t depth) {
  ShortColumn column;
#if MIDGE_ARM_MVE_ASM
#define MIDGE_MVE_LOAD_NEXT(x)   \
  "vctp.8     %[depth]\n\t"      \
  "vpst\n\t"                     \
  "vldrbt.8   %q[" x             \
  "], [%[from]]\n\t"             \
  "adds       %[from], #16\n\t"  \
  "subs       %[depth], #16\n\t" \
  "ble        1f\n\t"
  asm volatile(MIDGE_MVE_LOAD_NEXT("x0") MIDGE_MVE_LOAD_NEXT("x1") MIDGE_MVE_LOAD_NEXT("x2")
               "vctp.8     %[depth]\n\t"
               "vpst\n\t"
               "vldrbt.8   %q[x3], [%[from]]\n"
               "1:"
               : [x0] "=&w"(column.x0), [x1] "=&w"(column.x1), [x2] "=&w"(column.x2),
                 [x3] "=&w"(column.x3), [from] "+l"(x), [depth] "+l"(depth)
               :
               : "cc", "p0", "memory");
#undef MIDGE_MVE_LOAD_NEXT
#else
  S8x16* const to[] = {&column.x0, &column.x1, &column.x2, &column.x3};
  for (int32_t i = 0; i < 4; ++i) *to[i] = LoadS8(x + 16 * i, depth - 16 * i);
#endif
  return column;
}

// 4 * quads channels, at least four.
[[gnu::always_inline]] inline void ComputeQuads(const ShortColumn& x, ShortForm form, int32_t depth,
                                                S32x4 zero_point, int32_t quads, Channels& at) {
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
#define MIDGE_MVE_QUAD(channel, last) \
  channel(last, "a0") channel(last, "a1") channel(last, "a2") channel(last, "a3")
  const int32_t rest = ((depth - 1) & 15) + 1;
  int32_t a0, a1, a2, a3;
  S8x16 v;
  S32x4 sums;
  asm volatile(
      "vctp.8        %[rest]\n\t"
      "dls           lr, %[quads]\n"
      "1:\n\t"
      "tbb           [pc, %[form]]\n"
      "2:\n\t"
      ".byte         (3f - 2b) / 2, (4f - 2b) / 2, (5f - 2b) / 2\n\t"
      ".byte         (6f - 2b) / 2, (7f - 2b) / 2, (8f - 2b) / 2\n"
      "3:\n\t" MIDGE_MVE_QUAD(MIDGE_MVE_CHANNEL_1, MIDGE_MVE_REST)
      "b             9f\n"
      "4:\n\t" MIDGE_MVE_QUAD(MIDGE_MVE_CHANNEL_2, MIDGE_MVE_REST)
      "b             9f\n"
      "5:\n\t" MIDGE_MVE_QUAD(MIDGE_MVE_CHANNEL_3, MIDGE_MVE_REST)
      "b             9f\n"
      "6:\n\t" MIDGE_MVE_QUAD(MIDGE_MVE_CHANNEL_1, MIDGE_MVE_WHOLE)
      "b             9f\n"
      "7:\n\t" MIDGE_MVE_QUAD(MIDGE_MVE_CHANNEL_2, MIDGE_MVE_WHOLE)
      "b             9f\n"
      "8:\n\t" MIDGE_MVE_QUAD(MIDGE_MVE_CHANNEL_4, MIDGE_MVE_WHOLE)
      "9:\n\t" MIDGE_MVE_REQUANTIZE
      "le            lr, 1b"
      : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3), [v] "=&w"(v),
        [sums] "=&w"(sums), [w] "+r"(at.w), [bias] "+r"(at.bias),
        [multiplier] "+r"(at.multiplier_q31), [exponent] "+l"(at.exponent), [out] "+l"(at.out)
      : [quads] "r"(quads), [rest] "r"(rest), [form] "r"(form), [zero_point] "w"(zero_point),
        [x0] "w"(x.x0), [x1] "w"(x.x1), [x2] "w"(x.x2), [x3] "w"(x.x3)
      : "lr", "p0", "memory");
#undef MIDGE_MVE_QUAD
#undef MIDGE_MVE_CHANNEL_4
#undef MIDGE_MVE_CHANNEL_3
#undef MIDGE_MVE_CHANNEL_2
#undef MIDGE_MVE_CHANNEL_1
#undef MIDGE_MVE_NEXT
#undef MIDGE_MVE_FIRST
#undef MIDGE_MVE_REST
#undef MIDGE_MVE_WHOLE
#else
  static_cast<void>(form);
  const S8x16* const vectors[] = {&x.x0, &x.x1, &x.x2, &x.x3};
  for (; quads > 0; --quads) {
    int32_t sums[4] = {};
    for (int32_t& sum : sums) {
      for (int32_t k = 0; k < depth; ++k) {
        sum = AddWrapping(sum, vectors[k / 16]->lane[k % 16] * *at.w++);
      }
    }
    RequantizeNext(sums, zero_point, at);
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

#if MIDGE_ARM_MVE_ASM
#undef MIDGE_MVE_REQUANTIZE
#endif

}  // namespace midge::arm_mve
