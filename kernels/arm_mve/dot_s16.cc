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

// sums[k] = sum_i x[i] * w[k * stride + i] for k < rows, i < count, modulo 2^32.
void Multiply(const int16_t* x, int32_t count, const int8_t* w, int32_t stride, int32_t rows,
              int32_t* sums) {
  int32_t k = 0;
  const auto run = [&](int32_t in_loop) {
    RowsLoop loop = {
        x, count, sums + k, sums + k + in_loop, stride, stride - ((count + 7) & ~7), w + k * stride,
        {}};
    RunRows(loop);
    k += in_loop;
  };
  if (count > 0 && rows >= kRowsAtOnce) {
    run(rows - rows % kRowsAtOnce);
    if (rows - k > 2) {  // five again cost less than one at a time
      k = rows - kRowsAtOnce;
      run(kRowsAtOnce);
    }
  }
  for (; k < rows; ++k) sums[k] = Dot(x, w + k * stride, count);
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
void ChannelsS16<Bias>::Compute(const int16_t* x, int16_t* out) const {
  const int32_t most = kWide ? kMostProducts : depth_;
  for (int32_t o = 0; o < channels_; o += kBlock) {
    const int32_t count = channels_ - o < kBlock ? channels_ - o : kBlock;
    const auto of_block = static_cast<size_t>(count);
    const int8_t* const w = filter_ + o * depth_;
    int32_t sums[kBlock];
    Bias own[kBlock];
    const Bias* from = own;
    if (bias_ != nullptr) {
      from = bias_ + o;
    } else {
      std::memset(own, 0, of_block * sizeof *own);
    }
    for (int32_t i = 0;;) {
      const int32_t products = depth_ - i < most ? depth_ - i : most;
      Multiply(x + i, products, w + i, depth_, count, sums);
      i += products;
      if (i == depth_) break;
      if constexpr (kWide) {
        for (int32_t k = 0; k < count; ++k) {
          const auto sum = static_cast<uint64_t>(AddWrapping(from[k].value(), int64_t{sums[k]}));
          own[k] = {static_cast<uint32_t>(sum), static_cast<uint32_t>(sum >> 32)};
        }
        from = own;
      }
    }
    Finish({from, sums, out + o, o, count});
  }
}

// Whether the outputs are right: sums of 64 bits have to fit 32. Then, with a = acc and q < 2^15,
//
//   floor((a * q + 2^(s-1)) / 2^s) = floor((y + 2^(s-16)) / 2^(s-15)), y = floor(a * q / 2^15)
//
// for s = 15 - exponent above 15: y is what VQDMULH makes of q * 2^16, and VRSHL does the rest.
template <typename Bias>
bool ChannelsS16<Bias>::FinishByVectors(const Block& block) const {
  const bool shared = output_.multipliers.step == 0;
  const int32_t first = shared ? 0 : block.channel;
  const int32_t* multiplier_q31 = output_.multipliers.multiplier_q31 + first;
  const int8_t* exponent = output_.multipliers.exponent + first;
  const int32_t zero_point = output_.zero_point;
  const S32x4 min = SplatS32(output_.clamp.min), max = SplatS32(output_.clamp.max);
  // One multiplier, four times.
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
  int16_t* out = block.out;
  S32x4 x, y;
#define MIDGE_MVE_OPERANDS                                               \
  [sums] "+r"(sums), [out] "+l"(out), [multiplier] "+r"(multiplier_q31), \
      [exponent] "+l"(exponent), [x] "=&w"(x), [y] "=&w"(y)
#define MIDGE_MVE_TO_S16                                           \
  "vldrb.s32    %q[y], [%[exponent]]\n\t"                          \
  "vrshl.s32    %q[x], %q[x], %q[y]\n\t"                           \
  "vadd.i32     %q[x], %q[x], %[zero_point]\n\t"                   \
  "vmax.s32     %q[x], %q[x], %q[min]\n\t"                         \
  "vmin.s32     %q[x], %q[x], %q[max]\n\t"                         \
  "vstrh.32     %q[x], [%[out]], #8\n\t"                           \
  "add          %[multiplier], %[multiplier], %[step], lsl #2\n\t" \
  "add          %[exponent], %[exponent], %[step]\n\t"             \
  "letp         lr, 1b"
  if constexpr (kWide) {
    // The upper halves of q are the multiplier, rounded and saturated; the lower ones stay 0.
    S32x4 low, q = SplatS32(0), too_wide = q, lanes = Lanes(0, 2, 4, 6);
    asm volatile(
        "dlstp.32     lr, %[count]\n"
        "1:\n\t"
        "vldrw.u32    %q[low], [%[bias], %q[lanes], uxtw #2]\n\t"
        "vldrw.u32    %q[y], [%[high], %q[lanes], uxtw #2]\n\t"
        "vadd.i32     %q[lanes], %q[lanes], %[eight]\n\t"
        "vshr.s32     %q[x], %q[low], #31\n\t"
        "veor         %q[y], %q[y], %q[x]\n\t"
        "vorr         %q[too_wide], %q[too_wide], %q[y]\n\t"
        "vldrw.32     %q[x], [%[sums]], #16\n\t"
        "vqadd.s32    %q[y], %q[x], %q[low]\n\t"
        "vadd.i32     %q[x], %q[x], %q[low]\n\t"
        "veor         %q[y], %q[y], %q[x]\n\t"
        "vorr         %q[too_wide], %q[too_wide], %q[y]\n\t"
        "vldrw.32     %q[y], [%[multiplier]]\n\t"
        "vqrshrnt.s32 %q[q], %q[y], #16\n\t"
        "vqdmulh.s32  %q[x], %q[x], %q[q]\n\t" MIDGE_MVE_TO_S16
        : MIDGE_MVE_OPERANDS, [low] "=&w"(low), [q] "+&w"(q), [too_wide] "+&w"(too_wide),
          [lanes] "+&w"(lanes)
        : [count] "r"(block.count), [bias] "r"(block.bias), [high] "r"(&block.bias->high),
          [zero_point] "r"(zero_point), [min] "w"(min), [max] "w"(max), [step] "r"(step),
          [eight] "r"(8)
        : "lr", "memory");
    int32_t wide[4];
    StoreS32(wide, too_wide);
    return (wide[0] | wide[1] | wide[2] | wide[3]) == 0;
  } else {
    const int32_t* bias = block.bias;
    asm volatile(
        "dlstp.32     lr, %[count]\n"
        "1:\n\t"
        "vldrw.32     %q[x], [%[sums]], #16\n\t"
        "vldrw.32     %q[y], [%[bias]], #16\n\t"
        "vadd.i32     %q[x], %q[x], %q[y]\n\t"
        "vldrw.32     %q[y], [%[multiplier]]\n\t"
        "vqrdmulh.s32 %q[x], %q[x], %q[y]\n\t"
        "vshr.s32     %q[y], %q[x], #31\n\t"
        "vadd.i32     %q[x], %q[x], %q[y]\n\t" MIDGE_MVE_TO_S16
        : MIDGE_MVE_OPERANDS, [bias] "+r"(bias)
        : [count] "r"(block.count), [zero_point] "r"(zero_point), [min] "w"(min), [max] "w"(max),
          [step] "r"(step)
        : "lr", "memory");
    return true;
  }
#undef MIDGE_MVE_TO_S16
#undef MIDGE_MVE_OPERANDS
#else
  bool fit = true;
  for (int32_t k = 0; k < block.count; k += 4) {
    const int32_t here = block.count - k;
    const S32x4 m = LoadS32(multiplier_q31, here), e = LoadS8AsS32(exponent, here);
    S32x4 x = LoadS32(block.sums + k, here);
    if constexpr (kWide) {
      S32x4 q = SplatS32(0);
      for (int32_t i = 0; i < 4 && i < here; ++i) {
        const int64_t sum = AddWrapping(block.bias[k + i].value(), int64_t{x.lane[i]});
        fit = fit && sum == static_cast<int32_t>(sum);
        x.lane[i] = static_cast<int32_t>(sum);
        const int64_t rounded = (int64_t{m.lane[i]} + (1 << 15)) >> 16;
        q.lane[i] = static_cast<int32_t>(rounded > INT16_MAX ? INT16_MAX : rounded) * (1 << 16);
        x.lane[i] = static_cast<int32_t>(int64_t{x.lane[i]} * q.lane[i] >> 31);
      }
      x = RoundingShift(x, e);
    } else {
      x = RequantizeDown(Add(x, LoadS32(block.bias + k, here)), m, e);
    }
    StoreS32AsS16(block.out + k, Min(Max(Add(x, zero_point), min), max), here);
    multiplier_q31 += step, exponent += step;
  }
  return fit;
#endif
}

template <typename Bias>
void ChannelsS16<Bias>::Finish(const Block& block) const {
  if (shifts_right_ && FinishByVectors(block)) return;
  for (int32_t k = 0; k < block.count; ++k) {
    using Sum = decltype(ValueOf(*block.bias));
    const Sum sum = AddWrapping(ValueOf(block.bias[k]), Sum{block.sums[k]});
    block.out[k] = output_.S16(sum, block.channel + k);
  }
}

template class ChannelsS16<int32_t>;
template class ChannelsS16<PackedInt64>;

}  // namespace midge::arm_mve
