// SPDX-License-Identifier: Apache-2.0
//
// Pixel by pixel, in order, so that an output may follow an input that dies. Filters of 1 x 1 find
// a pixel's column in the input as it is; for others it is copied together.
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/columns.h"
#include "kernels/arm_mve/convolve.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kQuad = 4;  // channels

int32_t Depth(const WindowedShape& shape) {
  return shape.window.filter_h * shape.window.filter_w * shape.input_channels;
}

// Whether a pixel of the input is a column.
bool IsDirect(const Window2D& window) {
  return window.filter_h * window.filter_w == 1 && window.pad_top == 0 && window.pad_left == 0;
}

// What all pixels share.
struct Convolution {
  const ConvolutionS8Params& params;
  QuantizedOutput output;
  const int8_t* filter;
  const int32_t* biases;  // with the zero point's part
  int32_t depth;          // K
};

// Channels [o, end), of any multiplier.
void ComputeOneByOne(const Convolution& conv, const int8_t* x, int32_t o, int32_t end,
                     int8_t* out) {
  for (; o < end; ++o) {
    const int32_t sum = Dot(x, conv.filter + o * conv.depth, conv.depth, conv.biases[o]);
    out[o] = conv.output.S8(sum, o);
  }
}
[[gnu::noinline]] void ComputeAnyPixel(const Convolution& conv, const int8_t* x, int8_t* out) {
  ComputeOneByOne(conv, x, 0, conv.params.shape.output_channels, out);
}

// How many channels are computed twice because they are no multiple of four.
int32_t ChannelsAgain(const Convolution& conv) {
  return (0u - static_cast<uint32_t>(conv.params.shape.output_channels)) % kQuad;
}

template <int kVectors, bool kHasRest>
[[gnu::noinline]] void ComputeShallowPixel(const Convolution& conv, const int8_t* x, int8_t* out) {
  constexpr int32_t kWhole = 16 * (kVectors - 1);
  S8x16 column[kVectors];
  if constexpr (kVectors > 1) column[0] = LoadS8(x);
  if constexpr (kVectors > 2) column[1] = LoadS8(x + 16);
  if constexpr (kVectors > 3) column[2] = LoadS8(x + 32);
  const int32_t rest = conv.depth - kWhole;
  column[kVectors - 1] = kHasRest ? LoadS8(x + kWhole, rest) : LoadS8(x + kWhole);
  const S32x4 zero_point = SplatS32(conv.output.zero_point);
  Channels at = {conv.filter, conv.biases, conv.output.multipliers.multiplier_q31,
                 conv.output.multipliers.exponent, out};
  int32_t quads = conv.params.shape.output_channels / kQuad;
  for (int32_t again = ChannelsAgain(conv);; again = 0, quads = 1) {
    ComputeQuads<kVectors, kHasRest>(column, rest, zero_point, quads, at);
    if (again == 0) break;
    at.w -= again * conv.depth;
    at.bias -= again, at.multiplier_q31 -= again, at.exponent -= again, at.out -= again;
  }
}

template <bool kAnyExponent>
[[gnu::noinline]] void ComputeDeepPixel(const Convolution& conv, const int8_t* x, int8_t* out) {
  const S32x4 zero_point = SplatS32(conv.output.zero_point);
  const int32_t channels = conv.params.shape.output_channels;
  DeepLoop loop = {conv.biases,
                   conv.output.multipliers.multiplier_q31,
                   conv.output.multipliers.exponent,
                   out,
                   out + (channels & ~(kQuad - 1)),
                   x,
                   conv.filter,
                   conv.depth,
                   -conv.depth & 15};
  for (int32_t again = ChannelsAgain(conv);; again = 0) {
    ComputeQuads<kAnyExponent>(loop, zero_point);
    if (again == 0) break;
    loop.w -= again * conv.depth;
    loop.bias -= again, loop.multiplier_q31 -= again, loop.exponent -= again, loop.out -= again;
    loop.end = out + channels;
  }
}

using ComputePixel = void(const Convolution& conv, const int8_t* x, int8_t* out);

// The depths that models have are worth a loop of their own.
ComputePixel* Choose(const Convolution& conv) {
  const int32_t channels = conv.params.shape.output_channels;
  const ChannelMultipliers& multipliers = conv.output.multipliers;
  if (channels < kQuad || multipliers.step == 0) return ComputeAnyPixel;
  bool shifts_right = true;
  for (int32_t o = 0; o < channels; ++o) shifts_right = shifts_right && multipliers.exponent[o] < 0;
  if (!shifts_right) return conv.depth > 16 ? ComputeDeepPixel<true> : ComputeAnyPixel;
  switch (conv.depth) {
    case 16:
      return ComputeShallowPixel<1, false>;
    case 32:
      return ComputeShallowPixel<2, false>;
    case 64:
      return ComputeShallowPixel<4, false>;
  }
  if (conv.depth < 16) return ComputeShallowPixel<1, true>;
  if (conv.depth < 32) return ComputeShallowPixel<2, true>;
  if (conv.depth < 48) return ComputeShallowPixel<3, true>;
  return ComputeDeepPixel<false>;
}

// The rows of the input under a row of the output. Where they are equally far from each other,
// which a ring's may not be, step tells how far; else it is 0.
struct TapRows {
  Window2D::Taps taps;
  const int8_t* first;
  int32_t step;
};

TapRows FindTapRows(const Convolution& conv, RowView<const int8_t> input, int32_t y) {
  const Window2D& window = conv.params.shape.window;
  TapRows rows = {window.RowTaps(y), nullptr, 0};
  if (rows.taps.begin == rows.taps.end) return rows;
  const auto row = [&](int32_t i) { return input.Row(rows.taps.origin + i * window.dilation_h); };
  rows.first = row(rows.taps.begin);
  rows.step = window.dilation_h * conv.params.shape.input_row_elements();
  for (int32_t i = rows.taps.begin + 1; i < rows.taps.end; ++i) {
    if (row(i) != rows.first + (i - rows.taps.begin) * rows.step) rows.step = 0;
  }
  return rows;
}

// Copies what output pixel (y, x) sees to `column`, the zero point where taps lie outside the
// image.
[[gnu::noinline]] void FillColumn(const Convolution& conv, RowView<const int8_t> input,
                                  const TapRows& tap_rows, int32_t x, int8_t* column) {
  const Window2D& window = conv.params.shape.window;
  const int32_t channels = conv.params.shape.input_channels;
  const Window2D::Taps& rows = tap_rows.taps;
  const Window2D::Taps columns = window.ColumnTaps(x);
  const int32_t row_bytes = window.filter_w * channels;
  const bool inside =
      rows.end - rows.begin == window.filter_h && columns.end - columns.begin == window.filter_w;
  if (inside && tap_rows.step != 0 && window.dilation_w == 1) {
    CopyRuns(tap_rows.first + columns.origin * channels, tap_rows.step, row_bytes, window.filter_h,
             column);
    return;
  }
  if (!inside) {
    FillRun(static_cast<int8_t>(conv.params.input_zero_point), conv.depth, column);
    if (columns.begin == columns.end) return;
  }
  const bool one_run = window.dilation_w == 1;
  const int32_t runs = one_run ? 1 : columns.end - columns.begin;
  const int32_t run = (one_run ? columns.end - columns.begin : 1) * channels;
  const int32_t first = (columns.origin + columns.begin * window.dilation_w) * channels;
  int8_t* to = column + rows.begin * row_bytes + columns.begin * channels;
  for (int32_t i = rows.begin; i < rows.end; ++i, to += row_bytes) {
    const int8_t* from = input.Row(rows.origin + i * window.dilation_h) + first;
    CopyRuns(from, window.dilation_w * channels, run, runs, to);
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(Conv2DS8), decltype(portable::Conv2DS8)>);

uint32_t ConvolveScratchBytes(const WindowedShape& shape) {
  const int32_t column = IsDirect(shape.window) ? 0 : Depth(shape);
  return static_cast<uint32_t>(4 * shape.output_channels + column);
}

ScratchRequest Conv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  return ConvolveScratchBytes(params.shape);
}

void Conv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              RowView<const int8_t> input, const int8_t* filter, const int32_t* bias, Rows rows,
              Scratch scratch, RowView<int8_t> output) {
  Convolve(params, multipliers, input, filter, bias, rows, scratch.data, output);
}

void Convolve(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              RowView<const int8_t> input, const int8_t* filter, const int32_t* bias, Rows rows,
              uint8_t* scratch, RowView<int8_t> output) {
  const WindowedShape& shape = params.shape;
  const Window2D& window = shape.window;
  const int32_t channels = shape.output_channels, depth = Depth(shape);
  auto* const biases = reinterpret_cast<int32_t*>(scratch);
  for (int32_t o = 0; o < channels; ++o) {
    const auto sum = static_cast<uint32_t>(Sum(filter + o * depth, depth, 0));
    const uint32_t part = static_cast<uint32_t>(-params.input_zero_point) * sum;
    biases[o] = AddWrapping(bias != nullptr ? bias[o] : 0, static_cast<int32_t>(part));
  }
  const Convolution conv = {params, params.output(multipliers), filter, biases, depth};
  ComputePixel* const compute_pixel = Choose(conv);
  auto* const column = reinterpret_cast<int8_t*>(biases + channels);
  const bool direct = IsDirect(window);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    int8_t* out = output.Row(y);
    if (direct) {
      const int8_t* x = input.Row(y * window.stride_h);
      const int32_t step = window.stride_w * depth;
      for (int32_t n = window.output_w; n > 0; --n, x += step, out += channels) {
        compute_pixel(conv, x, out);
      }
    } else {
      const TapRows tap_rows = FindTapRows(conv, input, y);
      for (int32_t x = 0; x < window.output_w; ++x, out += channels) {
        FillColumn(conv, input, tap_rows, x, column);
        compute_pixel(conv, column, out);
      }
    }
    if (!IsAllOfS8(params.clamp)) {
      ClampS8(params.clamp, output.Row(y), shape.output_row_elements());
    }
  }
}

}  // namespace midge::arm_mve
