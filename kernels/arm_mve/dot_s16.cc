// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_mve/dot_s16.h"

#include <cstddef>

#include "kernels/arm_mve/helium.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kRowsAtOnce = 5;

// acc + sum_i x[i] * w[i] for i < count, modulo 2^32.
inline int32_t Dot(const int16_t* x, const int8_t* w, int32_t count) {
  int32_t acc = 0;
#if MIDGE_ARM_MVE_ASM
  S16x8 v, u;
  asm("wlstp.16      lr, %[count], 2f\n"
      "1:\n\t"
      "vldrh.16      %q[v], [%[x]], #16\n\t"
      "vldrb.s16     %q[u], [%[w]], #8\n\t"
      "vmladava.s16  %[acc], %q[v], %q[u]\n\t"
      "letp          lr, 1b\n"
      "2:"
      : [x] "+r"(x), [w] "+l"(w), [acc] "+Te"(acc), [v] "=&w"(v), [u] "=&w"(u)
      : [count] "r"(count)
      : "lr", "memory");
#else
  for (; count > 0; --count) acc = AddWrapping(acc, *x++ * *w++);
#endif
  return acc;
}

// Five rows of weights, `stride` apart: the next five.
struct RowsLoop {
  const int16_t* x;
  int32_t count;       // at least 1
  int32_t* sums;       // five
  const int32_t* end;  // of sums
  int32_t stride;
  int32_t to_next;  // bytes from the end of a row's last vector to the row below
  const int8_t* w;
  int32_t zeros[kRowsAtOnce];
};

// sums[k] = sum_i x[i] * w[k * stride + i] for i < count until loop.end, modulo 2^32.
#if MIDGE_ARM_MVE_ASM

[[gnu::noinline]] void RunRows(RowsLoop& loop) {
  static_assert(offsetof(RowsLoop, sums) == 8 && offsetof(RowsLoop, end) == 12 &&
                offsetof(RowsLoop, stride) == 16 && offsetof(RowsLoop, to_next) == 20 &&
                offsetof(RowsLoop, w) == 24 && offsetof(RowsLoop, zeros) == 28);
  // r0, r2, r8, r10, r12 sums; r1, r3, r4, r5, r6 weights, which only low registers point to; r9
  // inputs
#define MIDGE_MVE_ROW(sum, w) \
  "vldrb.s16     %q[u], [" w  \
  "], #8\n\t"                 \
  "vmladava.s16  " sum ", %q[v], %q[u]\n\t"
  register RowsLoop* fields asm("r11") = &loop;
  S16x8 v, u;
  asm volatile(
      "ldr           r1, [r11, #24]\n"
      "1:\n\t"
      "ldrd          r9, lr, [r11]\n\t"
      "ldr           r12, [r11, #16]\n\t"
      "add           r3, r1, r12\n\t"
      "add           r4, r3, r12\n\t"
      "add           r5, r4, r12\n\t"
      "add           r6, r5, r12\n\t"
      "add           r12, r11, #28\n\t"
      "ldm           r12, {r0, r2, r8, r10, r12}\n\t"
      "dlstp.16      lr, lr\n"
      "2:\n\t"
      "vldrh.16      %q[v], [r9], #16\n\t"  //
      MIDGE_MVE_ROW("r0", "r1") MIDGE_MVE_ROW("r2", "r3") MIDGE_MVE_ROW("r8", "r4")
          MIDGE_MVE_ROW("r10", "r5") MIDGE_MVE_ROW("r12", "r6")
      "letp          lr, 2b\n\t"
      "ldrd          r3, r4, [r11, #8]\n\t"
      "stm           r3!, {r0, r2, r8, r10, r12}\n\t"
      "str           r3, [r11, #8]\n\t"
      "ldr           r1, [r11, #20]\n\t"
      "cmp           r3, r4\n\t"
      "add           r1, r6, r1\n\t"
      "bne           1b"
      : [v] "=&w"(v), [u] "=&w"(u)
      : "r"(fields)
      : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "lr", "cc", "memory");
#undef MIDGE_MVE_ROW
}

#else

void RunRows(RowsLoop& loop) {
  for (const int8_t* w = loop.w; loop.sums != loop.end; ++loop.sums, w += loop.stride) {
    *loop.sums = Dot(loop.x, w, loop.count);
  }
}

#endif

constexpr int32_t kPairRows = 3;

// Two columns, and three rows of weights, `stride` apart: the next three.
struct PairLoop {
  const int16_t* x[2];
  int32_t count;  // at least 1
  int32_t stride;
  int32_t* sums;       // of the first column, three; those of the second are kBlockS16 behind
  const int32_t* end;  // of sums
  int32_t to_next;     // bytes from the end of a row's last vector to the row below
  const int8_t* w;
  int32_t zeros[2 * kPairRows];
};

// As RunRows.
#if MIDGE_ARM_MVE_ASM

[[gnu::noinline]] void RunPairs(PairLoop& loop) {
  static_assert(offsetof(PairLoop, count) == 8 && offsetof(PairLoop, stride) == 12 &&
                offsetof(PairLoop, sums) == 16 && offsetof(PairLoop, end) == 20 &&
                offsetof(PairLoop, to_next) == 24 && offsetof(PairLoop, w) == 28 &&
                offsetof(PairLoop, zeros) == 32 && kBlockS16 == 48);
  // r0, r2, r4 and r8, r10, r12 sums, r6 and r9 columns; r1, r3, r5 weights
#define MIDGE_MVE_ROW(sum, second, w) \
  "vldrb.s16     %q[u], [" w          \
  "], #8\n\t"                         \
  "vmladava.s16  " sum                \
  ", %q[x0], %q[u]\n\t"               \
  "vmladava.s16  " second ", %q[x1], %q[u]\n\t"
  register PairLoop* fields asm("r11") = &loop;
  S16x8 x0, x1, u;
  asm volatile(
      "ldr           r1, [r11, #28]\n"
      "1:\n\t"
      "ldrd          lr, r12, [r11, #8]\n\t"
      "ldrd          r6, r9, [r11]\n\t"
      "add           r3, r1, r12\n\t"
      "add           r5, r3, r12\n\t"
      "add           r12, r11, #32\n\t"
      "ldm           r12, {r0, r2, r4, r8, r10, r12}\n\t"
      "dlstp.16      lr, lr\n"
      "2:\n\t"
      "vldrh.16      %q[x0], [r6], #16\n\t"
      "vldrh.16      %q[x1], [r9], #16\n\t"  //
      MIDGE_MVE_ROW("r0", "r8", "r1") MIDGE_MVE_ROW("r2", "r10", "r3")
          MIDGE_MVE_ROW("r4", "r12", "r5")
      "letp          lr, 2b\n\t"
      "ldrd          r3, r6, [r11, #16]\n\t"
      "stm           r3!, {r0, r2, r4}\n\t"
      "add           r9, r3, #180\n\t"
      "stm           r9, {r8, r10, r12}\n\t"
      "str           r3, [r11, #16]\n\t"
      "ldr           r1, [r11, #24]\n\t"
      "cmp           r3, r6\n\t"
      "add           r1, r5, r1\n\t"
      "bne           1b"
      : [x0] "=&w"(x0), [x1] "=&w"(x1), [u] "=&w"(u)
      : "r"(fields)
      : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "lr", "cc", "memory");
#undef MIDGE_MVE_ROW
}

#else

void RunPairs(PairLoop& loop) {
  for (const int8_t* w = loop.w; loop.sums != loop.end; ++loop.sums, w += loop.stride) {
    loop.sums[0] = Dot(loop.x[0], w, loop.count);
    loop.sums[kBlockS16] = Dot(loop.x[1], w, loop.count);
  }
}

#endif

// sums[k] = sum_i x[i] * w[k * stride + i] for k < rows, i < count, modulo 2^32; and kBlockS16
// behind those of a second column.
template <int kColumns>
void Multiply(const int16_t* const (&x)[kColumns], int32_t first, int32_t count, const int8_t* w,
              int32_t stride, int32_t rows, int32_t* sums) {
  constexpr int32_t kAtOnce = kColumns == 1 ? kRowsAtOnce : kPairRows;
  const int32_t to_next = stride - ((count + 7) & ~7);
  const int16_t* const x0 = x[0] + first;
  w += first;
  const auto run = [&](int32_t k, int32_t in_loop) {
    int32_t* const begin = sums + k;
    const int8_t* const from = w + k * stride;
    if constexpr (kColumns == 1) {
      RowsLoop loop = {x0, count, begin, begin + in_loop, stride, to_next, from, {}};
      RunRows(loop);
    } else {
      PairLoop loop = {{x0, x[1] + first}, count,   stride, begin,
                       begin + in_loop,    to_next, from,   {}};
      RunPairs(loop);
    }
  };
  int32_t k = 0;
  if (count > 0 && rows >= kAtOnce) {
    k = rows - rows % kAtOnce;
    run(0, k);
    if (rows - k > (kColumns == 1 ? 2 : 1)) {  // as many again cost less than one at a time
      k = rows;
      run(rows - kAtOnce, kAtOnce);
    }
  }
  for (; k < rows; ++k) {
    for (int c = 0; c < kColumns; ++c) {
      sums[k + c * kBlockS16] = Dot(x[c] + first, w + k * stride, count);
    }
  }
}

// sums[k] += parts[k] for k < count. Returns whether all fit 32 bits.
bool AddFitting(const int32_t* parts, int32_t count, int32_t* sums) {
  int32_t too_wide = 0;
  for (; count > 0; --count, ++parts, ++sums) {
    too_wide |= __builtin_add_overflow(*sums, *parts, sums) ? 1 : 0;
  }
  return too_wide == 0;
}

}  // namespace

template <typename Bias>
template <int kColumns>
void ChannelsS16<Bias>::Compute(const int16_t* const (&x)[kColumns],
                                int16_t* const (&out)[kColumns]) const {
  const int32_t most = kWide && depth_ > kMostProducts ? kMostProducts : depth_;
  for (int32_t o = 0; o < channels_; o += kBlockS16) {
    const int32_t count = channels_ - o < kBlockS16 ? channels_ - o : kBlockS16;
    const int8_t* const w = filter_ + o * depth_;
    int32_t sums[kColumns * kBlockS16];
    Multiply(x, 0, most, w, depth_, count, sums);
    bool fit = true;
    for (int32_t i = most; i < depth_; i += most) {
      int32_t parts[kColumns * kBlockS16];
      Multiply(x, i, depth_ - i < most ? depth_ - i : most, w, depth_, count, parts);
      for (int c = 0; c < kColumns; ++c) {
        fit &= AddFitting(parts + c * kBlockS16, count, sums + c * kBlockS16);
      }
    }
    int16_t* to[kColumns];
    for (int c = 0; c < kColumns; ++c) to[c] = out[c] + o;
    if (fit) {
      outputs_.Finish(o, count, sums, to);
      continue;
    }
    for (int c = 0; c < kColumns; ++c) {
      for (int32_t k = 0; k < count; ++k) {
        typename OutputsS16<Bias>::Sum sum = 0;
        for (int32_t i = 0; i < depth_; i += most) {
          const int32_t here = depth_ - i < most ? depth_ - i : most;
          sum += Dot(x[c] + i, w + k * depth_ + i, here);
        }
        to[c][k] = outputs_.Finish(o + k, sum);
      }
    }
  }
}

template void ChannelsS16<int32_t>::Compute(const int16_t* const (&)[1],
                                            int16_t* const (&)[1]) const;
template void ChannelsS16<int32_t>::Compute(const int16_t* const (&)[2],
                                            int16_t* const (&)[2]) const;
template void ChannelsS16<PackedInt64>::Compute(const int16_t* const (&)[1],
                                                int16_t* const (&)[1]) const;
template void ChannelsS16<PackedInt64>::Compute(const int16_t* const (&)[2],
                                                int16_t* const (&)[2]) const;

}  // namespace midge::arm_mve
