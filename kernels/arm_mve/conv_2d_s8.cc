// SPDX-License-Identifier: Apache-2.0
//
// One or two pixels at a time, in order, so that an output may follow an input that dies: what a
// pixel sees is read before its output or a later one is written. Filters of 1 x 1 find a pixel's
// column in the input as it is; for others it is copied together.
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/columns.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kQuad = 4;  // channels

// What all pixels share.
struct Convolution {
  const int8_t* filter;
  const int32_t* biases;  // with the zero point's part
  int32_t depth;          // K
  int32_t channels;
  Requantization to;
  bool is_down;  // each channel has a multiplier of its own, below 1/2
};

bool Overlap(const int8_t* a, int32_t a_bytes, const int8_t* b, int32_t b_bytes) {
  const auto a_begin = reinterpret_cast<uintptr_t>(a), b_begin = reinterpret_cast<uintptr_t>(b);
  return a_begin < b_begin + static_cast<uintptr_t>(b_bytes) &&
         b_begin < a_begin + static_cast<uintptr_t>(a_bytes);
}

// Two pixels, or one twice.
struct Pixels {
  const int8_t* x[2];
  int8_t* out[2];
};

[[gnu::noinline]] void ComputePixels(const Convolution& conv, const Pixels& pixels) {
  const Requantization& to = conv.to;
  PairLoop loop = {
      {pixels.x[0], pixels.x[1]}, conv.depth, -conv.depth & 15, nullptr, nullptr, nullptr, nullptr};
  const bool is_alone = pixels.out[0] == pixels.out[1];
  for (int32_t o = 0; o < conv.channels; o += kPairBlock) {
    const int32_t left = conv.channels - o, count = left < kPairBlock ? left : kPairBlock;
    int32_t sums[2 * kPairBlock];
    if (is_alone) {  // as for want of scratch: half as many products
      const int8_t* const w = conv.filter + o * conv.depth;
      DotInput(pixels.x[0], 0, conv.depth).Products(conv.biases + o, w, count, sums);
      RequantizeS8(to, sums, o, count, pixels.out[0] + o);
      continue;
    }
    int32_t k = 0, in_loop = count - count % 3;
    while (in_loop != 0) {
      loop.sums = sums + k, loop.end = loop.sums + in_loop;
      loop.w = conv.filter + (o + k) * conv.depth, loop.first = conv.biases + o + k;
      RunPairs(loop);
      k += in_loop;
      if (count - k != 2) break;
      k = count - 3, in_loop = 3;  // three again cost less than one at a time
    }
    for (; k < count; ++k) {
      const int8_t* const w = conv.filter + (o + k) * conv.depth;
      DotPair(pixels.x[0], pixels.x[1], w, conv.depth, conv.biases[o + k], sums + k);
    }
    if (conv.is_down) {
      RequantizePair(to.multipliers.multiplier_q31 + o, to.multipliers.exponent + o, to.zero_point,
                     to.clamp, sums, count, pixels.out[0] + o, pixels.out[1] + o);
    } else {
      for (int32_t p = 0; p < 2; ++p) {
        RequantizeS8(to, sums + p * kPairBlock, o, count, pixels.out[p] + o);
      }
    }
  }
}

// Copies what the window at (row, column) of the input sees to `to`, the zero point where taps lie
// outside the image.
[[gnu::noinline]] void FillColumn(const ConvolutionS8Params& params,
                                  const RowView<const int8_t>& input, int32_t row, int32_t column,
                                  int8_t* to) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.input_channels;
  FillRun(static_cast<int8_t>(params.input_zero_point), Depth(params.shape), to);
  const int32_t taps = window.dilation_w == 1 ? window.filter_w : 1;  // at once
  int32_t at = column;
  for (int32_t j = 0; j < window.filter_w; j += taps, at += window.dilation_w) {
    const int32_t left = window.input_w - at;
    const int32_t begin = at < 0 ? -at : 0, end = taps < left ? taps : left;
    const int32_t first = (at + begin) * channels, count = (end - begin) * channels;
    if (count <= 0) continue;
    int8_t* row_to = to + (j + begin) * channels;
    int32_t y = row;
    for (int32_t i = window.filter_h; i > 0; --i, y += window.dilation_h) {
      if (y >= 0 && y < window.input_h) CopyRun(input.Row(y) + first, count, row_to);
      row_to += window.filter_w * channels;
    }
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(Conv2DS8), decltype(portable::Conv2DS8)>);

ScratchRequest Conv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const WindowedShape& shape = params.shape;
  const auto biases = static_cast<uint32_t>(4 * shape.output_channels);
  if (IsDirect(shape.window)) return biases;
  const auto column = static_cast<uint32_t>(Depth(shape));
  return {biases + column, column, 1};
}

void Conv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              const RowView<const int8_t>& input, const int8_t* filter, const int32_t* bias,
              Rows rows, Scratch scratch, const RowView<int8_t>& output) {
  const WindowedShape& shape = params.shape;
  const Window2D& window = shape.window;
  const int32_t channels = shape.output_channels, depth = Depth(shape);
  auto* const biases = reinterpret_cast<int32_t*>(scratch.data);
  auto* const column = reinterpret_cast<int8_t*>(biases + channels);
  SumRows(filter, depth, channels, biases);
  MakeBiases(bias, -params.input_zero_point, channels, biases);
  const bool has_own = multipliers.step != 0;
  const Convolution conv = {filter,
                            biases,
                            depth,
                            channels,
                            {multipliers, params.output_zero_point, params.clamp},
                            has_own && MaxS8(multipliers.exponent, channels) < 0};
  ShallowLoop loop;
  loop.exponent = multipliers.exponent, loop.multiplier_q31 = multipliers.multiplier_q31;
  loop.w = filter, loop.bias = biases;
  loop.quads = internal::Quotient(channels, kQuad), loop.depth = depth,
  loop.step = window.stride_w * depth;
  loop.zero_point = params.output_zero_point, loop.clamp = params.clamp;
  const bool shallow = conv.is_down && channels % kQuad == 0 && IsShallow(depth);
  const bool direct = IsDirect(window);
  const bool pairs = direct || scratch.units != 0;
  const bool neighbours = direct || window.dilation_w == 1;  // taps of a row are
  Pixels pixels;
  bool waiting = false;  // a pixel, for the second of its pair
  const int32_t row_bytes = window.filter_w * shape.input_channels;
  const int32_t last_column = window.input_w - window.filter_w;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    int8_t* out = output.Row(y);
    // The second pixel may be of the next row, whose output may lie where the first one's input
    // dies.
    if (waiting && channels > kPairBlock && Overlap(out, channels, pixels.x[0], depth)) {
      ComputePixels(conv, pixels);
      waiting = false;
    }
    // The rows under this one, if all are inside the image and equally far from each other, which
    // a ring's may not be.
    const int32_t row = y * window.stride_h - window.pad_top;
    const int32_t last_row = row + (window.filter_h - 1) * window.dilation_h;
    const int8_t* first = nullptr;
    if (neighbours && row >= 0 && last_row < window.input_h) {
      first = input.Row(row);
      if (input.Row(last_row) != first + (last_row - row) * shape.input_row_elements()) {
        first = nullptr;
      }
    }
    if (shallow && direct) {
      loop.x = first, loop.pixels = window.output_w, loop.out = out;
      RunShallow(loop);
      continue;
    }
    int32_t from = -window.pad_left;
    for (int32_t n = window.output_w; n > 0; --n, from += window.stride_w, out += channels) {
      const int8_t* seen;
      if (direct) {
        seen = first + from * shape.input_channels;
      } else {
        int8_t* const to = column + (waiting ? depth : 0);
        if (first != nullptr && from >= 0 && from <= last_column) {
          CopyRuns(first + from * shape.input_channels,
                   window.dilation_h * shape.input_row_elements(), row_bytes, window.filter_h, to);
        } else {
          FillColumn(params, input, row, from, to);
        }
        seen = to;
      }
      if (shallow) {
        loop.x = seen, loop.pixels = 1, loop.out = out;
        RunShallow(loop);
        continue;
      }
      if (!waiting) pixels.x[0] = seen, pixels.out[0] = out;
      pixels.x[1] = seen, pixels.out[1] = out;
      if (waiting || !pairs) ComputePixels(conv, pixels);
      waiting = pairs && !waiting;
    }
  }
  if (waiting) ComputePixels(conv, pixels);
}

}  // namespace midge::arm_mve
