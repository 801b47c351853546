// SPDX-License-Identifier: Apache-2.0
//
// One or two pixels at a time, in order, so that an output may follow an input that dies: what a
// pixel sees is read before its output or a later one is written. Filters of 1 x 1 find a pixel's
// column in the input as it is; for others it is copied together.
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
  bool shifts_right;      // all multipliers are below 1/2
  ShortForm form;         // of columns that are computed one by one in registers, or kNone
};

// How many channels are computed twice because they are no multiple of four.
int32_t ChannelsAgain(const Convolution& conv) {
  return (0u - static_cast<uint32_t>(conv.params.shape.output_channels)) % kQuad;
}

[[gnu::noinline]] void ComputeShallowPixel(const Convolution& conv, const int8_t* x, int8_t* out) {
  const ShortColumn column = LoadColumn(x, conv.depth);
  const S32x4 zero_point = SplatS32(conv.output.zero_point);
  Channels at = {conv.filter, conv.biases, conv.output.multipliers.multiplier_q31,
                 conv.output.multipliers.exponent, out};
  int32_t quads = conv.params.shape.output_channels / kQuad;
  for (int32_t again = ChannelsAgain(conv);; again = 0, quads = 1) {
    ComputeQuads(column, conv.form, conv.depth, zero_point, quads, at);
    if (again == 0) break;
    at.w -= again * conv.depth;
    at.bias -= again, at.multiplier_q31 -= again, at.exponent -= again, at.out -= again;
  }
}

bool Overlap(const int8_t* a, int32_t a_bytes, const int8_t* b, int32_t b_bytes) {
  const auto a_begin = reinterpret_cast<uintptr_t>(a), b_begin = reinterpret_cast<uintptr_t>(b);
  return a_begin < b_begin + static_cast<uintptr_t>(b_bytes) &&
         b_begin < a_begin + static_cast<uintptr_t>(a_bytes);
}

// Two pixels, or, if the second's output is null, one.
struct Pixels {
  const int8_t* x[2];
  int8_t* out[2];
};

// `count` channels from o on, a multiple of three.
void RunPairs(const Convolution& conv, const Pixels& pixels, int32_t o, int32_t count,
              int32_t* sums) {
  PairLoop loop = {
      {pixels.x[0], pixels.x[1]},   conv.depth,     -conv.depth & 15, sums, sums + count,
      conv.filter + o * conv.depth, conv.biases + o};
  RunPairs(loop);
}

[[gnu::noinline]] void ComputePixels(const Convolution& conv, Pixels pixels) {
  constexpr int32_t kMostKept = 128;
  const int32_t channels = conv.params.shape.output_channels, depth = conv.depth;
  int8_t kept[kMostKept];
  if (channels > kPairBlock && pixels.out[1] != nullptr &&
      Overlap(pixels.out[1], channels, pixels.x[0], depth)) {
    // The second pixel is of the next row, whose output may lie where the first one's input dies.
    if (depth > kMostKept) {
      ComputePixels(conv, {{pixels.x[0]}, {pixels.out[0]}});
      return ComputePixels(conv, {{pixels.x[1]}, {pixels.out[1]}});
    }
    CopyRuns(pixels.x[0], 0, depth, 1, kept);
    pixels.x[0] = kept;
  }
  const ChannelMultipliers& multipliers = conv.output.multipliers;
  const Requantization to = {multipliers, conv.output.zero_point, conv.output.clamp};
  for (int32_t o = 0; o < channels; o += kPairBlock) {
    const int32_t count = channels - o < kPairBlock ? channels - o : kPairBlock;
    const int8_t* const w = conv.filter + o * depth;
    int32_t sums[2 * kPairBlock];
    if (pixels.out[1] == nullptr) {
      DotInput(pixels.x[0], 0, depth).Products(conv.biases + o, w, count, sums);
      RequantizeS8(to, sums, o, count, pixels.out[0] + o);
      continue;
    }
    const int32_t in_loop = count - count % 3;
    if (in_loop != 0) RunPairs(conv, pixels, o, in_loop, sums);
    if (count - in_loop == 2 && in_loop != 0) {  // three again cost less than one at a time
      RunPairs(conv, pixels, o + count - 3, 3, sums + count - 3);
    } else {
      for (int32_t k = in_loop; k < count; ++k) {
        DotPair(pixels.x[0], pixels.x[1], w + k * depth, depth, conv.biases[o + k], sums + k);
      }
    }
    if (conv.shifts_right && multipliers.step != 0) {
      RequantizePair(multipliers.multiplier_q31 + o, multipliers.exponent + o, to.zero_point,
                     to.clamp, sums, count, pixels.out[0] + o, pixels.out[1] + o);
    } else {
      for (int32_t p = 0; p < 2; ++p) {
        RequantizeS8(to, sums + p * kPairBlock, o, count, pixels.out[p] + o);
      }
    }
  }
}

// The rows of the input under a row of the output, if all are inside the image and equally far from
// each other, which a ring's may not be; else `first` is null.
struct TapRows {
  const int8_t* first;
  int32_t step;
};

TapRows FindTapRows(const Convolution& conv, const RowView<const int8_t>& input, int32_t y) {
  const Window2D& window = conv.params.shape.window;
  const int32_t top = y * window.stride_h - window.pad_top;
  const auto row = [&](int32_t i) { return input.Row(top + i * window.dilation_h); };
  const int32_t last = window.filter_h - 1;
  if (top < 0 || top + last * window.dilation_h >= window.input_h) return {nullptr, 0};
  TapRows rows = {row(0), 0};
  if (last == 0) return rows;
  rows.step = window.dilation_h * conv.params.shape.input_row_elements();
  for (int32_t i = 1; i <= last; ++i) {
    if (row(i) != row(i - 1) + rows.step) rows.first = nullptr;
  }
  return rows;
}

// Copies what output pixel (y, x) sees to `column`, the zero point where taps lie outside the
// image.
[[gnu::noinline]] void FillColumn(const Convolution& conv, const RowView<const int8_t>& input,
                                  int32_t y, int32_t x, int8_t* column) {
  const Window2D& window = conv.params.shape.window;
  const int32_t channels = conv.params.shape.input_channels;
  const Window2D::Taps rows = window.RowTaps(y), columns = window.ColumnTaps(x);
  const int32_t row_bytes = window.filter_w * channels;
  const bool inside =
      rows.end - rows.begin == window.filter_h && columns.end - columns.begin == window.filter_w;
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
  ScratchRequest request = ConvolveScratchBytes(params.shape);
  if (!IsDirect(params.shape.window)) {
    request.unit_bytes = static_cast<uint32_t>(Depth(params.shape));
    request.units = 1;
  }
  return request;
}

void Conv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              const RowView<const int8_t>& input, const int8_t* filter, const int32_t* bias,
              Rows rows, Scratch scratch, const RowView<int8_t>& output) {
  Convolve(params, multipliers, input, filter, bias, rows, scratch.data, 1 + scratch.units, output);
}

void Convolve(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              const RowView<const int8_t>& input, const int8_t* filter, const int32_t* bias,
              Rows rows, uint8_t* scratch, int32_t columns, const RowView<int8_t>& output) {
  const WindowedShape& shape = params.shape;
  const Window2D& window = shape.window;
  const int32_t channels = shape.output_channels, depth = Depth(shape);
  auto* const biases = reinterpret_cast<int32_t*>(scratch);
  SumRows(filter, depth, channels, biases);
  for (int32_t o = 0; o < channels; o += 4) {
    const int32_t here = channels - o;
    S32x4 sum = Multiply(LoadS32(biases + o, here), -params.input_zero_point);
    if (bias != nullptr) sum = Add(sum, LoadS32(bias + o, here));
    StoreS32(biases + o, sum, here);
  }
  const int32_t exponents = multipliers.step == 0 ? 1 : channels;
  Convolution conv = {params,          params.output(multipliers),
                      filter,          biases,
                      depth,           MaxS8(multipliers.exponent, exponents) < 0,
                      ShortForm::kNone};
  if (channels >= kQuad && multipliers.step != 0 && conv.shifts_right) {
    conv.form = ShortFormOf(depth);
  }
  const bool shallow = conv.form != ShortForm::kNone;
  auto* const column = reinterpret_cast<int8_t*>(biases + channels);
  const bool direct = IsDirect(window);
  const bool pairs = !shallow && (direct || columns > 1);
  Pixels pixels = {};
  bool waiting = false;  // a pixel, for the second of its pair
  const int32_t row_bytes = window.filter_w * shape.input_channels;
  const int32_t last_column = window.input_w - window.filter_w;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    int8_t* out = output.Row(y);
    if (direct && shallow) {
      const int8_t* x = input.Row(y * window.stride_h);
      const int32_t step = window.stride_w * depth;
      for (int32_t n = window.output_w; n > 0; --n, x += step, out += channels) {
        ComputeShallowPixel(conv, x, out);
      }
    } else {
      const TapRows tap_rows =
          direct ? TapRows{input.Row(y * window.stride_h), 0} : FindTapRows(conv, input, y);
      const bool plain = tap_rows.first != nullptr && (direct || window.dilation_w == 1);
      int32_t from = -window.pad_left;
      for (int32_t x = 0; x < window.output_w; ++x, from += window.stride_w, out += channels) {
        int8_t* const to = column + (waiting ? depth : 0);
        const int8_t* seen = to;
        if (plain && from >= 0 && from <= last_column) {
          const int8_t* const first = tap_rows.first + from * shape.input_channels;
          if (direct) {
            seen = first;
          } else {
            CopyRuns(first, tap_rows.step, row_bytes, window.filter_h, to);
          }
        } else {
          FillColumn(conv, input, y, x, to);
        }
        if (shallow) {
          ComputeShallowPixel(conv, seen, out);
          continue;
        }
        const int p = waiting ? 1 : 0;
        pixels.x[p] = seen, pixels.out[p] = out;
        if (waiting || !pairs) {
          ComputePixels(conv, pixels);
          pixels.out[1] = nullptr;
        }
        waiting = pairs && !waiting;
      }
    }
    // The others clamp by themselves.
    if (shallow && !IsAllOfS8(params.clamp)) {
      ClampS8(params.clamp, output.Row(y), shape.output_row_elements());
    }
  }
  if (waiting) ComputePixels(conv, pixels);
}

}  // namespace midge::arm_mve
