// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_mve/requantize_s16.h"

#include <cstddef>
#include <cstring>

#include "kernels/arm_mve/helium.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

int64_t ValueOf(PackedInt64 bias) { return bias.value(); }
int32_t ValueOf(int32_t bias) { return bias; }

}  // namespace

template <typename Bias>
OutputsS16<Bias>::OutputsS16(const QuantizedOutput& output, const Bias* bias, int32_t channels)
    : output_(output),
      bias_(bias),
      shifts_right_(
          MaxS8(output.multipliers.exponent, output.multipliers.step == 0 ? 1 : channels) < 0) {}

template <typename Bias>
int16_t OutputsS16<Bias>::Finish(int32_t channel, Sum sum) const {
  if (bias_ != nullptr) sum = AddWrapping(sum, ValueOf(bias_[channel]));
  return output_.S16(sum, channel);
}

template <typename Bias>
template <int kColumns>
void OutputsS16<Bias>::Finish(int32_t channel, int32_t count, const int32_t* sums,
                              int16_t* const (&out)[kColumns]) const {
  if (shifts_right_ && FinishByVectors(channel, count, sums, out)) return;
  for (int c = 0; c < kColumns; ++c) {
    for (int32_t k = 0; k < count; ++k) {
      out[c][k] = Finish(channel + k, Sum{sums[c * kBlockS16 + k]});
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
bool OutputsS16<Bias>::FinishByVectors(int32_t channel, int32_t count, const int32_t* sums,
                                       int16_t* const (&to)[kColumns]) const {
  Bias none[kBlockS16];
  const Bias* bias = none;
  if (bias_ != nullptr) {
    bias = bias_ + channel;
  } else {
    std::memset(none, 0, static_cast<size_t>(count) * sizeof *none);
  }
  const bool shared = output_.multipliers.step == 0;
  const int32_t first = shared ? 0 : channel;
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
  static_assert(kBlockS16 == 48);
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
#define MIDGE_MVE_FINISH(columns)                                                                \
  asm volatile(MIDGE_MVE_BEGIN columns MIDGE_MVE_NEXT                                            \
               : MIDGE_MVE_OPERANDS, [low] "=&w"(low), [q] "+&w"(q), [too_wide] "+&w"(too_wide), \
                 [lanes] "+&w"(lanes)                                                            \
               : [count] "r"(count), [bias] "r"(bias), [high] "r"(&bias->high),                  \
                 [zero_point] "r"(zero_point), [min] "w"(min), [max] "w"(max), [step] "r"(step), \
                 [eight] "r"(8)                                                                  \
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
    S32x4 from, m;
#define MIDGE_MVE_COLUMN(at, out)           \
  "vldrw.32     %q[x], [%[sums], #" at      \
  "]\n\t"                                   \
  "vadd.i32     %q[x], %q[x], %q[from]\n\t" \
  "vqrdmulh.s32 %q[x], %q[x], %q[m]\n\t"    \
  "vshr.s32     %q[y], %q[x], #31\n\t"      \
  "vadd.i32     %q[x], %q[x], %q[y]\n\t" MIDGE_MVE_TO_S16(out)
#define MIDGE_MVE_FINISH(columns)                                                         \
  asm volatile(                                                                           \
      "dlstp.32     lr, %[count]\n"                                                       \
      "1:\n\t"                                                                            \
      "vldrw.32     %q[from], [%[bias]], #16\n\t"                                         \
      "vldrw.32     %q[m], [%[multiplier]]\n\t" columns MIDGE_MVE_NEXT                    \
      : MIDGE_MVE_OPERANDS, [bias] "+r"(bias), [from] "=&w"(from), [m] "=&w"(m)           \
      : [count] "r"(count), [zero_point] "r"(zero_point), [min] "w"(min), [max] "w"(max), \
        [step] "r"(step)                                                                  \
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
  for (int32_t k = 0; k < count; k += 4) {
    const int32_t here = count - k;
    const S32x4 m = LoadS32(multiplier_q31, here), e = LoadS8AsS32(exponent, here);
    for (int c = 0; c < kColumns; ++c) {
      S32x4 x = LoadS32(sums + c * kBlockS16 + k, here);
      if constexpr (kWide) {
        for (int32_t i = 0; i < 4 && i < here; ++i) {
          const int64_t sum = AddWrapping(bias[k + i].value(), int64_t{x.lane[i]});
          fit = fit && sum == static_cast<int32_t>(sum);
          const int64_t rounded = (int64_t{m.lane[i]} + (1 << 15)) >> 16;
          const int64_t q = rounded > INT16_MAX ? INT16_MAX : rounded;
          x.lane[i] = static_cast<int32_t>(static_cast<int32_t>(sum) * q >> 15);
        }
        x = RoundingShift(x, e);
      } else {
        x = RequantizeDown(Add(x, LoadS32(bias + k, here)), m, e);
      }
      StoreS32AsS16(to[c] + k, Min(Max(Add(x, zero_point), min), max), here);
    }
    multiplier_q31 += step, exponent += step;
  }
  return fit;
#endif
}

template class OutputsS16<int32_t>;
template class OutputsS16<PackedInt64>;
template void OutputsS16<int32_t>::Finish(int32_t, int32_t, const int32_t*,
                                          int16_t* const (&)[1]) const;
template void OutputsS16<int32_t>::Finish(int32_t, int32_t, const int32_t*,
                                          int16_t* const (&)[2]) const;
template void OutputsS16<PackedInt64>::Finish(int32_t, int32_t, const int32_t*,
                                              int16_t* const (&)[1]) const;
template void OutputsS16<PackedInt64>::Finish(int32_t, int32_t, const int32_t*,
                                              int16_t* const (&)[2]) const;

}  // namespace midge::arm_mve
