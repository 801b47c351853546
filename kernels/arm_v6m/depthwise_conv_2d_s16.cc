// SPDX-License-Identifier: Apache-2.0
//
// One input channel of a block of output pixels after the other: what the block sees of it is
// copied to a strip, 0 where that is outside the image, so that each tap is one distance for all
// pixels. A channel's weights are listed with these distances, and four pixels meet the list at
// once (taps.h). Where strides are 1 the block's pixels are one run through the strip, those
// between the ends of its rows included, which are not looked at.
#include <type_traits>

#include "kernels/arm_v6m/are_apart.h"
#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/requantize_s16.h"
#include "kernels/arm_v6m/taps.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kStripElements = 768;  // unless one row of a block sees more
constexpr int32_t kMostSums = 128;       // of a block
constexpr int32_t kBehind = 3;           // sums and inputs that only make up whole fours
constexpr int32_t kFewPixels = 2;        // of a block that are not worth the copy

// A block's shape, and its strip's.
struct BlockShape {
  int32_t rows = 0, columns;  // of the output
  int32_t filter_columns, filter_rows;
  int32_t strip_columns;
  bool one_run;

  explicit BlockShape(const Window2D& window) {
    filter_columns = (window.filter_w - 1) * window.dilation_w + 1;
    filter_rows = (window.filter_h - 1) * window.dilation_h + 1;
    one_run = window.stride_h == 1 && window.stride_w == 1;
    columns = kMostSums;
    if (window.stride_w == 1) columns -= filter_columns - 1;
    if (columns > window.output_w) columns = window.output_w;
    strip_columns = (columns - 1) * window.stride_w + filter_columns;
    if (columns <= 0) return;
    rows = internal::Quotient(kMostSums, one_run ? strip_columns : columns);
    const int32_t most_rows = internal::Quotient(kStripElements, strip_columns);
    const int32_t room = most_rows > filter_rows
                             ? internal::Quotient(most_rows - filter_rows, window.stride_h) + 1
                             : 1;
    if (rows > room) rows = room;
  }
  int32_t strip_rows(const Window2D& window) const {
    return (rows - 1) * window.stride_h + filter_rows;
  }
  // Whether windows are of a size to list.
  bool IsUsable(const Window2D& window) const {
    return window.filter_h * window.filter_w <= kMostTaps && columns > 0;
  }
};

// What all blocks share.
template <typename Bias>
struct Convolution {
  const WindowedShape& shape;
  QuantizedOutput output;
  const int8_t* filter;
  const Bias* bias;
  BlockShape block;
  int16_t* strip;
  int32_t multiplier;  // M: output channels to an input channel
  Tap* taps;           // of one channel, with their places
  Tap* taps_end;
};

// The outputs of rows and of columns [x, x + columns).
template <typename Bias>
void ComputeBlock(const Convolution<Bias>& conv, const RowView<const int16_t>& input, Rows rows,
                  int32_t x, int32_t columns, const RowView<int16_t>& output) {
  const Window2D& window = conv.shape.window;
  const BlockShape& block = conv.block;
  const int32_t inputs = conv.shape.input_channels, outputs = conv.shape.output_channels;
  const int32_t row_count = rows.end - rows.begin, pitch = block.strip_columns;
  // Rows of the strip, and columns [left, right) of it, that are inside the image.
  const int32_t first_row = rows.begin * window.stride_h - window.pad_top;
  const int32_t strip_rows = (row_count - 1) * window.stride_h + block.filter_rows;
  const int32_t top = first_row < 0 ? -first_row : 0;
  const int32_t last_row = window.input_h - first_row;
  const int32_t bottom = last_row < strip_rows ? last_row : strip_rows;
  const int32_t first_column = x * window.stride_w - window.pad_left;
  const int32_t left = first_column < 0 ? -first_column : 0;
  const int32_t last_column = window.input_w - first_column;
  const int32_t right = last_column < pitch ? last_column : pitch;
  // The border stays, and so does what is behind the strip.
  const int32_t strip = strip_rows * pitch + kBehind;
  for (int32_t i = 0; i < strip; ++i) conv.strip[i] = 0;
  PixelRows pixels = {row_count, columns, 1, columns, outputs, 0};
  if (block.one_run) pixels.part_row = pitch;
  if (row_count > 1) {
    pixels.out_row = static_cast<int32_t>(output.Row(rows.begin + 1) - output.Row(rows.begin));
  }
  for (int32_t c = 0, o = 0; c < inputs; ++c) {
    for (int32_t i = top; i < bottom && left < right; ++i) {
      int16_t* to = conv.strip + i * pitch + left;
      int16_t* const end = conv.strip + i * pitch + right;
      const int16_t* from = input.Row(first_row + i) + (first_column + left) * inputs + c;
      for (; to != end; from += inputs) *to++ = *from;
    }
    for (const int32_t o_end = o + conv.multiplier; o < o_end; ++o) {
      const int8_t* w = conv.filter + o;
      for (Tap* tap = conv.taps; tap != conv.taps_end; ++tap, w += outputs) tap->value = *w;
      int32_t sums[kMostSums + kBehind];
      const int32_t run = block.one_run ? (row_count - 1) * pitch + columns : columns;
      for (int32_t r = 0, part = 0; part < pixels.part_row * row_count;
           ++r, part += pixels.part_row) {
        const int32_t count = block.one_run ? (run + kBehind) & ~kBehind : run;
        for (int32_t k = 0; k < count; ++k) sums[part + k] = 0;
        AddTaps(conv.taps, conv.taps_end, conv.strip + r * window.stride_h * pitch, window.stride_w,
                count, sums + part);
        if (block.one_run) break;
      }
      const Bias first = conv.bias != nullptr ? conv.bias[o] : Bias{};
      FinishPixelsS16<Bias>(conv.output, o, pixels, first, nullptr, sums,
                            output.Row(rows.begin) + x * outputs + o);
    }
  }
}

}  // namespace

ScratchRequest DepthwiseConv2DS16ScratchBytes(const ConvolutionS16Params& params) {
  const Window2D& window = params.shape.window;
  const BlockShape block(window);
  if (!block.IsUsable(window)) return {};
  return static_cast<uint32_t>(block.strip_rows(window) * block.strip_columns + kBehind) * 2;
}

template <typename Bias>
void DepthwiseConv2DS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
                        const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
                        Rows rows, Scratch scratch, const RowView<int16_t>& output) {
  const Window2D& window = params.shape.window;
  const BlockShape block(window);
  const int32_t most_rows = AreApart(window, input, rows, output) ? block.rows : 1;
  const int32_t row_count = rows.end - rows.begin;
  if (!block.IsUsable(window) ||
      (most_rows < row_count ? most_rows : row_count) * block.columns <= kFewPixels) {
    return portable::DepthwiseConv2DS16(params, multipliers, input, filter, bias, rows, scratch,
                                        output);
  }
  Tap taps[kMostTaps];
  Tap* tap = taps;
  for (int32_t i = 0; i < window.filter_h; ++i) {
    for (int32_t j = 0; j < window.filter_w; ++j) {
      const int32_t place = i * window.dilation_h * block.strip_columns + j * window.dilation_w;
      *tap++ = {0, place * static_cast<int32_t>(sizeof(int16_t))};
    }
  }
  const Convolution<Bias> conv = {
      params.shape,
      params.output(multipliers),
      filter,
      bias,
      block,
      reinterpret_cast<int16_t*>(scratch.data),
      internal::Quotient(params.shape.output_channels, params.shape.input_channels),
      taps,
      tap};
  for (int32_t y = rows.begin; y < rows.end; y += most_rows) {
    const Rows some = {y, y + most_rows < rows.end ? y + most_rows : rows.end};
    for (int32_t x = 0; x < window.output_w; x += block.columns) {
      const int32_t left = window.output_w - x;
      ComputeBlock(conv, input, some, x, left < block.columns ? left : block.columns, output);
    }
  }
}

static_assert(std::is_same_v<decltype(DepthwiseConv2DS16<int32_t>), ConvolutionS16<int32_t>>);
template ConvolutionS16<int32_t> DepthwiseConv2DS16<int32_t>;
template ConvolutionS16<PackedInt64> DepthwiseConv2DS16<PackedInt64>;

}  // namespace midge::arm_v6m
