// SPDX-License-Identifier: Apache-2.0
//
// What a block of output pixels sees is packed into pairs once (pairs.h); then each output
// channel's weights are packed and meet all the pixels of the block. Rows make no difference to
// pixels, so where outputs follow each other in memory, blocks run across the ends of rows.
#include <cstring>
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/pairs.h"
#include "kernels/arm_v6m/units.h"

namespace midge::arm_v6m {
namespace {

// Pixels of a block: as many as have room in kLeastBytes, but not less than kLeastPixels, and
// kUnitPixels more for each unit of scratch.
constexpr int32_t kLeastBytes = 1024;
constexpr int32_t kLeastPixels = 4;
constexpr int32_t kMostPixels = 32;
constexpr int32_t kUnitPixels = 2;
constexpr int32_t kFewPixels = 2;  // that are not worth packing weights for

int32_t FilterElements(const WindowedShape& shape) {
  return shape.window.filter_h * shape.window.filter_w * shape.input_channels;
}

// Pixels of a block without units of scratch.
int32_t LeastPixels(const WindowedShape& shape) {
  const int32_t pixels =
      internal::Quotient(kLeastBytes, PairWords(FilterElements(shape)) * int32_t{sizeof(uint32_t)});
  const int32_t all = shape.window.output_h * shape.window.output_w;
  const int32_t most = all < kMostPixels ? all : kMostPixels;
  return pixels > most ? most : pixels > kLeastPixels ? pixels : kLeastPixels;
}

// What all pixels share.
struct Convolution {
  const ConvolutionS8Params& params;
  QuantizedOutput output;
  const int8_t* filter;
  const int32_t* bias;
  int32_t elements;   // K: of one output channel's filter
  int32_t words;      // of one column
  uint32_t* columns;  // [block][words]
  uint32_t* weights;  // [words]: one output channel's
  int8_t* gathered;   // [2 * words]: a column before it is packed
};

// memcpy for runs so short that a call would count.
inline void CopyRun(const int8_t* from, int32_t count, int8_t* to) {
  for (int32_t i = 0; i < count; ++i) to[i] = from[i];
}

// Copies what a pixel sees to `gathered`, the zero point where taps lie outside the image.
void Gather(const Convolution& conv, const RowView<const int8_t>& input, const Window2D::Taps& rows,
            const Window2D::Taps& columns) {
  const Window2D& window = conv.params.shape.window;
  const int32_t channels = conv.params.shape.input_channels;
  if (rows.end - rows.begin != window.filter_h || columns.end - columns.begin != window.filter_w) {
    std::memset(conv.gathered, conv.params.input_zero_point, static_cast<size_t>(conv.elements));
  }
  const bool one_run = window.dilation_w == 1;
  const int32_t runs = one_run ? 1 : columns.end - columns.begin;
  const int32_t run = (one_run ? columns.end - columns.begin : 1) * channels;
  const int32_t first = (columns.origin + columns.begin * window.dilation_w) * channels;
  int8_t* row = conv.gathered + (rows.begin * window.filter_w + columns.begin) * channels;
  for (int32_t i = rows.begin; i < rows.end; ++i, row += window.filter_w * channels) {
    int8_t* to = row;
    const int8_t* from = input.Row(rows.origin + i * window.dilation_h) + first;
    for (int32_t r = 0; r < runs; ++r, to += run, from += window.dilation_w * channels) {
      CopyRun(from, run, to);
    }
  }
}

// Packs what output pixel (y, x) sees.
void FillColumn(const Convolution& conv, const RowView<const int8_t>& input,
                const Window2D::Taps& rows, int32_t x, uint32_t* column) {
  const Window2D& window = conv.params.shape.window;
  const int32_t channels = conv.params.shape.input_channels;
  const Window2D::Taps columns = window.ColumnTaps(x);
  const int32_t filter_row = window.filter_w * channels;
  const bool inside =
      rows.end - rows.begin == window.filter_h && columns.end - columns.begin == window.filter_w;
  if (inside && filter_row % 4 == 0 && (window.dilation_w == 1 || window.filter_w == 1)) {
    for (int32_t i = 0; i < window.filter_h; ++i, column += filter_row / 2) {
      PackInputs(input.Row(rows.origin + i * window.dilation_h) + columns.origin * channels,
                 filter_row, column);
    }
  } else {
    Gather(conv, input, rows, columns);
    PackInputs(conv.gathered, 2 * conv.words, column);
  }
}

// All output channels of the first `pixels` columns; the pixels' outputs follow each other.
void ComputePixels(const Convolution& conv, int32_t pixels, int8_t* out) {
  const int32_t channels = conv.params.shape.output_channels;
  PixelLoop loop(conv.output);
  loop.SetTaps(conv.weights, conv.words, conv.words * static_cast<int32_t>(sizeof(uint32_t)));
  loop.x = conv.columns;
  loop.out_step = channels;
  const int8_t* w = conv.filter;
  for (int32_t o = 0; o < channels; ++o, ++out, w += conv.elements) {
    const int32_t bias = conv.bias != nullptr ? conv.bias[o] : 0;
    if (MayVanish(conv.output.multipliers, o) &&
        Vanishes(conv.output.multipliers, o, MostOfChannel(bias, w, 1, conv.elements))) {
      FillPixels(loop, out, pixels);
      continue;
    }
    const int32_t sum = PackWeights(w, conv.elements, conv.weights);
    loop.SetChannel(o, bias, conv.params.input_zero_point, sum);
    RunPixels(loop, out, pixels);
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(Conv2DS8), decltype(portable::Conv2DS8)>);

ScratchRequest Conv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const auto words = static_cast<uint32_t>(PairWords(FilterElements(params.shape)));
  const int32_t least = LeastPixels(params.shape);
  // Columns, weights, one column of int8.
  return {words * (static_cast<uint32_t>(least + 1) * 4 + 2), words * kUnitPixels * 4,
          (kMostPixels - least) / kUnitPixels};
}

void Conv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              const RowView<const int8_t>& input, const int8_t* filter, const int32_t* bias,
              Rows rows, Scratch scratch, const RowView<int8_t>& output) {
  const WindowedShape& shape = params.shape;
  const Window2D& window = shape.window;
  const int32_t elements = FilterElements(shape), words = PairWords(elements);
  const int32_t step = shape.output_channels;
  const int32_t block = LeastPixels(shape) + scratch.units * kUnitPixels;
  auto* const columns = reinterpret_cast<uint32_t*>(scratch.data);
  uint32_t* const weights = columns + block * words;
  const Convolution conv = {params,
                            params.output(multipliers),
                            filter,
                            bias,
                            elements,
                            words,
                            columns,
                            weights,
                            reinterpret_cast<int8_t*>(weights + words)};
  // Behind the last element, where weights are 0.
  std::memset(conv.gathered, 0, static_cast<size_t>(2 * words));
  const bool few = (rows.end - rows.begin) * window.output_w <= kFewPixels;
  // Filters of 1 x 1 are so many and so small that what else pixels need would count.
  const bool one_tap = window.filter_h * window.filter_w == 1 && elements % 4 == 0 &&
                       window.pad_top == 0 && window.pad_left == 0;
  int8_t* out = nullptr;  // of the first column's pixel
  int32_t pixels = 0;     // columns filled
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    if (few) {
      int8_t* to = output.Row(y);
      for (int32_t x = 0; x < window.output_w; ++x, to += step) {
        Gather(conv, input, tap_rows, window.ColumnTaps(x));
        RunUnits({conv.gathered, elements, step, params.input_zero_point, filter, bias, 0},
                 conv.output, to);
      }
      continue;
    }
    const int8_t* from = one_tap ? input.Row(y * window.stride_h) : nullptr;
    if (pixels == 0) out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x) {
      uint32_t* const column = columns + pixels * words;
      if (one_tap) {
        PackInputs(from, elements, column);
        from += window.stride_w * elements;
      } else {
        FillColumn(conv, input, tap_rows, x, column);
      }
      if (++pixels == block) {
        ComputePixels(conv, pixels, out);
        out += pixels * step;
        pixels = 0;
      }
    }
    if (pixels == 0 || (y + 1 < rows.end && output.Row(y + 1) == out + pixels * step)) continue;
    ComputePixels(conv, pixels, out);
    pixels = 0;
  }
}

}  // namespace midge::arm_v6m
