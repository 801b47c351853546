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
// Where a row is one pixel, packing does not pay: inputs and weights are read as they are.
//
// An input of one channel is a matter for Conv2DS8 once the filter is turned to its layout.
#include <cstddef>
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {
namespace {

constexpr int32_t kMostTaps = 256;
constexpr int32_t kMostRows = 16;     // of a filter that is not turned
constexpr int32_t kMostColumns = 18;  // packed at a time, unless the filter is wider
constexpr int kGroup = 4;             // channels
constexpr uint32_t kPairBytes = kGroup * sizeof(uint32_t);

enum class Method { kPacked, kTurned, kPortable };

Method MethodOf(const WindowedShape& shape) {
  const Window2D& window = shape.window;
  if (window.filter_h * window.filter_w > kMostTaps) return Method::kPortable;
  if (shape.input_channels == 1) return Method::kTurned;
  const bool packed =
      window.filter_h <= kMostRows && shape.input_channels == shape.output_channels &&
      shape.output_channels % kGroup == 0 && (window.dilation_w == 1 || window.filter_w == 1);
  return packed ? Method::kPacked : Method::kPortable;
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

// A row of inputs from one column on; a row outside the image stays at one word of zero points.
struct InputRow {
  const int8_t* at;
  int32_t step;

  InputRow Skip(int32_t c) const { return {step != 0 ? at + c : at, step}; }
};

// The pairs of one or two rows, or the two pairs of three, of `count` columns, from column to
// column `step` words apart. Three rows are what most filters have.
template <int kRows>
[[gnu::noinline]] void PackColumns(const InputRow* rows, int32_t c, int32_t count, uint32_t offset,
                                   int32_t step, uint32_t* packed) {
  InputRow first = rows[0].Skip(c), second = {}, third = {};
  if constexpr (kRows > 1) second = rows[1].Skip(c);
  if constexpr (kRows > 2) third = rows[2].Skip(c);
  for (; count > 0; --count, packed += step) {
    if constexpr (kRows == 1) {
      PackSingle(Load32(first.at), offset, packed);
    } else {
      PackPair(Load32(first.at), Load32(second.at), offset, packed);
    }
    if constexpr (kRows == 3) PackSingle(Load32(third.at), offset, packed + kGroup);
    first.at += first.step;
    second.at += second.step;
    third.at += third.step;
  }
}

// What one output pixel after the other of four channels is made of: the next pixel's.
struct PixelLoop {
  const uint32_t* x;
  const uint32_t* w;
  int32_t x_step;  // bytes
  int32_t pairs;   // of a pixel; at least 1
  int32_t bias[kGroup];
  ChannelRequantizer requantizer[kGroup];
  int8_t* out;
  int32_t out_step;
  const int8_t* end;
};

// Runs until out == end; all requantizers fit.
#if MIDGE_ARM_DSP_ASM

// The same as the twin below, in an order that keeps 13 registers busy and spills nothing.
void RunPixels(PixelLoop& loop) {
  static_assert(offsetof(PixelLoop, bias) == 16 && offsetof(PixelLoop, requantizer) == 32 &&
                sizeof(ChannelRequantizer) == 12 && offsetof(PixelLoop, out) == 80 &&
                offsetof(PixelLoop, end) == 88);
  // r1 inputs, r2 weights, r12 pairs, r8 to r11 accumulators
#define MIDGE_PAIR                   \
  "ldm    r1!, {r3, r4, r5, r6}\n\t" \
  "ldrd   %0, lr, [r2], #8\n\t"      \
  "smlad  r8, %0, r3, r8\n\t"        \
  "smlad  r9, lr, r4, r9\n\t"        \
  "ldrd   %0, lr, [r2], #8\n\t"      \
  "smlad  r10, %0, r5, r10\n\t"      \
  "smlad  r11, lr, r6, r11\n\t"
  // r1 requantizer: multiplier, shift, offset; r2 out
#define MIDGE_REQUANTIZE(acc, place) \
  "ldm    r1!, {r3, r4, r5}\n\t"     \
  "qadd   r6, " acc ", " acc         \
  "\n\t"                             \
  "smmlar r6, r6, r3, r5\n\t"        \
  "add    r6, r6, " acc              \
  ", asr #31\n\t"                    \
  "asr    r6, r6, r4\n\t"            \
  "ssat   r6, #8, r6\n\t"            \
  "strb   r6, [r2, #" place "]\n\t"
  PixelLoop* fields = &loop;
  asm volatile(
      "1:\n\t"
      "ldm    %0, {r1, r2, r3, r12}\n\t"
      "add    r3, r1, r3\n\t"
      "str    r3, [%0]\n\t"
      "add    lr, %0, #16\n\t"
      "ldm    lr, {r8, r9, r10, r11}\n\t"
      "push   {%0}\n\t"
      "subs   r12, r12, #3\n\t"
      "blt    3f\n"
      "2:\n\t" MIDGE_PAIR MIDGE_PAIR MIDGE_PAIR
      "subs   r12, r12, #3\n\t"
      "bge    2b\n"
      "3:\n\t"
      "adds   r12, r12, #3\n\t"
      "beq    5f\n"
      "4:\n\t" MIDGE_PAIR
      "subs   r12, r12, #1\n\t"
      "bne    4b\n"
      "5:\n\t"
      "pop    {%0}\n\t"
      "add    r1, %0, #32\n\t"
      "ldr    r2, [%0, #80]\n\t"
      MIDGE_REQUANTIZE("r8", "0")
      MIDGE_REQUANTIZE("r9", "1")
      MIDGE_REQUANTIZE("r10", "2")
      MIDGE_REQUANTIZE("r11", "3")
      "ldrd   r3, r4, [%0, #84]\n\t"
      "add    r2, r2, r3\n\t"
      "str    r2, [%0, #80]\n\t"
      "cmp    r2, r4\n\t"
      "bne    1b"
      : "+r"(fields)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
#undef MIDGE_REQUANTIZE
#undef MIDGE_PAIR
}

#else

void RunPixels(PixelLoop& loop) {
  for (; loop.out != loop.end; loop.out += loop.out_step) {
    for (int k = 0; k < kGroup; ++k) {
      int32_t acc = loop.bias[k];
      for (int32_t i = 0; i < loop.pairs; ++i) {
        acc = Smlad(loop.w[i * kGroup + k], loop.x[i * kGroup + k], acc);
      }
      loop.out[k] = loop.requantizer[k].S8(acc);
    }
    loop.x += loop.x_step / 4;
  }
}

#endif

// Pixels of channels [c, c + 4) that RunPixels does not cover.
[[gnu::noinline]] void RunAnyPixels(const PixelLoop& loop, const QuantizedOutput& output,
                                    int32_t c) {
  const uint32_t* x = loop.x;
  for (int8_t* out = loop.out; out != loop.end; out += loop.out_step, x += loop.x_step / 4) {
    for (int k = 0; k < kGroup; ++k) {
      int32_t acc = loop.bias[k];
      for (int32_t i = 0; i < loop.pairs; ++i) {
        acc = Smlad(loop.w[i * kGroup + k], x[i * kGroup + k], acc);
      }
      out[k] = output.S8(acc, c + k);
    }
  }
}

// The part of an output row whose columns are packed together, for all channels.
struct Chunk {
  int32_t pixels;
  int32_t before, inside;    // columns left of the image, in the image
  InputRow rows[kMostRows];  // channel 0 of the first column inside
};

Chunk MakeChunk(const ConvolutionS8Params& params, RowView<const int8_t> input, int32_t y,
                int32_t x, int32_t most_pixels, const uint32_t& zero_points) {
  const Window2D& window = params.shape.window;
  const int32_t elements = params.shape.input_channels;  // of a pixel
  Chunk chunk;
  chunk.pixels = window.output_w - x < most_pixels ? window.output_w - x : most_pixels;
  const int32_t begin = x * window.stride_w - window.pad_left;
  const int32_t end = begin + (chunk.pixels - 1) * window.stride_w + window.filter_w;
  const int32_t first = Clamp(begin, 0, window.input_w);
  chunk.before = first - begin < end - begin ? first - begin : end - begin;
  chunk.inside = Clamp(end, first, window.input_w) - first;
  const Window2D::Taps taps = window.RowTaps(y);
  for (int32_t i = 0; i < window.filter_h; ++i) {
    if (i >= taps.begin && i < taps.end) {
      const int8_t* row = input.Row(taps.origin + i * window.dilation_h);
      chunk.rows[i] = {row + first * elements, elements};
    } else {
      chunk.rows[i] = {reinterpret_cast<const int8_t*>(&zero_points), 0};
    }
  }
  return chunk;
}

// The columns of channels [c, c + 4) inside the image.
void PackInside(const Chunk& chunk, const Window2D& window, int32_t c, uint32_t offset,
                uint32_t* packed) {
  const int32_t step = Pairs(window) * kGroup;
  const InputRow* rows = chunk.rows;
  packed += chunk.before * step;
  int32_t left = window.filter_h;
  for (; left >= 4 || left == 2; left -= 2, rows += 2, packed += kGroup) {
    PackColumns<2>(rows, c, chunk.inside, offset, step, packed);
  }
  if (left == 3) PackColumns<3>(rows, c, chunk.inside, offset, step, packed);
  if (left == 1) PackColumns<1>(rows, c, chunk.inside, offset, step, packed);
}

// What no sum of `taps` products and a bias exceeds, modulo 2^32.
uint32_t SumBound(int32_t bias, int32_t taps) {
  const auto word = static_cast<uint32_t>(bias);
  return (bias < 0 ? 0u - word : word) + static_cast<uint32_t>(taps * 128 * 255);
}

// What of `loop` depends on channels [c, c + 4). Returns whether all requantizers fit.
[[gnu::noinline]] bool SetChannels(const QuantizedOutput& quantized, const int32_t* bias,
                                   int32_t taps, int32_t c, PixelLoop& loop) {
  static constexpr int32_t kNoBias = 0;
  const int32_t step = quantized.multipliers.step, bias_step = bias != nullptr ? 1 : 0;
  const int32_t* multiplier_q31 = quantized.multipliers.multiplier_q31 + c * step;
  const int8_t* exponent = quantized.multipliers.exponent + c * step;
  bias = bias != nullptr ? bias + c : &kNoBias;
  const uint32_t biased_zero_point = ChannelRequantizer::BiasedZeroPoint(quantized.zero_point);
  bool fit = true;
  for (int k = 0; k < kGroup; ++k) {
    ChannelRequantizer& requantizer = loop.requantizer[k];
    requantizer = ChannelRequantizer(*multiplier_q31, *exponent, biased_zero_point);
    loop.bias[k] = *bias;
    if (!requantizer.fits()) {
      requantizer.Bound(SumBound(*bias, taps), biased_zero_point);
      fit = fit && requantizer.fits();
    }
    multiplier_q31 += step;
    exponent += step;
    bias += bias_step;
  }
  return fit;
}

// What ChannelRequantizer does not cover.
[[gnu::noinline]] int8_t AnyS8(const QuantizedOutput& quantized, int32_t accumulator, int32_t o) {
  return quantized.S8(accumulator, o);
}

// Output pixel (y, 0) of all channels, from inputs and weights as they are.
void ComputePixel(const ConvolutionS8Params& params, const QuantizedOutput& quantized,
                  RowView<const int8_t> input, const int8_t* filter, const int32_t* bias, int32_t y,
                  int8_t* out) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.output_channels;
  const uint32_t offset = Splat16(-params.input_zero_point);
  const Window2D::Taps taps = window.RowTaps(y), columns = window.ColumnTaps(0);
  const int8_t* rows[kMostRows];
  for (int32_t i = taps.begin; i < taps.end; ++i) {
    rows[i] = input.Row(taps.origin + i * window.dilation_h) +
              (columns.origin + columns.begin * window.dilation_w) * channels;
  }
  filter += columns.begin * channels;
  for (int32_t c = 0; c < channels; c += kGroup) {
    int32_t acc[kGroup];
    Unrolled<kGroup>([&](int k) { acc[k] = bias != nullptr ? bias[c + k] : 0; });
    for (int32_t i = taps.begin; i < taps.end; ++i) {
      const int8_t* at = rows[i] + c;
      const int8_t* w = filter + i * window.filter_w * channels + c;
      for (int32_t j = columns.begin; j < columns.end; ++j) {
        const uint32_t inputs = Load32(at), weights = Load32(w);
        const uint32_t even = Sxtab16(offset, inputs), odd = Sxtab16Ror8(offset, inputs);
        const uint32_t even_weights = Sxtb16(weights), odd_weights = Sxtb16Ror8(weights);
        acc[0] = Smlabb(even, even_weights, acc[0]);
        acc[1] = Smlabb(odd, odd_weights, acc[1]);
        acc[2] = Smlatt(even, even_weights, acc[2]);
        acc[3] = Smlatt(odd, odd_weights, acc[3]);
        at += channels;
        w += channels;
      }
    }
    Unrolled<kGroup>([&](int k) {
      const ChannelRequantizer requantizer(quantized, c + k);
      out[c + k] = requantizer.fits() ? requantizer.S8(acc[k]) : AnyS8(quantized, acc[k], c + k);
    });
  }
}

// Output row y of all channels.
void ComputeRow(const ConvolutionS8Params& params, const QuantizedOutput& quantized,
                RowView<const int8_t> input, const int8_t* filter, const int32_t* bias, int32_t y,
                uint32_t* scratch, int8_t* out) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.output_channels;
  const int32_t column_words = Pairs(window) * kGroup;
  const uint32_t offset = Splat16(-params.input_zero_point);
  const uint32_t zero_points = Splat8(params.input_zero_point);
  if (window.output_w == 1) {
    ComputePixel(params, quantized, input, filter, bias, y, out);
    return;
  }
  const int32_t most_pixels = ChunkPixels(window);
  const int32_t taps = window.filter_h * window.filter_w;
  uint32_t* const weights = scratch;
  uint32_t* const packed = scratch + window.filter_w * column_words;

  for (int32_t x = 0; x < window.output_w; x += most_pixels) {
    const Chunk chunk = MakeChunk(params, input, y, x, most_pixels, zero_points);
    // Columns outside the image are 0 whatever the channels: those inside are packed between them.
    const int32_t columns = (chunk.pixels - 1) * window.stride_w + window.filter_w;
    for (int32_t i = 0; i < columns * column_words; ++i) {
      if (i == chunk.before * column_words) i += chunk.inside * column_words;
      if (i < columns * column_words) packed[i] = 0;
    }
    PixelLoop loop;
    loop.w = weights;
    loop.x_step = window.stride_w * column_words * int32_t{sizeof(uint32_t)};
    loop.pairs = window.filter_w * Pairs(window);
    loop.out_step = channels;
    for (int32_t c = 0; c < channels; c += kGroup) {
      PackWeights(window, filter + c, channels, weights);
      PackInside(chunk, window, c, offset, packed);
      loop.x = packed;
      loop.out = out + c;
      loop.end = loop.out + chunk.pixels * channels;
      if (SetChannels(quantized, bias, taps, c, loop)) {
        RunPixels(loop);
      } else {
        RunAnyPixels(loop, quantized, c);
      }
    }
    out += chunk.pixels * channels;
  }
}

// filter[tap][o] to turned[o][tap].
void TurnFilter(const int8_t* filter, int32_t taps, int32_t channels, int8_t* turned) {
  for (int32_t o = 0; o < channels; ++o) {
    const int8_t* from = filter + o;
    for (int32_t i = 0; i < taps; ++i, from += channels) *turned++ = *from;
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(DepthwiseConv2DS8), decltype(portable::DepthwiseConv2DS8)>);

uint32_t DepthwiseConv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const Window2D& window = params.shape.window;
  switch (MethodOf(params.shape)) {
    case Method::kPacked: {
      const int32_t pixels =
          ChunkPixels(window) < window.output_w ? ChunkPixels(window) : window.output_w;
      if (pixels == 0) return 0;
      const int32_t columns = (pixels - 1) * window.stride_w + window.filter_w;
      return static_cast<uint32_t>((columns + window.filter_w) * Pairs(window)) * kPairBytes;
    }
    case Method::kTurned: {
      const int32_t elements = window.filter_h * window.filter_w * params.shape.output_channels;
      return Conv2DS8ScratchBytes(params) + static_cast<uint32_t>(elements);
    }
    case Method::kPortable:
      break;
  }
  return 0;
}

void DepthwiseConv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                       RowView<const int8_t> input, const int8_t* filter, const int32_t* bias,
                       Rows rows, uint8_t* scratch, RowView<int8_t> output) {
  const Window2D& window = params.shape.window;
  const int32_t output_channels = params.shape.output_channels;
  switch (scratch == nullptr ? Method::kPortable : MethodOf(params.shape)) {
    case Method::kPortable:
      portable::DepthwiseConv2DS8(params, multipliers, input, filter, bias, rows, nullptr, output);
      return;
    case Method::kTurned: {
      auto* const turned = reinterpret_cast<int8_t*>(scratch) + Conv2DS8ScratchBytes(params);
      TurnFilter(filter, window.filter_h * window.filter_w, output_channels, turned);
      Conv2DS8(params, multipliers, input, turned, bias, rows, scratch, output);
      return;
    }
    case Method::kPacked:
      break;
  }
  const QuantizedOutput quantized = params.output(multipliers);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    int8_t* const out = output.Row(y);
    ComputeRow(params, quantized, input, filter, bias, y, reinterpret_cast<uint32_t*>(scratch),
               out);
    if (!IsAllOfS8(params.clamp)) {
      ClampS8(params.clamp, out, params.shape.output_row_elements());
    }
  }
}

}  // namespace midge::arm_dsp
