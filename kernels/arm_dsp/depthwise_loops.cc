// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_dsp/depthwise_loops.h"

#include <cstring>

namespace midge::arm_dsp {
namespace {

// Words of four channels of two rows, from eight elements.
[[gnu::always_inline]] inline void PackPair(uint32_t upper, uint32_t lower, uint32_t offset,
                                            uint32_t* words) {
#if MIDGE_ARM_DSP_ASM
  uint32_t a, b, c, d;
  asm volatile(
      "sxtab16 %[c], %[offset], %[upper]\n\t"
      "sxtab16 %[d], %[offset], %[lower]\n\t"
      "sxtab16 %[upper], %[offset], %[upper], ror #8\n\t"
      "sxtab16 %[lower], %[offset], %[lower], ror #8\n\t"
      "pkhbt   %[a], %[c], %[d], lsl #16\n\t"
      "pkhbt   %[b], %[upper], %[lower], lsl #16\n\t"
      "pkhtb   %[c], %[d], %[c], asr #16\n\t"
      "pkhtb   %[d], %[lower], %[upper], asr #16\n\t"
      "strd    %[a], %[b], [%[words]]\n\t"
      "strd    %[c], %[d], [%[words], #8]"
      : [upper] "+r"(upper), [lower] "+r"(lower), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c),
        [d] "=&r"(d)
      : [offset] "r"(offset), [words] "r"(words)
      : "memory");
#else
  const uint32_t upper_even = Sxtab16(offset, upper), upper_odd = Sxtab16Ror8(offset, upper);
  const uint32_t lower_even = Sxtab16(offset, lower), lower_odd = Sxtab16Ror8(offset, lower);
  words[0] = PackBottoms(upper_even, lower_even);
  words[1] = PackBottoms(upper_odd, lower_odd);
  words[2] = PackTops(upper_even, lower_even);
  words[3] = PackTops(upper_odd, lower_odd);
#endif
}

// Words of four channels of a row that has no partner.
[[gnu::always_inline]] inline void PackSingle(uint32_t row, uint32_t offset, uint32_t* words) {
#if MIDGE_ARM_DSP_ASM
  uint32_t even;
  asm volatile(
      "sxtab16 %[even], %[offset], %[row]\n\t"
      "sxtab16 %[row], %[offset], %[row], ror #8\n\t"
      "strd    %[even], %[row], [%[words]]\n\t"
      "strd    %[even], %[row], [%[words], #8]"
      : [row] "+r"(row), [even] "=&r"(even)
      : [offset] "r"(offset), [words] "r"(words)
      : "memory");
#else
  words[0] = words[2] = Sxtab16(offset, row);
  words[1] = words[3] = Sxtab16Ror8(offset, row);
#endif
}

// The weights of a row that has no partner.
[[gnu::always_inline]] inline void PackSingleWeights(uint32_t row, uint32_t* words) {
  const uint32_t even = Sxtb16(row), odd = Sxtb16Ror8(row);
  words[0] = PackBottoms(even, 0);
  words[1] = PackBottoms(odd, 0);
  words[2] = PackTops(0, even);
  words[3] = PackTops(0, odd);
}

// The pairs of one or two rows, or the two pairs of three, of `count` columns: inputs `stride`
// bytes apart to words `step` apart. Three rows are what most filters have.
template <int kRows>
[[gnu::noinline]] void PackRows(const int8_t* const* rows, int32_t c, int32_t count, int32_t stride,
                                uint32_t offset, int32_t step, uint32_t* packed) {
  const int8_t *first = rows[0] + c, *second = nullptr, *third = nullptr;
  if constexpr (kRows > 1) second = rows[1] + c;
  if constexpr (kRows > 2) third = rows[2] + c;
  for (; count > 0; --count, packed += step) {
    if constexpr (kRows == 1) {
      PackSingle(Load32(first), offset, packed);
    } else {
      PackPair(Load32(first), Load32(second), offset, packed);
      second += stride;
    }
    first += stride;
    if constexpr (kRows == 3) {
      PackSingle(Load32(third), offset, packed + kGroup);
      third += stride;
    }
  }
}

// What no sum of `taps` products and a bias exceeds, modulo 2^32.
uint32_t SumBound(int32_t bias, int32_t taps) {
  const auto word = static_cast<uint32_t>(bias);
  return (bias < 0 ? 0u - word : word) + static_cast<uint32_t>(taps * 128 * 255);
}

// For channels whose requantizers do not fit as they are. Returns whether they do now.
[[gnu::noinline]] bool BoundChannels(const QuantizedOutput& quantized, int32_t taps,
                                     PixelLoop& loop) {
  const uint32_t biased_zero_point = ChannelRequantizer::BiasedZeroPoint(quantized.zero_point);
  bool fit = true;
  for (int32_t k = 0; k < kGroup; ++k) {
    ChannelRequantizer& requantizer = loop.requantizer[k];
    if (requantizer.fits()) continue;
    fit &= requantizer.Bound(SumBound(loop.bias[k], taps), biased_zero_point);
  }
  return fit;
}

// Lanes k < size: element (c + k) / multiplier. Others are 0.
[[gnu::noinline]] uint32_t LoadLanes(const int8_t* p, int32_t c, int32_t multiplier, int32_t size) {
  uint32_t word = 0;
  for (int32_t k = size; k-- > 0;) {
    word = word << 8 | static_cast<uint8_t>(p[(c + k) / multiplier]);
  }
  return word;
}

}  // namespace

[[gnu::noinline]] void PackWeights(const Window2D& window, int32_t rows, const int8_t* filter,
                                   int32_t channels, uint32_t* packed) {
  const int32_t row = window.filter_w * channels;
  if (rows == 3) {  // as most filters have
    for (int32_t j = window.filter_w; j > 0; --j, filter += channels, packed += 2 * kGroup) {
      PackPair(Load32(filter), Load32(filter + row), 0, packed);
      PackSingleWeights(Load32(filter + 2 * row), packed + kGroup);
    }
    return;
  }
  for (int32_t j = window.filter_w; j > 0; --j, filter += channels) {
    const int8_t* w = filter;
    int32_t left = rows;
    for (; left > 1; left -= 2, w += 2 * row, packed += kGroup) {
      PackPair(Load32(w), Load32(w + row), 0, packed);
    }
    if (left != 0) {
      PackSingleWeights(Load32(w), packed);
      packed += kGroup;
    }
  }
}

[[gnu::noinline]] void PackColumns(const int8_t* const* rows, int32_t left, int32_t c,
                                   int32_t count, int32_t stride, uint32_t offset,
                                   uint32_t* packed) {
  const int32_t step = Pairs(left) * kGroup;
  for (; left >= 4 || left == 2; left -= 2, rows += 2, packed += kGroup) {
    PackRows<2>(rows, c, count, stride, offset, step, packed);
  }
  if (left == 3) PackRows<3>(rows, c, count, stride, offset, step, packed);
  if (left == 1) PackRows<1>(rows, c, count, stride, offset, step, packed);
}

[[gnu::noinline]] bool SetChannels(const QuantizedOutput& quantized, const int32_t* bias,
                                   int32_t taps, int32_t c, PixelLoop& loop) {
  static constexpr int32_t kNoBias[kGroup] = {};
  std::memcpy(loop.bias, bias != nullptr ? bias + c : kNoBias, sizeof loop.bias);
  const int32_t step = quantized.multipliers.step;
  const int32_t* multiplier_q31 = quantized.multipliers.multiplier_q31 + c * step;
  const int8_t* exponent = quantized.multipliers.exponent + c * step;
  const uint32_t biased_zero_point = ChannelRequantizer::BiasedZeroPoint(quantized.zero_point);
  bool fit = true;
  Unrolled<kGroup>([&](int k) {
    loop.requantizer[k] = ChannelRequantizer(*multiplier_q31, *exponent, biased_zero_point);
    fit = fit && loop.requantizer[k].fits();
    multiplier_q31 += step;
    exponent += step;
  });
  return fit || BoundChannels(quantized, taps, loop);
}

[[gnu::noinline]] void AddTaps(const PixelTaps& pixel, int32_t c, int32_t* sums) {
  const uint32_t offset = pixel.offset;
  int32_t a0 = sums[0], a1 = sums[1], a2 = sums[2], a3 = sums[3];
  const auto add = [&](uint32_t inputs, uint32_t weights) {
    const uint32_t even = Sxtab16(offset, inputs), odd = Sxtab16Ror8(offset, inputs);
    const uint32_t even_weights = Sxtb16(weights), odd_weights = Sxtb16Ror8(weights);
    a0 = Smlabb(even, even_weights, a0);
    a1 = Smlabb(odd, odd_weights, a1);
    a2 = Smlatt(even, even_weights, a2);
    a3 = Smlatt(odd, odd_weights, a3);
  };
  const PixelTaps::Tap* tap = pixel.taps;
  const PixelTaps::Tap* const end = tap + pixel.count;
  if (pixel.multiplier == 1 && pixel.size == kGroup) {
    for (; tap != end; ++tap) add(Load32(tap->at + c), Load32(tap->w + c));
  } else {
    for (; tap != end; ++tap) {
      add(LoadLanes(tap->at, c, pixel.multiplier, pixel.size), LoadLanes(tap->w, c, 1, pixel.size));
    }
  }
  sums[0] = a0;
  sums[1] = a1;
  sums[2] = a2;
  sums[3] = a3;
}

[[gnu::noinline]] void AddQuads(const uint32_t* x, const int8_t* w, int32_t step, int32_t quads,
                                int32_t* sums, int32_t groups) {
  for (; groups > 0; --groups, w += kGroup, sums += kGroup) {
#if MIDGE_ARM_DSP_ASM
    // r0 inputs, r1 weights, r2 step, r3 three steps, r6 end of inputs, r8 to r11 sums
#define MIDGE_TWO_TAPS(x)            \
  "pkhbt  r7, lr, r12, lsl #16\n\t"  \
  "pkhtb  r12, r12, lr, asr #16\n\t" \
  "sxtb16 lr, r7\n\t"                \
  "sxtb16 r7, r7, ror #8\n\t"        \
  "smlad  r8, lr, " x                \
  ", r8\n\t"                         \
  "smlad  r9, r7, " x                \
  ", r9\n\t"                         \
  "sxtb16 lr, r12\n\t"               \
  "sxtb16 r12, r12, ror #8\n\t"      \
  "smlad  r10, lr, " x               \
  ", r10\n\t"                        \
  "smlad  r11, r12, " x ", r11\n\t"
    register const uint32_t* inputs asm("r0") = x;
    register const int8_t* weights asm("r1") = w;
    register int32_t step1 asm("r2") = step;
    register int32_t step3 asm("r3") = 3 * step;
    register const uint32_t* end asm("r6") = x + 2 * quads;
    register int32_t* into asm("r12") = sums;
    asm volatile(
        "push   {r7, r12}\n\t"  // r7 is perhaps a frame pointer, which may not be named below
        "ldm    r12, {r8, r9, r10, r11}\n"
        "1:\n\t"
        "ldrd   r4, r5, [r0], #8\n\t"
        "ldr    lr, [r1]\n\t"
        "ldr    r12, [r1, r2, lsl #1]\n\t" MIDGE_TWO_TAPS("r4")
        "ldr    lr, [r1, r2]\n\t"
        "ldr    r12, [r1, r3]\n\t"
        "add    r1, r1, r2, lsl #2\n\t" MIDGE_TWO_TAPS("r5")
        "cmp    r0, r6\n\t"
        "bne    1b\n\t"
        "pop    {r7, r12}\n\t"
        "stm    r12, {r8, r9, r10, r11}"
        : "+r"(inputs), "+r"(weights), "+r"(into)
        : "r"(step1), "r"(step3), "r"(end)
        : "r4", "r5", "r8", "r9", "r10", "r11", "lr", "cc", "memory");
#undef MIDGE_TWO_TAPS
#else
    for (int32_t i = 0; i < 4 * quads; i += i % 2 == 0 ? 1 : 3) {
      const uint32_t upper = Load32(w + i * step), lower = Load32(w + (i + 2) * step);
      const uint32_t inputs = x[i / 4 * 2 + i % 2];
      const uint32_t low = PackBottoms(upper, lower), high = PackTops(upper, lower);
      sums[0] = Smlad(Sxtb16(low), inputs, sums[0]);
      sums[1] = Smlad(Sxtb16Ror8(low), inputs, sums[1]);
      sums[2] = Smlad(Sxtb16(high), inputs, sums[2]);
      sums[3] = Smlad(Sxtb16Ror8(high), inputs, sums[3]);
    }
#endif
  }
}

}  // namespace midge::arm_dsp
