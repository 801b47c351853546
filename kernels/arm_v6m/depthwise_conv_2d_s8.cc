// SPDX-License-Identifier: Apache-2.0
//
// One channel after the other. What an output row sees of a channel is a strip: its columns, each
// packed into the pairs (pairs.h) of the filter's rows, one after another, so that a pixel's taps
// follow each other in memory and the next pixel's begin a few columns on. A strip serves all
// pixels of the row and all output channels of its input channel; the weights of a channel are
// packed in the same order once for all rows.
//
// The last row of an odd filter is a pair by itself, whose second weight is 0.
//
// An image of one column under a filter of one column is a row under a filter of one row.
#include <type_traits>
#include <utility>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/pairs.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kStripWords = 256;  // unless the filter is larger

bool IsCovered(const Window2D& window) { return window.dilation_w == 1 || window.filter_w == 1; }

int32_t ColumnWords(const Window2D& window) { return (window.filter_h + 1) / 2; }

// Of all weights of a channel: even.
int32_t FilterWords(const Window2D& window) {
  return (ColumnWords(window) * window.filter_w + 1) & ~1;
}

// Output pixels that a strip serves, at most.
int32_t StripPixels(const Window2D& window) {
  const int32_t columns = kStripWords / ColumnWords(window);
  const int32_t pixels =
      columns > window.filter_w ? (columns - window.filter_w) / window.stride_w + 1 : 1;
  return pixels < window.output_w ? pixels : window.output_w;
}

// Columns that `pixels` output pixels see.
int32_t StripColumns(const Window2D& window, int32_t pixels) {
  return (pixels - 1) * window.stride_w + window.filter_w;
}

// The window of an image of one column, as one of one row.
Window2D Turned(const Window2D& window) {
  Window2D turned = window;
  std::swap(turned.input_h, turned.input_w);
  std::swap(turned.output_h, turned.output_w);
  std::swap(turned.filter_h, turned.filter_w);
  std::swap(turned.stride_h, turned.stride_w);
  std::swap(turned.dilation_h, turned.dilation_w);
  std::swap(turned.pad_top, turned.pad_left);
  return turned;
}
bool IsColumn(const Window2D& window) {
  return window.input_w == 1 && window.output_w == 1 && window.filter_w == 1 &&
         window.pad_left == 0 && window.dilation_h == 1;
}

// The weights of one channel, `step` apart from tap to tap; returns their sum.
int32_t PackFilter(const Window2D& window, const int8_t* w, int32_t step, uint32_t* words) {
  const int32_t row = window.filter_w * step;
  int32_t sum = 0;
  if (ColumnWords(window) * window.filter_w % 2 != 0) {
    words[ColumnWords(window) * window.filter_w] = 0;
  }
  for (int32_t j = window.filter_w; j > 0; --j, w += step) {
    const int8_t* tap = w;
    int32_t i = window.filter_h;
    for (; i > 1; i -= 2, tap += 2 * row) {
      const int32_t w0 = tap[0], w1 = tap[row];
      sum += w0 + w1;
      *words++ = static_cast<uint32_t>(w0) - (static_cast<uint32_t>(w1) << 16);
    }
    if (i > 0) {
      sum += tap[0];
      *words++ = static_cast<uint32_t>(int32_t{tap[0]});
    }
  }
  return sum;
}

// One row of a channel's inputs; a row outside the image stays at one zero point.
struct InputRow {
  const int8_t* at;
  int32_t step;
};

// A word of each of `count` columns: the pairs of two rows.
void PackPairs(InputRow upper, InputRow lower, int32_t count, int32_t column_words,
               uint32_t* words) {
  for (; count > 0; --count, words += column_words) {
    *words = PairOfInputs(*upper.at, *lower.at);
    upper.at += upper.step;
    lower.at += lower.step;
  }
}

// The same of one row that has no partner.
void PackSingles(InputRow row, int32_t count, int32_t column_words, uint32_t* words) {
  for (; count > 0; --count, words += column_words) {
    *words = PairOfInputs(*row.at, 0);
    row.at += row.step;
  }
}

// Both words of each of `count` columns under a filter of three rows.
void PackTriples(const InputRow* rows, int32_t count, uint32_t* words) {
  InputRow first = rows[0], second = rows[1], third = rows[2];
  for (; count > 0; --count, words += 2) {
    words[0] = PairOfInputs(*first.at, *second.at);
    words[1] = PairOfInputs(*third.at, 0);
    first.at += first.step;
    second.at += second.step;
    third.at += third.step;
  }
}

// Packs input columns [first, first + count) of channel c; row_of(i) is the row that tap i sees, or
// null.
template <typename F>
void PackStrip(const Window2D& window, int32_t channels, int32_t c, const int8_t* zero_point,
               const F& row_of, int32_t first, int32_t count, uint32_t* strip) {
  const int32_t words = ColumnWords(window);
  // Columns outside the image.
  const uint32_t outside = PairOfInputs(*zero_point, *zero_point);
  const int32_t before = first < 0 ? (-first < count ? -first : count) : 0;
  int32_t after = first + count - window.input_w;
  after = after < 0 ? 0 : after < count - before ? after : count - before;
  const int32_t inside = count - before - after;
  for (int32_t i = before * words; i > 0; --i) *strip++ = outside;
  if (inside > 0) {
    const int32_t skip = (first + before) * channels + c;
    const auto input_row = [&](int32_t i) {
      const int8_t* row = row_of(i);
      return row == nullptr ? InputRow{zero_point, 0} : InputRow{row + skip, channels};
    };
    if (window.filter_h == 3) {
      const InputRow rows[] = {input_row(0), input_row(1), input_row(2)};
      PackTriples(rows, inside, strip);
    } else {
      int32_t i = 0;
      for (; i + 1 < window.filter_h; i += 2) {
        PackPairs(input_row(i), input_row(i + 1), inside, words, strip + i / 2);
      }
      if (i < window.filter_h) PackSingles(input_row(i), inside, words, strip + i / 2);
    }
    strip += inside * words;
  }
  for (int32_t i = after * words; i > 0; --i) *strip++ = outside;
}

}  // namespace

static_assert(std::is_same_v<decltype(DepthwiseConv2DS8), decltype(portable::DepthwiseConv2DS8)>);

ScratchRequest DepthwiseConv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const Window2D& window = params.shape.window;
  if (!IsCovered(window)) return 0;
  const auto words = [](const Window2D& w) {
    return FilterWords(w) + StripColumns(w, StripPixels(w)) * ColumnWords(w) + 1;
  };
  const int32_t plain = words(window), turned = IsColumn(window) ? words(Turned(window)) : 0;
  return static_cast<uint32_t>(plain > turned ? plain : turned) * 4;
}

void DepthwiseConv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                       RowView<const int8_t> input, const int8_t* filter, const int32_t* bias,
                       Rows rows, Scratch scratch, RowView<int8_t> output) {
  const WindowedShape& shape = params.shape;
  if (!IsCovered(shape.window)) {
    portable::DepthwiseConv2DS8(params, multipliers, input, filter, bias, rows, {}, output);
    return;
  }
  const int32_t inputs = shape.input_channels, outputs = shape.output_channels;
  const bool turn = IsColumn(shape.window) && input.contiguous() && output.contiguous();
  const Window2D window = turn ? Turned(shape.window) : shape.window;
  const Rows columns = turn ? rows : Rows{0, window.output_w};
  if (turn) rows = {0, 1};
  const QuantizedOutput quantized = params.output(multipliers);
  const int32_t multiplier = outputs / inputs;
  const int32_t taps = window.filter_h * window.filter_w;
  const int8_t zero_point = static_cast<int8_t>(params.input_zero_point);
  const int32_t column_words = ColumnWords(window);
  const int32_t strip_pixels = StripPixels(window);

  PixelLoop loop;
  auto* const weights = reinterpret_cast<uint32_t*>(scratch.data);
  uint32_t* const strip = weights + FilterWords(window);
  loop.words = FilterWords(window);
  loop.w = weights;
  loop.x = strip;
  loop.x_step = window.stride_w * column_words * static_cast<int32_t>(sizeof(uint32_t));
  loop.out_step = outputs;
  for (int32_t c = 0; c < inputs; ++c) {
    bool packed = false;
    for (int32_t y = rows.begin; y < rows.end; ++y) {
      const Window2D::Taps tap_rows = window.RowTaps(y);
      const auto row_of = [&](int32_t i) {
        return i < tap_rows.begin || i >= tap_rows.end
                   ? nullptr
                   : input.Row(tap_rows.origin + i * window.dilation_h);
      };
      for (int32_t x = columns.begin; x < columns.end; x += strip_pixels) {
        const int32_t left = columns.end - x;
        const int32_t pixels = left < strip_pixels ? left : strip_pixels;
        const int32_t count = StripColumns(window, pixels);
        PackStrip(window, inputs, c, &zero_point, row_of, x * window.stride_w - window.pad_left,
                  count, strip);
        strip[count * column_words] = 0;  // meets a weight of 0 where words are odd
        for (int32_t m = 0; m < multiplier; ++m) {
          const int32_t o = c * multiplier + m;
          if (!packed) {
            const int32_t sum = PackFilter(window, filter + o, outputs, weights);
            loop.SetBias(quantized, o, bias != nullptr ? bias[o] : 0, taps, zero_point, sum);
            packed = multiplier == 1;
          }
          loop.out = output.Row(y) + x * outputs + o;
          RunPixels(loop, pixels);
        }
      }
    }
  }
}

}  // namespace midge::arm_v6m
