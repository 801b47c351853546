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
// Filter rows outside the image are left out.
//
// Where a row is one pixel, packing does not pay, and for some windows it is not done: inputs and
// weights are read as they are. Channels that are not a multiple of four end with a group that
// overlaps the one before it.
//
// Where all outputs come from one channel, what a pixel sees is widened into a column, and two taps
// of a channel are a SMLAD. The loops that are not in assembly code are in depthwise_loops.cc.
#include <cstddef>
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/depthwise_loops.h"
#include "kernels/arm_dsp/dot_s8.h"
#include "kernels/arm_dsp/gather.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {
namespace {

constexpr int32_t kMostRows = 16;     // of a filter whose inputs are packed
constexpr int32_t kMostColumns = 18;  // packed at a time, unless the filter is wider
constexpr int32_t kBlock = 32;        // channels requantized at a time

enum class Method { kPacked, kByTap, kByPixel };

Method MethodOf(const WindowedShape& shape) {
  const Window2D& window = shape.window;
  const bool one_run = window.dilation_w == 1 || window.filter_w == 1;
  if (shape.output_channels < kGroup || !one_run) {
    return Method::kByPixel;
  }
  const int32_t taps = window.filter_h * window.filter_w;
  if (shape.input_channels == 1 && taps >= 4) return Method::kByTap;
  if (shape.input_channels != shape.output_channels || window.filter_h > kMostRows ||
      (window.output_w == 1 && taps <= kMostTaps)) {
    return Method::kByPixel;
  }
  return Method::kPacked;
}

// Output pixels whose columns are packed together.
int32_t ChunkPixels(const Window2D& window) {
  return window.filter_w >= kMostColumns ? 1
                                         : (kMostColumns - window.filter_w) / window.stride_w + 1;
}

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
  const int8_t* rows[kMostRows];  // in the image: channel 0 of the first column inside
};

Chunk MakeChunk(const WindowedShape& shape, const RowView<const int8_t>& input,
                const Window2D::Taps& taps, int32_t x) {
  const Window2D& window = shape.window;
  Chunk chunk;
  const int32_t most_pixels = ChunkPixels(window);
  chunk.pixels = window.output_w - x < most_pixels ? window.output_w - x : most_pixels;
  const int32_t begin = x * window.stride_w - window.pad_left;
  const int32_t end = begin + (chunk.pixels - 1) * window.stride_w + window.filter_w;
  const int32_t first = Clamp(begin, 0, window.input_w);
  chunk.before = first - begin < end - begin ? first - begin : end - begin;
  chunk.inside = Clamp(end, first, window.input_w) - first;
  const int8_t** row = chunk.rows;
  for (int32_t i = taps.begin; i < taps.end; ++i) {
    *row++ = input.Row(taps.origin + i * window.dilation_h) + first * shape.input_channels;
  }
  return chunk;
}

// An output row with these taps, all channels. False, and perhaps nonsense, if it has to be done
// pixel by pixel.
[[gnu::noinline]] bool ComputeRow(const ConvolutionS8Params& params,
                                  const QuantizedOutput& quantized,
                                  const RowView<const int8_t>& input, const int8_t* filter,
                                  const int32_t* bias, const Window2D::Taps& taps,
                                  uint32_t* scratch, int8_t* out) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.output_channels;
  const int32_t rows = taps.end - taps.begin;
  if (rows == 0) return false;
  filter += taps.begin * window.filter_w * channels;
  const int32_t column_words = Pairs(rows) * kGroup;
  const uint32_t offset = Splat16(-params.input_zero_point);
  uint32_t* const weights = scratch;
  uint32_t* const packed = scratch + window.filter_w * column_words;
  PixelLoop loop;
  loop.w = weights;
  loop.w_end = packed;
  loop.singles_end = weights + window.filter_w * Pairs(rows) % 6 * kGroup;
  loop.x_gap = (window.stride_w - window.filter_w) * column_words * int32_t{sizeof(uint32_t)};
  loop.out_step = channels;

  for (int32_t x = 0; x < window.output_w;) {
    const Chunk chunk = MakeChunk(params.shape, input, taps, x);
    // Columns outside the image are 0 whatever the channels: those inside are packed between them.
    const int32_t columns = (chunk.pixels - 1) * window.stride_w + window.filter_w;
    for (int32_t i = 0; i < columns * column_words; ++i) {
      if (i == chunk.before * column_words) i += chunk.inside * column_words;
      if (i < columns * column_words) packed[i] = 0;
    }
    loop.x = packed;
    for (int32_t c = 0; c < channels; c = NextGroup(c, channels)) {
      PackWeights(window, rows, filter + c, channels, weights);
      PackColumns(chunk.rows, rows, c, chunk.inside, channels, offset,
                  packed + chunk.before * column_words);
      loop.out = out + c;
      loop.out_end = loop.out + chunk.pixels * channels;
      if (!SetChannels(quantized, bias, window.filter_h * window.filter_w, c, loop)) return false;
      RunPixels(loop);
    }
    out += chunk.pixels * channels;
    x += chunk.pixels;
  }
  return true;
}

// Output pixel x of a row with these taps, all channels: any window, any number of channels. Where
// all come from an input of one there is a `column`, two bytes for each tap, filled up to a quad.
// If the last quad is not whole it sees the last four taps, those of the quad before it as 0.
[[gnu::noinline]] void ComputePixel(const ConvolutionS8Params& params,
                                    const QuantizedOutput& quantized,
                                    const RowView<const int8_t>& input, const int8_t* filter,
                                    const int32_t* bias, const Window2D::Taps& rows, int32_t x,
                                    uint32_t* column, int8_t* out) {
  const Window2D& window = params.shape.window;
  const int32_t input_channels = params.shape.input_channels;
  const int32_t channels = params.shape.output_channels;
  const Window2D::Taps columns = window.ColumnTaps(x);
  const int32_t run = columns.end - columns.begin, count = (rows.end - rows.begin) * run;
  PixelTaps pixel;
  pixel.offset = Splat16(-params.input_zero_point);
  pixel.size = GroupSize(channels);
  pixel.multiplier = channels / input_channels;
  const int32_t all_taps = window.filter_h * window.filter_w;
  const int32_t quads = all_taps / 4, rest = all_taps % 4;
  if (column != nullptr) {
    // Gathered in the upper half of the column and widened from there: a quad is read before
    // anything is written over it.
    int8_t* const gathered = reinterpret_cast<int8_t*>(column + (all_taps + 3) / 4);
    GatherWindow(params, input, rows, columns, gathered);
    if (rest != 0) {
      int8_t* const last = gathered + 4 * quads;
      Store32(last,
              Load32(last) << (32 - 8 * rest) | Splat8(params.input_zero_point) >> (8 * rest));
    }
    WidenQuads(gathered, (all_taps + 3) / 4, pixel.offset, column, 2);
  }
  int32_t sums[kBlock];
  for (int32_t next = 0; next < channels;) {
    // A group that is not whole is the end of the block behind.
    const int32_t begin = channels - next < pixel.size ? channels - pixel.size : next;
    const int32_t most = channels - begin < kBlock ? channels - begin : kBlock;
    const int32_t end = begin + most - most % pixel.size;
    BeginSums(bias != nullptr ? bias + begin : nullptr, most, sums);
    for (int32_t n = 0; column == nullptr && n < count; n += pixel.count) {
      pixel.count = count - n < kMostTaps ? count - n : kMostTaps;
      for (int32_t k = 0; k < pixel.count && (next == 0 || count > kMostTaps); ++k) {
        const int32_t row = (n + k) / run;
        const int32_t i = rows.begin + row, j = columns.begin + n + k - row * run;
        pixel.taps[k] = {input.Row(rows.origin + i * window.dilation_h) +
                             (columns.origin + j * window.dilation_w) * input_channels,
                         filter + (i * window.filter_w + j) * channels};
      }
      for (int32_t c = begin; c < end; c += pixel.size) AddTaps(pixel, c, sums + (c - begin));
    }
    if (column != nullptr) {
      const int32_t groups = (end - begin) / kGroup;
      AddQuads(column, filter + begin, channels, quads, sums, groups);
      if (rest != 0) {
        AddQuads(column + 2 * quads, filter + (all_taps - 4) * channels + begin, channels, 1, sums,
                 groups);
      }
    }
    RequantizeS8(quantized, sums, begin, end - begin, out + begin);
    next = end;
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(DepthwiseConv2DS8), decltype(portable::DepthwiseConv2DS8)>);

ScratchRequest DepthwiseConv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const Window2D& window = params.shape.window;
  switch (MethodOf(params.shape)) {
    case Method::kPacked: {
      const int32_t pixels =
          ChunkPixels(window) < window.output_w ? ChunkPixels(window) : window.output_w;
      const int32_t columns = (pixels - 1) * window.stride_w + window.filter_w;
      return static_cast<uint32_t>((columns + window.filter_w) * Pairs(window.filter_h) *
                                   kPairBytes);
    }
    case Method::kByTap:
      return 2 * (static_cast<uint32_t>(window.filter_h * window.filter_w + 3) & ~3u);
    case Method::kByPixel:
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
  const Method method = kSmall ? Method::kByPixel : MethodOf(params.shape);
  const QuantizedOutput quantized = params.output(multipliers);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    int8_t* const out = output.Row(y);
    const Window2D::Taps taps = window.RowTaps(y);
    auto* const words = reinterpret_cast<uint32_t*>(scratch.data);
    if (method != Method::kPacked ||
        !ComputeRow(params, quantized, input, filter, bias, taps, words, out)) {
      uint32_t* const column = method == Method::kByTap ? words : nullptr;
      for (int32_t x = 0; x < window.output_w; ++x) {
        ComputePixel(params, quantized, input, filter, bias, taps, x, column, out + x * channels);
      }
    }
    if (!IsAllOfS8(params.clamp)) {
      ClampS8(params.clamp, out, params.shape.output_row_elements());
    }
  }
}

}  // namespace midge::arm_dsp
