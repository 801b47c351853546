// SPDX-License-Identifier: Apache-2.0
//
// Inputs of four output pixels at a time are widened into columns (columns.h); then each output
// channel's weights, taken apart once, meet all four. With less memory for columns, two channels at
// a time meet two pixels, or one. Rows make no difference to pixels, so where outputs follow each
// other in memory, blocks of pixels run across the ends of rows.
#include <cstring>
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/channel_groups.h"
#include "kernels/arm_dsp/columns.h"
#include "kernels/arm_dsp/dot_s8.h"
#include "kernels/arm_dsp/gather.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {
namespace {

// What all pixels share.
struct Convolution {
  const ConvolutionS8Params& params;
  QuantizedOutput output;
  const int8_t* filter;
  const int32_t* bias;
  int32_t elements;    // K: of one output channel's filter
  int32_t pixels;      // P: columns that there is room for
  int32_t quad_words;  // 2 * P
  uint32_t* columns;   // [ceil(K / 4)][P][2]
  int8_t* gathered;    // [round up K to 4]: a column before it is widened, where that is needed
};

// Widens what the output pixel of these taps sees into the column that begins at `column`. Runs of
// whole quads are widened where they lie; others are gathered first. Taps outside are 0.
void FillColumn(const Convolution& conv, const RowView<const int8_t>& input,
                const Window2D::Taps& rows, const Window2D::Taps& columns, uint32_t* column) {
  const Window2D& window = conv.params.shape.window;
  const int32_t channels = conv.params.shape.input_channels;
  const uint32_t offset = Splat16(-conv.params.input_zero_point);
  const int32_t quads = (conv.elements + 3) >> 2;
  if (NeedsGathering(conv.params.shape)) {
    GatherWindow(conv.params, input, rows, columns, conv.gathered);
    WidenQuads(conv.gathered, quads, offset, column, conv.quad_words);
    return;
  }
  const int32_t taps = columns.end - columns.begin;
  if (rows.end - rows.begin < window.filter_h || taps < window.filter_w) {
    for (int32_t i = 0; i < quads; ++i) {
      column[i * conv.quad_words] = column[i * conv.quad_words + 1] = 0;
    }
  }
  const bool one_run = window.dilation_w == 1;
  const int32_t run = (one_run ? taps : 1) * channels >> 2;
  const int32_t first = (columns.origin + columns.begin * window.dilation_w) * channels;
  for (int32_t i = rows.begin; i < rows.end; ++i) {
    const int8_t* from = input.Row(rows.origin + i * window.dilation_h) + first;
    uint32_t* to =
        column + ((i * window.filter_w + columns.begin) * channels >> 2) * conv.quad_words;
    for (int32_t left = one_run ? 1 : taps; left > 0; --left) {
      WidenQuads(from, run, offset, to, conv.quad_words);
      from += window.dilation_w * channels;
      to += run * conv.quad_words;
    }
  }
}

// Output channel o of the pixel in the first of `columns`: what faster loops leave.
[[gnu::noinline]] void ComputeChannel(const Convolution& conv, const uint32_t* columns, int32_t o,
                                      int8_t* out) {
  const int32_t quads = conv.elements >> 2, rest = conv.elements % 4;
  const int8_t* w = conv.filter + o * conv.elements;
  int32_t acc =
      MultiplyQuads(w, columns, quads, conv.quad_words, conv.bias != nullptr ? conv.bias[o] : 0);
  if (rest > 0) {
    // The filter may end here, so no word of it is read. The column's elements behind are 0.
    const uint32_t word = LoadGroup(w + quads * 4, rest);
    const uint32_t* x = columns + quads * conv.quad_words;
    acc = Smlad(Sxtb16Ror8(word), x[1], Smlad(Sxtb16(word), x[0], acc));
  }
  RequantizeS8(conv.output, &acc, o, 1, out);
}

// All output channels of the only column.
void ComputePixel(const Convolution& conv, int8_t* out) {
  constexpr int32_t kBlock = 32;
  const int32_t channels = conv.params.shape.output_channels;
  int32_t sums[kBlock];
  for (int32_t o = 0; o < channels; o += kBlock) {
    const int32_t count = channels - o < kBlock ? channels - o : kBlock;
    BeginSums(conv.bias != nullptr ? conv.bias + o : nullptr, count, sums);
    // Columns that do not end with a quad have been gathered.
    AddWideProducts(conv.gathered, conv.params.input_zero_point, conv.columns, conv.elements,
                    conv.filter + o * conv.elements, conv.elements, count, sums);
    RequantizeS8(conv.output, sums, o, count, out + o);
  }
}

// Channels [0, channels), an even number, of the first `pixels` of two columns. Requires a bias,
// and that filters may be read to the ends of their last quads.
void ComputeTwoPixels(const Convolution& conv, int32_t channels, int32_t pixels, int8_t* out) {
  constexpr int32_t kBlock = TwoPixelLoop::kMostSums;
  const int32_t quads = (conv.elements + 3) >> 2;
  int32_t sums[2 * kBlock];
  TwoPixelLoop loop = {conv.columns,
                       conv.columns + quads % 2 * conv.quad_words,
                       conv.columns + quads * conv.quad_words,
                       conv.elements,
                       2 * conv.elements - 4 * quads,
                       conv.bias,
                       nullptr,
                       nullptr,
                       conv.filter};
  for (int32_t o = 0; o < channels; o += kBlock) {
    const int32_t count = channels - o < kBlock ? channels - o : kBlock;
    loop.sums = sums;
    loop.end = sums + count;
    RunTwoPixels(loop);
    for (int32_t p = 0; p < pixels; ++p) {
      RequantizeS8(conv.output, sums + p * kBlock, o, count,
                   out + p * conv.params.shape.output_channels + o);
    }
  }
}

// All output channels of the first `pixels` columns; the pixels' outputs follow each other.
void ComputePixels(const Convolution& conv, int32_t pixels, int8_t* out) {
  const int32_t channels = conv.params.shape.output_channels;
  const int32_t padding = -conv.elements & 3;
  // The last quads of all filters but these end within the filter behind.
  const int32_t fast =
      conv.bias == nullptr ? 0 : channels - (padding + conv.elements - 1) / conv.elements;
  int32_t o = 0;
  if (kSmall || conv.pixels == 1) {
    ComputePixel(conv, out);
    return;
  }
  if (conv.pixels == 2 && fast > 1) {
    o = fast & ~1;
    ComputeTwoPixels(conv, o, pixels, out);
  }
  for (; o < channels; ++o) {
#if MIDGE_ARM_DSP_ASM
    const ChannelMultipliers& multipliers = conv.output.multipliers;
    // For one pixel only, four would take longer.
    if (conv.pixels == kColumns && pixels > 1 && conv.bias != nullptr && multipliers.step != 0) {
      const int8_t* w = conv.filter + o * conv.elements;
      if (o >= fast) {
        // From where words of it may be read; the column is 0 where the filter ends.
        CopyRun(w, conv.elements, conv.gathered);
        w = conv.gathered;
      }
      ChannelLoop loop = {conv.columns,
                          conv.bias + o,
                          (conv.elements + 3) >> 2,
                          multipliers.multiplier_q31 + o,
                          multipliers.exponent + o,
                          out + o,
                          ChannelRequantizer::BiasedZeroPoint(conv.output.zero_point),
                          {},
                          padding,
                          o < fast ? out + fast : out + o + 1,
                          w};
      for (int32_t p = 1; p < pixels; ++p) loop.to_pixel[p - 1] = p * channels;
      RunChannels(loop);
      if (loop.out != out + o) {
        o = loop.out - out - 1;
        continue;
      }
    }
#endif
    for (int32_t p = 0; p < pixels; ++p) {
      ComputeChannel(conv, conv.columns + 2 * p, o, out + p * channels + o);
    }
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(Conv2DS8), decltype(portable::Conv2DS8)>);

ScratchRequest Conv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const auto padded = static_cast<uint32_t>((FilterElements(params.shape) + 3) & ~3);
  const uint32_t gathered = NeedsGathering(params.shape) ? padded : 0;
  return {gathered + 2 * padded, 2 * padded, kColumns - 1};
}

void Conv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              const RowView<const int8_t>& input, const int8_t* filter, const int32_t* bias,
              Rows rows, Scratch scratch, const RowView<int8_t>& output) {
  const int32_t column_count = kSmall || scratch.units == 0    ? 1
                               : scratch.units == kColumns - 1 ? kColumns
                                                               : 2;
  const Window2D& window = params.shape.window;
  const int32_t elements = FilterElements(params.shape);
  auto* const column_words = reinterpret_cast<uint32_t*>(scratch.data);
  const int32_t quad_words = 2 * column_count;
  const Convolution conv = {
      params,
      params.output(multipliers),
      filter,
      bias,
      elements,
      column_count,
      quad_words,
      column_words,
      reinterpret_cast<int8_t*>(column_words + ((elements + 3) >> 2) * quad_words)};

  // Behind the last element.
  if (NeedsGathering(params.shape)) {
    std::memset(conv.gathered + elements, params.input_zero_point,
                static_cast<size_t>(-elements & 3));
  }
  // Filters of 1 x 1 are so many and so small that what else pixels need would count.
  const bool one_tap = window.filter_h * window.filter_w == 1 && elements % 4 == 0 &&
                       window.pad_top == 0 && window.pad_left == 0;
  const uint32_t offset = Splat16(-params.input_zero_point);
  int8_t* out = nullptr;  // of the first column's pixel
  int32_t pixels = 0;     // columns filled
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    const int8_t* from = one_tap ? input.Row(y * window.stride_h) : nullptr;
    if (pixels == 0) out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x) {
      uint32_t* const column = column_words + 2 * pixels;
      if (one_tap) {
        WidenQuads(from, elements >> 2, offset, column, quad_words);
        from += window.stride_w * elements;
      } else {
        FillColumn(conv, input, tap_rows, window.ColumnTaps(x), column);
      }
      if (++pixels == column_count) {
        ComputePixels(conv, pixels, out);
        out += pixels * params.shape.output_channels;
        pixels = 0;
      }
    }
    const int32_t step = params.shape.output_channels;
    if (y + 1 < rows.end && output.Row(y + 1) == out + pixels * step) continue;
    if (pixels != 0) ComputePixels(conv, pixels, out);
    pixels = 0;
  }
  if (IsAllOfS8(params.clamp)) return;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    ClampS8(params.clamp, output.Row(y), params.shape.output_row_elements());
  }
}

}  // namespace midge::arm_dsp
