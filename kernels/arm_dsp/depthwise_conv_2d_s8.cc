// SPDX-License-Identifier: Apache-2.0
//
// Four channels at a time, two filter rows to a SMLAD. What a filter row pair sees in one input
// column are four words, one per channel, each with the upper row's tap in lane 0 and the lower
// row's in lane 1; so are its weights. Columns are packed once per output row and then serve all
// the pixels that see them:
//
//   packed[column][pair][4]     words, pair < ceil(Kh / 2)
//
// The last row of an odd filter has no partner: its words are the lanes (0, 2), (1, 3) of four
// channels twice over, and its weights are 0 in the lane of the other channel.
//
// Filter rows outside the image have weights of 0; what their inputs are then makes no difference.
//
// Where a row is one pixel, packing does not pay, and for some windows it is not done: inputs and
// weights are read as they are. Channels that are not a multiple of four end with a group that
// overlaps the one before it.
//
// Where all outputs come from one channel, what a pixel sees is widened into a column, and two taps
// of a channel are a SMLAD.
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/channel_groups.h"
#include "kernels/arm_dsp/dot_s8.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {
namespace {

constexpr int32_t kMostTaps = 32;     // of a window that is not packed
constexpr int32_t kMostRows = 16;     // of a filter whose inputs are packed or gathered
constexpr int32_t kMostColumns = 18;  // packed at a time, unless the filter is wider
constexpr int32_t kPairBytes = kGroup * int32_t{sizeof(uint32_t)};

enum class Method { kPacked, kByTap, kByPixel, kByAnyPixel };

Method MethodOf(const WindowedShape& shape, bool small) {
  const Window2D& window = shape.window;
  if (!small && shape.input_channels == 1 && shape.output_channels >= kGroup &&
      window.filter_h <= kMostRows) {
    return Method::kByTap;
  }
  if (shape.input_channels != shape.output_channels || shape.output_channels < kGroup) {
    return Method::kByAnyPixel;
  }
  const bool few_taps = window.filter_h * window.filter_w <= kMostTaps;
  if (window.output_w == 1 && few_taps) return Method::kByPixel;
  if (!small && window.filter_h <= kMostRows && (window.dilation_w == 1 || window.filter_w == 1)) {
    return Method::kPacked;
  }
  return few_taps ? Method::kByPixel : Method::kByAnyPixel;
}

int32_t Pairs(const Window2D& window) { return (window.filter_h + 1) / 2; }

// Output pixels whose columns are packed together.
int32_t ChunkPixels(const Window2D& window) {
  return window.filter_w >= kMostColumns ? 1
                                         : (kMostColumns - window.filter_w) / window.stride_w + 1;
}

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

// The weights of channels [c, c + 4): packed[filter column][pair][4].
[[gnu::noinline]] void PackWeights(const Window2D& window, const int8_t* filter, int32_t channels,
                                   uint32_t* packed) {
  const int32_t row = window.filter_w * channels;
  if (window.filter_h == 3) {
    for (int32_t j = window.filter_w; j > 0; --j, filter += channels, packed += 2 * kGroup) {
      PackPair(Load32(filter), Load32(filter + row), 0, packed);
      PackSingleWeights(Load32(filter + 2 * row), packed + kGroup);
    }
    return;
  }
  for (int32_t j = window.filter_w; j > 0; --j, filter += channels) {
    const int8_t* w = filter;
    for (int32_t i = window.filter_h / 2; i > 0; --i, w += 2 * row, packed += kGroup) {
      PackPair(Load32(w), Load32(w + row), 0, packed);
    }
    if (window.filter_h % 2 != 0) {
      PackSingleWeights(Load32(w), packed);
      packed += kGroup;
    }
  }
}

// Sets the packed weights of filter rows [begin, end) to 0.
void ClearRows(const Window2D& window, int32_t begin, int32_t end, uint32_t* packed) {
  const int32_t words = Pairs(window) * kGroup;
  for (int32_t i = begin; i < end; ++i) {
    const bool single = i == window.filter_h - 1 && i % 2 == 0;
    const uint32_t kept = single ? 0 : i % 2 == 0 ? 0xffff0000 : 0xffff;
    uint32_t* at = packed + i / 2 * kGroup;
    for (int32_t j = 0; j < window.filter_w; ++j, at += words) {
      for (int32_t k = 0; k < kGroup; ++k) at[k] &= kept;
    }
  }
}

// The pairs of one or two rows, or the two pairs of three, of `count` columns: inputs `stride`
// bytes apart to words `step` apart. Three rows are what most filters have.
template <int kRows>
[[gnu::noinline]] void PackColumns(const int8_t* const* rows, int32_t c, int32_t count,
                                   int32_t stride, uint32_t offset, int32_t step,
                                   uint32_t* packed) {
  if (count == 0) return;  // and there need be no rows
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

// What one output pixel after the other of four channels is made of: the next pixel's.
struct PixelLoop {
  const uint32_t* w;
  int32_t bias[kGroup];
  ChannelRequantizer requantizer[kGroup];
  int32_t x_gap;  // bytes from the end of a pixel's pairs to the next pixel's
  int32_t out_step;
  const int8_t* out_end;
  const uint32_t* x;
  int8_t* out;
  const uint32_t* singles_end;  // of w: rounds of six pairs follow
  const uint32_t* w_end;
};

// Runs until out == out_end; all requantizers fit.
#if MIDGE_ARM_DSP_ASM

// The same as the twin below, in an order that keeps 13 registers busy and spills nothing.
void RunPixels(const PixelLoop& loop) {
  static_assert(offsetof(PixelLoop, bias) == 4 && offsetof(PixelLoop, requantizer) == 20 &&
                sizeof(ChannelRequantizer) == 12 && offsetof(PixelLoop, x) == 80 &&
                offsetof(PixelLoop, singles_end) == 88);
  // r1 inputs, r2 weights, r8 to r11 accumulators, r12 out; ends and fields are on the stack
#define MIDGE_PAIR                   \
  "ldm    r1!, {r3, r4, r5, r6}\n\t" \
  "ldrd   %0, lr, [r2], #8\n\t"      \
  "smlad  r8, %0, r3, r8\n\t"        \
  "smlad  r9, lr, r4, r9\n\t"        \
  "ldrd   %0, lr, [r2], #8\n\t"      \
  "smlad  r10, %0, r5, r10\n\t"      \
  "smlad  r11, lr, r6, r11\n\t"
  // r2 requantizer: multiplier, shift, offset
#define MIDGE_REQUANTIZE(acc, place) \
  "ldm    r2!, {r3, r4, r5}\n\t"     \
  "qadd   r6, " acc ", " acc         \
  "\n\t"                             \
  "smmlar r6, r6, r3, r5\n\t"        \
  "add    r6, r6, " acc              \
  ", asr #31\n\t"                    \
  "asr    r6, r6, r4\n\t"            \
  "ssat   r6, #8, r6\n\t"            \
  "strb   r6, [r12, #" place "]\n\t"
  const PixelLoop* fields = &loop;
  asm volatile(
      "add    r2, %0, #80\n\t"
      "ldm    r2, {r1, r3, r4, r5}\n\t"
      "mov    r12, r3\n\t"
      "push   {%0}\n\t"
      "push   {r4, r5}\n"
      "1:\n\t"
      "ldm    %0, {r2, r8, r9, r10, r11}\n\t"
      "ldr    r3, [sp]\n\t"
      "cmp    r2, r3\n\t"
      "bne    4f\n"
      "2:\n\t" MIDGE_PAIR MIDGE_PAIR MIDGE_PAIR MIDGE_PAIR MIDGE_PAIR MIDGE_PAIR
      "ldr    r3, [sp, #4]\n\t"
      "cmp    r2, r3\n\t"
      "bne    2b\n"
      "3:\n\t"
      "ldr    %0, [sp, #8]\n\t"
      "add    r2, %0, #20\n\t"
      MIDGE_REQUANTIZE("r8", "0")
      MIDGE_REQUANTIZE("r9", "1")
      MIDGE_REQUANTIZE("r10", "2")
      MIDGE_REQUANTIZE("r11", "3")
      "ldm    r2, {r3, r4, r5}\n\t"
      "add    r1, r1, r3\n\t"
      "add    r12, r12, r4\n\t"
      "cmp    r12, r5\n\t"
      "bne    1b\n\t"
      "b      5f\n"
      "4:\n\t" MIDGE_PAIR
      "ldr    r3, [sp]\n\t"
      "cmp    r2, r3\n\t"
      "bne    4b\n\t"
      "ldr    r3, [sp, #4]\n\t"
      "cmp    r2, r3\n\t"
      "bne    2b\n\t"
      "b      3b\n"
      "5:\n\t"
      "add    sp, sp, #12"
      : "+r"(fields)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
#undef MIDGE_REQUANTIZE
#undef MIDGE_PAIR
}

#else

void RunPixels(const PixelLoop& loop) {
  const uint32_t* x = loop.x;
  for (int8_t* out = loop.out; out != loop.out_end; out += loop.out_step) {
    int32_t acc[kGroup];
    for (int k = 0; k < kGroup; ++k) acc[k] = loop.bias[k];
    for (const uint32_t* w = loop.w; w != loop.w_end; w += kGroup, x += kGroup) {
      for (int k = 0; k < kGroup; ++k) acc[k] = Smlad(w[k], x[k], acc[k]);
    }
    for (int k = 0; k < kGroup; ++k) out[k] = loop.requantizer[k].S8(acc[k]);
    x += loop.x_gap / kPairBytes * kGroup;
  }
}

#endif

// The part of an output row whose columns are packed together, for all channels.
struct Chunk {
  int32_t pixels;
  int32_t before, inside;         // columns left of the image, in the image
  Window2D::Taps taps;            // filter rows in the image
  const int8_t* rows[kMostRows];  // channel 0 of the first column inside
};

Chunk MakeChunk(const WindowedShape& shape, const RowView<const int8_t>& input, int32_t y,
                int32_t x) {
  const Window2D& window = shape.window;
  Chunk chunk;
  const int32_t most_pixels = ChunkPixels(window);
  chunk.pixels = window.output_w - x < most_pixels ? window.output_w - x : most_pixels;
  chunk.taps = window.RowTaps(y);
  const int32_t begin = x * window.stride_w - window.pad_left;
  const int32_t end = begin + (chunk.pixels - 1) * window.stride_w + window.filter_w;
  const int32_t first = Clamp(begin, 0, window.input_w);
  chunk.before = first - begin < end - begin ? first - begin : end - begin;
  chunk.inside = Clamp(end, first, window.input_w) - first;
  if (chunk.taps.begin == chunk.taps.end) chunk.inside = 0;
  for (int32_t i = 0; i < window.filter_h && chunk.inside > 0; ++i) {
    // Any row in the place of those outside.
    const int32_t row = Clamp(i, chunk.taps.begin, chunk.taps.end - 1);
    chunk.rows[i] =
        input.Row(chunk.taps.origin + row * window.dilation_h) + first * shape.input_channels;
  }
  return chunk;
}

// The columns of channels [c, c + 4) inside the image.
void PackInside(const Chunk& chunk, const WindowedShape& shape, int32_t c, uint32_t offset,
                uint32_t* packed) {
  const int32_t step = Pairs(shape.window) * kGroup, stride = shape.input_channels;
  const int8_t* const* rows = chunk.rows;
  packed += chunk.before * step;
  int32_t left = shape.window.filter_h;
  for (; left >= 4 || left == 2; left -= 2, rows += 2, packed += kGroup) {
    PackColumns<2>(rows, c, chunk.inside, stride, offset, step, packed);
  }
  if (left == 3) PackColumns<3>(rows, c, chunk.inside, stride, offset, step, packed);
  if (left == 1) PackColumns<1>(rows, c, chunk.inside, stride, offset, step, packed);
}

// What no sum of `taps` products and a bias exceeds, modulo 2^32.
uint32_t SumBound(int32_t bias, int32_t taps) {
  const auto word = static_cast<uint32_t>(bias);
  return (bias < 0 ? 0u - word : word) + static_cast<uint32_t>(taps * 128 * 255);
}

// What of `loop` depends on channels [c, c + 4). Returns whether all requantizers fit.
[[gnu::noinline]] bool SetAnyChannels(const QuantizedOutput& quantized, const int32_t* bias,
                                      int32_t taps, int32_t c, PixelLoop& loop) {
  const uint32_t biased_zero_point = ChannelRequantizer::BiasedZeroPoint(quantized.zero_point);
  bool fit = true;
  for (int32_t k = 0; k < kGroup; ++k) {
    loop.bias[k] = bias != nullptr ? bias[c + k] : 0;
    ChannelRequantizer requantizer(quantized, c + k);
    requantizer.Bound(SumBound(loop.bias[k], taps), biased_zero_point);
    fit = fit && requantizer.fits();
    loop.requantizer[k] = requantizer;
  }
  return fit;
}

// The same; what most channels are like takes few steps.
[[gnu::noinline]] bool SetChannels(const QuantizedOutput& quantized, const int32_t* bias,
                                   int32_t taps, int32_t c, PixelLoop& loop) {
  const ChannelMultipliers& multipliers = quantized.multipliers;
  const uint32_t biased_zero_point = ChannelRequantizer::BiasedZeroPoint(quantized.zero_point);
  bool fit = bias != nullptr && multipliers.step != 0;
  if (fit) {
    const int32_t* const multiplier_q31 = multipliers.multiplier_q31 + c;
    const int8_t* const exponent = multipliers.exponent + c;
    std::memcpy(loop.bias, bias + c, sizeof loop.bias);
    Unrolled<kGroup>([&](int k) {
      loop.requantizer[k] = ChannelRequantizer(multiplier_q31[k], exponent[k], biased_zero_point);
      fit = fit && loop.requantizer[k].fits();
    });
  }
  return fit || SetAnyChannels(quantized, bias, taps, c, loop);
}

// Channels [begin, end) of output pixel (y, x), for all windows and channels.
[[gnu::noinline]] void ComputeAnyPixel(const ConvolutionS8Params& params,
                                       const QuantizedOutput& quantized,
                                       const RowView<const int8_t>& input, const int8_t* filter,
                                       const int32_t* bias, int32_t y, int32_t x, int32_t begin,
                                       int32_t end, int8_t* out) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.output_channels;
  const int32_t multiplier = channels / params.shape.input_channels;
  const int32_t column_step = window.dilation_w * params.shape.input_channels;
  const Window2D::Taps rows = window.RowTaps(y), columns = window.ColumnTaps(x);
  for (int32_t o = begin; o < end; ++o) {
    int32_t sum = bias != nullptr ? bias[o] : 0;
    for (int32_t i = rows.begin; i < rows.end; ++i) {
      const int8_t* at = input.Row(rows.origin + i * window.dilation_h) +
                         columns.origin * params.shape.input_channels + o / multiplier;
      const int8_t* w = filter + i * window.filter_w * channels + o;
      for (int32_t j = columns.begin; j < columns.end; ++j) {
        const int32_t v = at[j * column_step] - params.input_zero_point;
        sum = AddWrapping(sum, w[j * channels] * v);
      }
    }
    RequantizeS8(quantized, &sum, o, 1, out + o);
  }
}

// Output row y of all channels.
[[gnu::noinline]] void ComputeRow(const ConvolutionS8Params& params,
                                  const QuantizedOutput& quantized,
                                  const RowView<const int8_t>& input, const int8_t* filter,
                                  const int32_t* bias, int32_t y, uint32_t* scratch, int8_t* out) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.output_channels;
  const int32_t column_words = Pairs(window) * kGroup;
  const uint32_t offset = Splat16(-params.input_zero_point);
  uint32_t* const weights = scratch;
  uint32_t* const packed = scratch + window.filter_w * column_words;
  PixelLoop loop;
  loop.w = weights;
  loop.w_end = packed;
  loop.singles_end = weights + window.filter_w * Pairs(window) % 6 * kGroup;
  loop.x_gap = (window.stride_w - window.filter_w) * column_words * int32_t{sizeof(uint32_t)};
  loop.out_step = channels;

  for (int32_t x = 0; x < window.output_w;) {
    const Chunk chunk = MakeChunk(params.shape, input, y, x);
    // Columns outside the image are 0 whatever the channels: those inside are packed between them.
    const int32_t columns = (chunk.pixels - 1) * window.stride_w + window.filter_w;
    for (int32_t i = 0; i < columns * column_words; ++i) {
      if (i == chunk.before * column_words) i += chunk.inside * column_words;
      if (i < columns * column_words) packed[i] = 0;
    }
    loop.x = packed;
    for (int32_t c = 0; c < channels; c = NextGroup(c, channels)) {
      PackWeights(window, filter + c, channels, weights);
      if (chunk.taps.end - chunk.taps.begin < window.filter_h) {
        ClearRows(window, 0, chunk.taps.begin, weights);
        ClearRows(window, chunk.taps.end, window.filter_h, weights);
      }
      PackInside(chunk, params.shape, c, offset, packed);
      loop.out = out + c;
      loop.out_end = loop.out + chunk.pixels * channels;
      const bool fit = SetChannels(quantized, bias, window.filter_h * window.filter_w, c, loop);
      if (fit) {
        RunPixels(loop);
      } else {
        for (int32_t p = 0; p < chunk.pixels; ++p) {
          ComputeAnyPixel(params, quantized, input, filter, bias, y, x + p, c, c + kGroup,
                          out + p * channels);
        }
      }
    }
    out += chunk.pixels * channels;
    x += chunk.pixels;
  }
}

// Output pixel (y, x) of all channels, from inputs and weights as they are. Requires a window of at
// most kMostTaps, as many inputs as outputs, and at least kGroup of them.
[[gnu::noinline]] void ComputePixel(const ConvolutionS8Params& params,
                                    const QuantizedOutput& quantized,
                                    const RowView<const int8_t>& input, const int8_t* filter,
                                    const int32_t* bias, int32_t y, int32_t x, int8_t* out) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.output_channels;
  const uint32_t offset = Splat16(-params.input_zero_point);
  const Window2D::Taps rows = window.RowTaps(y), columns = window.ColumnTaps(x);
  struct Tap {
    const int8_t *at, *w;
  };
  Tap taps[kMostTaps];
  Tap* end = taps;
  for (int32_t i = rows.begin; i < rows.end; ++i) {
    const int8_t* const row = input.Row(rows.origin + i * window.dilation_h);
    for (int32_t j = columns.begin; j < columns.end; ++j) {
      *end++ = {row + (columns.origin + j * window.dilation_w) * channels,
                filter + (i * window.filter_w + j) * channels};
    }
  }
  // Requantized a block of groups at a time, which costs one call.
  constexpr int32_t kBlock = 8 * kGroup;
  for (int32_t c = 0; c < channels;) {
    const int32_t begin = c;
    int32_t sums[kBlock];
    int32_t count = 0;
    while (c < channels && count <= kBlock - kGroup) {
      int32_t a0 = 0, a1 = 0, a2 = 0, a3 = 0;
      if (bias != nullptr) {
        a0 = bias[c];
        a1 = bias[c + 1];
        a2 = bias[c + 2];
        a3 = bias[c + 3];
      }
      for (const Tap* tap = taps; tap != end; ++tap) {
        const uint32_t inputs = Load32(tap->at + c), weights = Load32(tap->w + c);
        const uint32_t even = Sxtab16(offset, inputs), odd = Sxtab16Ror8(offset, inputs);
        const uint32_t even_weights = Sxtb16(weights), odd_weights = Sxtb16Ror8(weights);
        a0 = Smlabb(even, even_weights, a0);
        a1 = Smlabb(odd, odd_weights, a1);
        a2 = Smlatt(even, even_weights, a2);
        a3 = Smlatt(odd, odd_weights, a3);
      }
      int32_t* const sum = sums + (c - begin);
      sum[0] = a0;
      sum[1] = a1;
      sum[2] = a2;
      sum[3] = a3;
      count = c - begin + kGroup;
      c = NextGroup(c, channels);
    }
    RequantizeS8(quantized, sums, begin, count, out + begin);
  }
}

// sums[k] = bias[k] + sum_i x[i] * w[i][k] for the four channels from w on, modulo 2^32. Weights of
// two taps whose inputs share a word become one, too.
[[gnu::always_inline]] inline void AddTaps(const uint32_t* x, const int8_t* w, int32_t taps,
                                           int32_t channels, const int32_t* bias, int32_t* sums) {
  int32_t a = 0, b = 0, c = 0, d = 0;
  if (bias != nullptr) {
    a = bias[0];
    b = bias[1];
    c = bias[2];
    d = bias[3];
  }
  const auto multiply = [&](uint32_t upper, uint32_t lower, uint32_t inputs) {
    const uint32_t low = PackBottoms(upper, lower), high = PackTops(upper, lower);
    a = Smlad(Sxtb16(low), inputs, a);
    b = Smlad(Sxtb16Ror8(low), inputs, b);
    c = Smlad(Sxtb16(high), inputs, c);
    d = Smlad(Sxtb16Ror8(high), inputs, d);
  };
#if MIDGE_ARM_DSP_ASM
#define MIDGE_TWO_TAPS(x)            \
  "pkhbt  lr, r6, r12, lsl #16\n\t"  \
  "pkhtb  r12, r12, r6, asr #16\n\t" \
  "sxtb16 r6, lr\n\t"                \
  "sxtb16 lr, lr, ror #8\n\t"        \
  "smlad  %[a], r6, " x              \
  ", %[a]\n\t"                       \
  "smlad  %[b], lr, " x              \
  ", %[b]\n\t"                       \
  "sxtb16 r6, r12\n\t"               \
  "sxtb16 r12, r12, ror #8\n\t"      \
  "smlad  %[c], r6, " x              \
  ", %[c]\n\t"                       \
  "smlad  %[d], r12, " x ", %[d]\n\t"
#define MIDGE_FOUR_TAPS \
  "ldrd   r4, r5, [%[x]], #8\n\t"                  \
  "ldr    r6, [%[w]]\n\t"                          \
  "ldr    r12, [%[w], %[step], lsl #1]\n\t"        \
  "add    %[w], %[w], %[step]\n\t" MIDGE_TWO_TAPS("r4") \
  "ldr    r6, [%[w]]\n\t"                          \
  "ldr    r12, [%[w], %[step], lsl #1]\n\t"        \
  "add    %[w], %[w], %[step]\n\t" MIDGE_TWO_TAPS("r5") \
  "add    %[w], %[w], %[step], lsl #1\n\t"
  if (taps >= 8) {
    // The end is in a register at first, then on the stack.
    register const uint32_t* end asm("r6") = x + taps / 8 * 4;
    asm volatile(
        "push   {r6}\n"
        "1:\n\t" MIDGE_FOUR_TAPS MIDGE_FOUR_TAPS
        "ldr    r6, [sp]\n\t"
        "cmp    %[x], r6\n\t"
        "bne    1b\n\t"
        "pop    {r6}"
        : [x] "+r"(x), [w] "+r"(w), [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), "+r"(end)
        : [step] "r"(channels)
        : "r4", "r5", "r12", "lr", "cc", "memory");
    taps %= 8;
  }
#undef MIDGE_FOUR_TAPS
#undef MIDGE_TWO_TAPS
#endif
  for (; taps >= 4; taps -= 4, x += 2, w += 4 * channels) {
    multiply(Load32(w), Load32(w + 2 * channels), x[0]);
    multiply(Load32(w + channels), Load32(w + 3 * channels), x[1]);
  }
  if (taps > 0) multiply(Load32(w), taps > 2 ? Load32(w + 2 * channels) : 0, x[0]);
  if (taps > 1) multiply(Load32(w + channels), 0, x[1]);
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
}

// All channels of a pixel from what it sees, `taps` inputs of one channel.
[[gnu::noinline]] void ComputeByTap(const QuantizedOutput& quantized, const uint32_t* x,
                                    int32_t taps, const int8_t* filter, const int32_t* bias,
                                    int32_t channels, int8_t* out) {
  constexpr int32_t kBlock = 32;
  int32_t sums[kBlock];
  for (int32_t next = 0; next < channels; next += kBlock) {
    const int32_t begin = channels - next < kGroup ? channels - kGroup : next;
    const int32_t count = channels - begin < kBlock ? channels - begin : kBlock;
    int32_t k = 0;
    for (; count - k >= kGroup; k += kGroup) {
      AddTaps(x, filter + begin + k, taps, channels, bias != nullptr ? bias + begin + k : nullptr,
              sums + k);
    }
    RequantizeS8(quantized, sums, begin, k, out + begin);
    next += k - kBlock;  // a group that is not whole is the end of the next block
  }
}

// Output row y of all channels, from an input of one. `column` has two bytes for each tap, filled
// up to a quad.
[[gnu::noinline]] void ComputeRowByTap(const ConvolutionS8Params& params,
                                       const QuantizedOutput& quantized,
                                       const RowView<const int8_t>& input, const int8_t* filter,
                                       const int32_t* bias, int32_t y, uint32_t* column,
                                       int8_t* out) {
  const Window2D& window = params.shape.window;
  const int32_t taps = window.filter_h * window.filter_w;
  const int32_t quads = (taps + 3) / 4;
  const uint32_t offset = Splat16(-params.input_zero_point);
  // Rows of whole quads are widened where they lie. Other taps are gathered in the upper half of
  // the column and widened from there: a quad is read before anything is written over it.
  const bool whole_rows = window.filter_w % 4 == 0 && window.dilation_w == 1;
  int8_t* const gathered = reinterpret_cast<int8_t*>(column + quads);
  const Window2D::Taps rows = window.RowTaps(y);
  const int8_t* row_begin[kMostRows];
  for (int32_t i = rows.begin; i < rows.end; ++i) {
    row_begin[i] = input.Row(rows.origin + i * window.dilation_h);
  }
  for (int32_t x = 0; x < window.output_w; ++x, out += params.shape.output_channels) {
    const Window2D::Taps columns = window.ColumnTaps(x);
    const int32_t run = columns.end - columns.begin;
    const int32_t first = columns.origin + columns.begin * window.dilation_w;
    if (whole_rows && run == window.filter_w) {
      if (rows.end - rows.begin < window.filter_h) {
        std::memset(column, 0, static_cast<size_t>(2 * quads) * sizeof column[0]);
      }
      uint32_t* to = column + rows.begin * run / 2;
      for (int32_t i = rows.begin; i < rows.end; ++i) {
        const int8_t* from = row_begin[i] + first;
        for (const int8_t* const end = from + run; from != end; from += 4, to += 2) {
          const uint32_t word = Load32(from);
          to[0] = Sxtab16(offset, word);
          to[1] = Sxtab16Ror8(offset, word);
        }
      }
    } else {
      if ((rows.end - rows.begin) * run < 4 * quads) {
        std::memset(gathered, params.input_zero_point, static_cast<size_t>(4 * quads));
      }
      int8_t* row = gathered + rows.begin * window.filter_w + columns.begin;
      for (int32_t i = rows.begin; i < rows.end; ++i, row += window.filter_w) {
        const int8_t* from = row_begin[i] + first;
        int8_t* to = row;
        int32_t left = run;
        if (window.dilation_w == 1) {
          for (; left >= 4; left -= 4, from += 4, to += 4) Store32(to, Load32(from));
        }
        for (; left > 0; --left, from += window.dilation_w) *to++ = *from;
      }
      WidenQuads(gathered, quads, offset, column, 2);
    }
    ComputeByTap(quantized, column, taps, filter, bias, params.shape.output_channels, out);
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(DepthwiseConv2DS8), decltype(portable::DepthwiseConv2DS8)>);

ScratchRequest DepthwiseConv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const Window2D& window = params.shape.window;
  switch (MethodOf(params.shape, false)) {
    case Method::kPacked: {
      const int32_t pixels =
          ChunkPixels(window) < window.output_w ? ChunkPixels(window) : window.output_w;
      const int32_t columns = (pixels - 1) * window.stride_w + window.filter_w;
      return static_cast<uint32_t>((columns + window.filter_w) * Pairs(window) * kPairBytes);
    }
    case Method::kByTap:
      return 2 * (static_cast<uint32_t>(window.filter_h * window.filter_w + 3) & ~3u);
    case Method::kByPixel:
    case Method::kByAnyPixel:
      break;
  }
  return 0;
}

void DepthwiseConv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                       const RowView<const int8_t>& input, const int8_t* filter,
                       const int32_t* bias, Rows rows, Scratch scratch,
                       const RowView<int8_t>& output) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.output_channels;
  if (channels == 0) return;
  const Method method = MethodOf(params.shape, kSmall);
  const QuantizedOutput quantized = params.output(multipliers);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    int8_t* const out = output.Row(y);
    if (!kSmall && method == Method::kPacked) {
      ComputeRow(params, quantized, input, filter, bias, y,
                 reinterpret_cast<uint32_t*>(scratch.data), out);
    } else if (!kSmall && method == Method::kByTap) {
      ComputeRowByTap(params, quantized, input, filter, bias, y,
                      reinterpret_cast<uint32_t*>(scratch.data), out);
    } else {
      for (int32_t x = 0; x < window.output_w; ++x) {
        int8_t* const pixel = out + x * channels;
        if (method == Method::kByPixel) {
          ComputePixel(params, quantized, input, filter, bias, y, x, pixel);
        } else {
          ComputeAnyPixel(params, quantized, input, filter, bias, y, x, 0, channels, pixel);
        }
      }
    }
    if (!IsAllOfS8(params.clamp)) {
      ClampS8(params.clamp, out, params.shape.output_row_elements());
    }
  }
}

}  // namespace midge::arm_dsp
