// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_mve/dot_s16.h"

#include <cstddef>
#include <cstring>

#include "kernels/arm_mve/helium.h"
#include "kernels/arm_mve/requantize.h"

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
constexpr int32_t kSecond = ChannelsS16<int32_t>::kBlock;  // from a column's sum to the next one's

// Two columns, and three rows of weights, `stride` apart: the next three.
struct PairLoop {
  const int16_t* x[2];
  int32_t count;  // at least 1
  int32_t stride;
  int32_t* sums;       // of the first column, three; those of the second are kSecond behind
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
                offsetof(PairLoop, zeros) == 32 && kSecond == 48);
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
    loop.sums[kSecond] = Dot(loop.x[1], w, loop.count);
  }
}

#endif

// sums[k] = sum_i x[i] * w[k * stride + i] for k < rows, i < count, modulo 2^32; and kSecond behind
// those of a second column.
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
      sums[k + c * kSecond] = Dot(x[c] + first, w + k * stride, count);
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

int64_t ValueOf(PackedInt64 bias) { return bias.value(); }
int32_t ValueOf(int32_t bias) { return bias; }

}  // namespace

template <typename Bias>
ChannelsS16<Bias>::ChannelsS16(const QuantizedOutput& output, const int8_t* filter,
                               const Bias* bias, int32_t depth, int32_t channels)
    : output_(output),
      filter_(filter),
      bias_(bias),
      depth_(depth),
      channels_(channels),
      shifts_right_(
          MaxS8(output.multipliers.exponent, output.multipliers.step == 0 ? 1 : channels) < 0) {}

template <typename Bias>
template <int kColumns>
void ChannelsS16<Bias>::Compute(const int16_t* const (&x)[kColumns],
                                int16_t* const (&out)[kColumns]) const {
  const int32_t most = kWide && depth_ > kMostProducts ? kMostProducts : depth_;
  for (int32_t o = 0; o < channels_; o += kBlock) {
    const int32_t count = channels_ - o < kBlock ? channels_ - o : kBlock;
    const int8_t* const w = filter_ + o * depth_;
    int32_t sums[kColumns * kBlock];
    Multiply(x, 0, most, w, depth_, count, sums);
    bool fit = true;
    for (int32_t i = most; i < depth_; i += most) {
      int32_t parts[kColumns * kBlock];
      Multiply(x, i, depth_ - i < most ? depth_ - i : most, w, depth_, count, parts);
      for (int c = 0; c < kColumns; ++c) {
        fit &= AddFitting(parts + c * kBlock, count, sums + c * kBlock);
      }
    }
    Bias none[kBlock];
    const Bias* bias = none;
    if (bias_ != nullptr) {
      bias = bias_ + o;
    } else {
      std::memset(none, 0, static_cast<size_t>(count) * sizeof *none);
    }
    int16_t* to[kColumns];
    for (int c = 0; c < kColumns; ++c) to[c] = out[c] + o;
    if (fit && shifts_right_ && FinishByVectors({o, count, bias, sums}, to)) continue;
    for (int c = 0; c < kColumns; ++c) {
      for (int32_t k = 0; k < count; ++k) {
        Sum sum = ValueOf(bias[k]);
        if (fit) {
          sum = AddWrapping(sum, Sum{sums[c * kBlock + k]});
        } else {
          for (int32_t i = 0; i < depth_; i += most) {
            const int32_t here = depth_ - i < most ? depth_ - i : most;
            sum = AddWrapping(sum, Sum{Dot(x[c] + i, w + k * depth_ + i, here)});
          }
        }
        to[c][k] = output_.S16(sum, o + k);
      }
    }
  }
}

// Whether the outputs are right: sums of 64 bits have to fit 32. Then, with a = acc and q < 2^15,
//
//   floor((a * q + 2^(s-1)) / 2^s) = floor((y + 2^(s-16)) / 2^(s-15)), y = floor(a * q / 2^15)
//
// for s = 15 - exponent above 15: y is what VQDMULH makes of q * 2^16, and VRSHL does the rest.
template <typename Bias>
template <int kColumns>
bool ChannelsS16<Bias>::FinishByVectors(const Block& block, int16_t* const (&to)[kColumns]) const {
  const bool shared = output_.multipliers.step == 0;
  const int32_t first = shared ? 0 : block.channel;
  const int32_t* multiplier_q31 = output_.multipliers.multiplier_q31 + first;
  const int8_t* exponent = output_.multipliers.exponent + first;
  const int32_t zero_point = output_.zero_point;
  const S32x4 min = SplatS32(output_.clamp.min), max = SplatS32(output_.clamp.max);
  int32_t repeated[4];
  int8_t repeated_exponent[4];
  if (shared) {
    for (int32_t k = 0; k < 4; ++k) {
      repeated[k] = *multiplier_q31, repeated_exponent[k] = *exponent;
    }
    multiplier_q31 = repeated, exponent = repeated_exponent;
  }
  const int32_t step = shared ? 0 : 4;
#if MIDGE_ARM_MVE_ASM
  const int32_t* sums = block.sums;
  int16_t *out = to[0], *second_out = to[kColumns - 1];
  S32x4 x, y;
#define MIDGE_MVE_OPERANDS                                           \
  [sums] "+r"(sums), [out] "+l"(out), [second_out] "+l"(second_out), \
      [multiplier] "+r"(multiplier_q31), [exponent] "+l"(exponent), [x] "=&w"(x), [y] "=&w"(y)
#define MIDGE_MVE_TO_S16(out)                    \
  "vldrb.s32    %q[y], [%[exponent]]\n\t"        \
  "vrshl.s32    %q[x], %q[x], %q[y]\n\t"         \
  "vadd.i32     %q[x], %q[x], %[zero_point]\n\t" \
  "vmax.s32     %q[x], %q[x], %q[min]\n\t"       \
  "vmin.s32     %q[x], %q[x], %q[max]\n\t"       \
  "vstrh.32     %q[x], [%[" out "]], #8\n\t"
#define MIDGE_MVE_NEXT                                             \
  "add          %[sums], %[sums], #16\n\t"                         \
  "add          %[multiplier], %[multiplier], %[step], lsl #2\n\t" \
  "add          %[exponent], %[exponent], %[step]\n\t"             \
  "letp         lr, 1b"
  static_assert(kSecond == 48);
  if constexpr (kWide) {
    // The upper halves of q are the multiplier, rounded and saturated; the lower ones stay 0.
    S32x4 low, q = SplatS32(0), too_wide = q, lanes = Lanes(0, 2, 4, 6);
#define MIDGE_MVE_BEGIN                                     \
  "dlstp.32     lr, %[count]\n"                             \
  "1:\n\t"                                                  \
  "vldrw.u32    %q[low], [%[bias], %q[lanes], uxtw #2]\n\t" \
  "vldrw.u32    %q[y], [%[high], %q[lanes], uxtw #2]\n\t"   \
  "vadd.i32     %q[lanes], %q[lanes], %[eight]\n\t"         \
  "vshr.s32     %q[x], %q[low], #31\n\t"                    \
  "veor         %q[y], %q[y], %q[x]\n\t"                    \
  "vorr         %q[too_wide], %q[too_wide], %q[y]\n\t"      \
  "vldrw.32     %q[y], [%[multiplier]]\n\t"                 \
  "vqrshrnt.s32 %q[q], %q[y], #16\n\t"
#define MIDGE_MVE_COLUMN(at, out)                      \
  "vldrw.32     %q[x], [%[sums], #" at                 \
  "]\n\t"                                              \
  "vqadd.s32    %q[y], %q[x], %q[low]\n\t"             \
  "vadd.i32     %q[x], %q[x], %q[low]\n\t"             \
  "veor         %q[y], %q[y], %q[x]\n\t"               \
  "vorr         %q[too_wide], %q[too_wide], %q[y]\n\t" \
  "vqdmulh.s32  %q[x], %q[x], %q[q]\n\t" MIDGE_MVE_TO_S16(out)
#define MIDGE_MVE_FINISH(columns)                                                                 \
  asm volatile(MIDGE_MVE_BEGIN columns MIDGE_MVE_NEXT                                             \
               : MIDGE_MVE_OPERANDS, [low] "=&w"(low), [q] "+&w"(q), [too_wide] "+&w"(too_wide),  \
                 [lanes] "+&w"(lanes)                                                             \
               : [count] "r"(block.count), [bias] "r"(block.bias), [high] "r"(&block.bias->high), \
                 [zero_point] "r"(zero_point), [min] "w"(min), [max] "w"(max), [step] "r"(step),  \
                 [eight] "r"(8)                                                                   \
               : "lr", "memory")
    if constexpr (kColumns == 1) {
      MIDGE_MVE_FINISH(MIDGE_MVE_COLUMN("0", "out"));
    } else {
      MIDGE_MVE_FINISH(MIDGE_MVE_COLUMN("0", "out") MIDGE_MVE_COLUMN("192", "second_out"));
    }
#undef MIDGE_MVE_FINISH
#undef MIDGE_MVE_COLUMN
#undef MIDGE_MVE_BEGIN
    int32_t wide[4];
    StoreS32(wide, too_wide);
    return (wide[0] | wide[1] | wide[2] | wide[3]) == 0;
  } else {
    const int32_t* bias = block.bias;
    S32x4 from, m;
#define MIDGE_MVE_COLUMN(at, out)           \
  "vldrw.32     %q[x], [%[sums], #" at      \
  "]\n\t"                                   \
  "vadd.i32     %q[x], %q[x], %q[from]\n\t" \
  "vqrdmulh.s32 %q[x], %q[x], %q[m]\n\t"    \
  "vshr.s32     %q[y], %q[x], #31\n\t"      \
  "vadd.i32     %q[x], %q[x], %q[y]\n\t" MIDGE_MVE_TO_S16(out)
#define MIDGE_MVE_FINISH(columns)                                                               \
  asm volatile(                                                                                 \
      "dlstp.32     lr, %[count]\n"                                                             \
      "1:\n\t"                                                                                  \
      "vldrw.32     %q[from], [%[bias]], #16\n\t"                                               \
      "vldrw.32     %q[m], [%[multiplier]]\n\t" columns MIDGE_MVE_NEXT                          \
      : MIDGE_MVE_OPERANDS, [bias] "+r"(bias), [from] "=&w"(from), [m] "=&w"(m)                 \
      : [count] "r"(block.count), [zero_point] "r"(zero_point), [min] "w"(min), [max] "w"(max), \
        [step] "r"(step)                                                                        \
      : "lr", "memory")
    if constexpr (kColumns == 1) {
      MIDGE_MVE_FINISH(MIDGE_MVE_COLUMN("0", "out"));
    } else {
      MIDGE_MVE_FINISH(MIDGE_MVE_COLUMN("0", "out") MIDGE_MVE_COLUMN("192", "second_out"));
    }
#undef MIDGE_MVE_FINISH
#undef MIDGE_MVE_COLUMN
    return true;
  }
#undef MIDGE_MVE_NEXT
#undef MIDGE_MVE_TO_S16
#undef MIDGE_MVE_OPERANDS
#else
  bool fit = true;
  for (int32_t k = 0; k < block.count; k += 4) {
    const int32_t here = block.count - k;
    const S32x4 m = LoadS32(multiplier_q31, here), e = LoadS8AsS32(exponent, here);
    for (int c = 0; c < kColumns; ++c) {
      S32x4 x = LoadS32(block.sums + c * kBlock + k, here);
      if constexpr (kWide) {
        for (int32_t i = 0; i < 4 && i < here; ++i) {
          const int64_t sum = AddWrapping(block.bias[k + i].value(), int64_t{x.lane[i]});
          fit = fit && sum == static_cast<int32_t>(sum);
          const int64_t rounded = (int64_t{m.lane[i]} + (1 << 15)) >> 16;
          const int64_t q = rounded > INT16_MAX ? INT16_MAX : rounded;
          x.lane[i] = static_cast<int32_t>(static_cast<int32_t>(sum) * q >> 15);
        }
        x = RoundingShift(x, e);
      } else {
        x = RequantizeDown(Add(x, LoadS32(block.bias + k, here)), m, e);
      }
      StoreS32AsS16(to[c] + k, Min(Max(Add(x, zero_point), min), max), here);
    }
    multiplier_q31 += step, exponent += step;
  }
  return fit;
#endif
}

template class ChannelsS16<int32_t>;
template class ChannelsS16<PackedInt64>;
template void ChannelsS16<int32_t>::Compute(const int16_t* const (&)[1],
                                            int16_t* const (&)[1]) const;
template void ChannelsS16<int32_t>::Compute(const int16_t* const (&)[2],
                                            int16_t* const (&)[2]) const;
template void ChannelsS16<PackedInt64>::Compute(const int16_t* const (&)[1],
                                                int16_t* const (&)[1]) const;
template void ChannelsS16<PackedInt64>::Compute(const int16_t* const (&)[2],
                                                int16_t* const (&)[2]) const;

}  // namespace midge::arm_mve
