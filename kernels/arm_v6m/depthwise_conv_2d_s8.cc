// SPDX-License-Identifier: Apache-2.0
//
// One channel after the other. What an output row sees of a channel is a strip: its columns, each
// packed into the pairs (pairs.h) of the filter's rows, one after another, so that a pixel's taps
// follow each other in memory and the next pixel's begin a few columns on. A strip serves all
// pixels of the row and all output channels of its input channel; the weights of a channel are
// packed in the same order once for all rows.
//
// The last row of an odd filter is a pair by itself, whose second weight is 0. Columns that a
// dilated filter leaves out have weights of 0. An image of one column under a filter of one column
// is a row under a filter of one row.
//
// Of a pixel or two, channels are summed up tap by tap without packing.
#include <type_traits>
#include <utility>

#include "kernels/arm_v6m/are_apart.h"
#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/pairs.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kStripWords = 160;  // unless the filter is larger
constexpr int32_t kRows = 4;          // that channels are set up for together
constexpr int32_t kFewPixels = 2;     // that are not worth setting up channels for
constexpr int32_t kFewTaps = 16;      // unless filters are larger

// How strips of a window lie in memory.
struct StripShape {
  Window2D window;
  int32_t column_words;
  int32_t filter_columns;  // those between taps included
  int32_t filter_words;    // even
  int32_t pixels;          // that a strip serves, at most

  explicit StripShape(const Window2D& w) : window(w) {
    column_words = (w.filter_h + 1) / 2;
    filter_columns = (w.filter_w - 1) * w.dilation_w + 1;
    filter_words = (column_words * filter_columns + 1) & ~1;
    const int32_t most = internal::Quotient(kStripWords, column_words);  // columns
    pixels = most > filter_columns ? internal::Quotient(most - filter_columns, w.stride_w) + 1 : 1;
    if (pixels > w.output_w) pixels = w.output_w;
  }
  int32_t columns(int32_t strip_pixels) const {
    return (strip_pixels - 1) * window.stride_w + filter_columns;
  }
  int32_t words() const { return columns(pixels) * column_words + 1; }
};

bool IsColumn(const Window2D& w) {
  return w.input_w == 1 && w.output_w == 1 && w.filter_w == 1 && w.pad_left == 0;
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

// Two rows of a channel's inputs. A row outside the image stays at one zero point.
struct InputRow {
  const int8_t* at;
  int32_t step;
};

// The pair of two rows in each of `count` columns, whose words are `column_words` apart.
void PackPairs(InputRow upper, InputRow lower, int32_t count, int32_t column_words,
               uint32_t* words) {
  for (; count > 0; --count, words += column_words) {
    *words = PairOfInputs(*upper.at, *lower.at);
    upper.at += upper.step;
    lower.at += lower.step;
  }
}

// Both words of three rows in each of `count` >= 1 columns that are `step` apart: of inputs, or, in
// weights' order, of weights, which are added up too.
template <bool kWeights>
[[gnu::noinline]] uint32_t* PackTriples(const int8_t* first, const int8_t* second,
                                        const int8_t* third, int32_t step, int32_t count,
                                        uint32_t* words, int32_t* sum = nullptr) {
#if MIDGE_ARM_V6M_ASM
  // From the ends on, so that the offset says when it is done. All low registers are in use, and of
  // the others the compiler has only one if it optimizes for size.
  const int32_t end = step * count;
  int32_t offset = -end;
  if constexpr (kWeights) {
    int32_t added = *sum;
    asm volatile(
        ".syntax unified\n"
        "1:\n\t"
        "ldrsb   r5, [%[second], %[offset]]\n\t"
        "adds    %[added], %[added], r5\n\t"
        "lsls    r5, r5, #16\n\t"
        "ldrsb   r4, [%[first], %[offset]]\n\t"
        "adds    %[added], %[added], r4\n\t"
        "subs    r4, r4, r5\n\t"
        "ldrsb   r5, [%[third], %[offset]]\n\t"
        "adds    %[added], %[added], r5\n\t"
        "stmia   %[words]!, {r4, r5}\n\t"
        "add     %[offset], %[offset], %[step]\n\t"
        "cmp     %[offset], #0\n\t"
        "bne     1b"
        : [offset] "+l"(offset), [words] "+l"(words), [added] "+l"(added)
        : [first] "l"(first + end), [second] "l"(second + end), [third] "l"(third + end),
          [step] "h"(step)
        : "r4", "r5", "cc", "memory");
    *sum = added;
  } else {
    asm volatile(
        ".syntax unified\n"
        "1:\n\t"
        "ldrsb   r5, [%[first], %[offset]]\n\t"
        "lsls    r5, r5, #16\n\t"
        "ldrsb   r4, [%[second], %[offset]]\n\t"
        "subs    r4, r4, r5\n\t"
        "ldrsb   r5, [%[third], %[offset]]\n\t"
        "lsls    r5, r5, #16\n\t"
        "negs    r5, r5\n\t"
        "stmia   %[words]!, {r4, r5}\n\t"
        "adds    %[offset], %[offset], %[step]\n\t"
        "bne     1b"
        : [offset] "+l"(offset), [words] "+l"(words)
        : [first] "l"(first + end), [second] "l"(second + end), [third] "l"(third + end),
          [step] "l"(step)
        : "r4", "r5", "cc", "memory");
  }
#else
  for (; count > 0; --count, first += step, second += step, third += step) {
    if constexpr (kWeights) {
      *words++ = PairOfWeights(*first, *second);
      *words++ = PairOfWeights(*third, 0);
      *sum += *first + *second + *third;
    } else {
      *words++ = PairOfInputs(*first, *second);
      *words++ = PairOfInputs(*third, 0);
    }
  }
#endif
  return words;
}

// `pairs` >= 1 words of weights that are `row` apart, which are added up too.
[[gnu::noinline]] uint32_t* PackColumn(const int8_t* w, int32_t row, int32_t pairs, uint32_t* words,
                                       int32_t* sum) {
#if MIDGE_ARM_V6M_ASM
  int32_t added = *sum;
  asm volatile(
      ".syntax unified\n"
      "1:\n\t"
      "ldrsb   r4, [%[w], %[zero]]\n\t"
      "ldrsb   r5, [%[w], %[row]]\n\t"
      "adds    %[added], %[added], r4\n\t"
      "adds    %[added], %[added], r5\n\t"
      "lsls    r5, r5, #16\n\t"
      "subs    r4, r4, r5\n\t"
      "stmia   %[words]!, {r4}\n\t"
      "add     %[w], %[w], %[two_rows]\n\t"
      "subs    %[pairs], %[pairs], #1\n\t"
      "bne     1b"
      : [w] "+l"(w), [words] "+l"(words), [added] "+l"(added), [pairs] "+l"(pairs)
      : [row] "l"(row), [zero] "l"(0), [two_rows] "h"(2 * row)
      : "r4", "r5", "cc", "memory");
  *sum = added;
#else
  for (; pairs > 0; --pairs, w += 2 * row) {
    *sum += w[0] + w[row];
    *words++ = PairOfWeights(w[0], w[row]);
  }
#endif
  return words;
}

// The weights of one channel, `step` apart from tap to tap; returns their sum.
int32_t PackFilter(const StripShape& shape, const int8_t* w, int32_t step, uint32_t* words) {
  const Window2D& window = shape.window;
  const int32_t row = window.filter_w * step;
  int32_t sum = 0;
  if (window.filter_h == 3 && window.dilation_w == 1) {
    PackTriples<true>(w, w + row, w + 2 * row, step, window.filter_w, words, &sum);
    return sum;
  }
  words[shape.filter_words - 1] = 0;  // if they are odd
  for (int32_t j = window.filter_w;;) {
    const int32_t pairs = window.filter_h / 2;
    if (pairs > 0) words = PackColumn(w, row, pairs, words, &sum);
    if (window.filter_h % 2 != 0) {
      const int32_t last = w[pairs * 2 * row];
      sum += last;
      *words++ = PairOfWeights(last, 0);
    }
    if (--j == 0) return sum;
    w += step;
    for (int32_t k = (window.dilation_w - 1) * shape.column_words; k > 0; --k) *words++ = 0;
  }
}

uint32_t* Fill(uint32_t* words, int32_t count, uint32_t value) {
  for (; count > 0; --count) *words++ = value;
  return words;
}

// A row of strips: where its columns lie.
struct StripColumns {
  int32_t before, inside, after;  // outside the image, inside, outside
  int32_t first;                  // element of the image's row, of channel 0

  StripColumns(const StripShape& shape, int32_t x, int32_t pixels, int32_t channels) {
    const Window2D& window = shape.window;
    const int32_t count = shape.columns(pixels), origin = x * window.stride_w - window.pad_left;
    before = origin < 0 ? -origin : 0;
    after = origin + count - window.input_w;
    if (after < 0) after = 0;
    inside = count - before - after;
    if (inside <= 0) before = count, inside = after = 0;
    first = (origin + before) * channels;
  }
};

// Packs the strip of one channel; row_of(i) is the channel's first pixel of the row that tap i
// sees, or null.
template <typename F>
inline void PackStrip(const StripShape& shape, const StripColumns& columns, int32_t channels,
                      const int8_t* zero_point, const F& row_of, uint32_t* strip) {
  const int32_t words = shape.column_words, filter_h = shape.window.filter_h;
  const uint32_t outside = PairOfInputs(*zero_point, *zero_point);
  if (columns.before > 0) strip = Fill(strip, columns.before * words, outside);
  if (columns.inside > 0) {
    const int8_t *first, *second, *third;
    if (filter_h == 3 && (first = row_of(0)) != nullptr && (second = row_of(1)) != nullptr &&
        (third = row_of(2)) != nullptr) {
      strip = PackTriples<false>(first + columns.first, second + columns.first,
                                 third + columns.first, channels, columns.inside, strip);
    } else {
      const auto input_row = [&](int32_t i) {
        const int8_t* row = i < filter_h ? row_of(i) : nullptr;
        return row == nullptr ? InputRow{zero_point, 0} : InputRow{row + columns.first, channels};
      };
      for (int32_t i = 0; i < filter_h; i += 2) {
        PackPairs(input_row(i), input_row(i + 1), columns.inside, words, strip + i / 2);
      }
      strip += columns.inside * words;
    }
  }
  // And one more, for an odd filter's last word.
  Fill(strip, columns.after * words + 1, outside);
}

// What all channels of an output row share. Rows of filters that are not of three are found again
// for each channel.
struct OutputRow {
  Window2D::Taps taps;
  const int8_t* triple[3];
  int8_t* out;
};

// A tap inside the image: of channel 0.
struct Tap {
  const int8_t* x;
  const int8_t* w;
};
constexpr uint32_t kTapBytes = 16;  // on any machine, so that scratch is the same
static_assert(sizeof(Tap) <= kTapBytes);

// All channels of one output pixel.
void ComputePixel(const ConvolutionS8Params& params, const QuantizedOutput& quantized,
                  const RowView<const int8_t>& input, const int8_t* filter, const int32_t* bias,
                  int32_t y, int32_t x, Tap* taps, int8_t* out) {
  const Window2D& window = params.shape.window;
  const int32_t inputs = params.shape.input_channels, outputs = params.shape.output_channels;
  const Window2D::Taps rows = window.RowTaps(y), columns = window.ColumnTaps(x);
  Tap* end = taps;
  for (int32_t i = rows.begin; i < rows.end; ++i) {
    const int8_t* const row = input.Row(rows.origin + i * window.dilation_h);
    for (int32_t j = columns.begin; j < columns.end; ++j) {
      *end++ = {row + (columns.origin + j * window.dilation_w) * inputs,
                filter + (i * window.filter_w + j) * outputs};
    }
  }
  const int32_t zero_point = params.input_zero_point;
  const int32_t per_input = internal::Quotient(outputs, inputs);
  int32_t c = 0, next = per_input;  // the input's first output that is not of channel c
  for (int32_t o = 0; o < outputs; ++o) {
    if (o == next) {
      ++c;
      next += per_input;
    }
    int32_t acc = bias != nullptr ? bias[o] : 0;
    for (const Tap* tap = taps; tap != end; ++tap) {
      acc = AddWrapping(acc, (tap->x[c] - zero_point) * tap->w[o]);
    }
    out[o] = static_cast<int8_t>(ExactS8(quantized, o, acc));
  }
}

// Rows of which no output lies where an input of any of them does: in any order.
void ComputeRows(const ConvolutionS8Params& params, const QuantizedOutput& quantized,
                 const RowView<const int8_t>& input, const int8_t* filter, const int32_t* bias,
                 Rows rows, Scratch scratch, const RowView<int8_t>& output) {
  const int32_t inputs = params.shape.input_channels, outputs = params.shape.output_channels;
  const ChannelMultipliers& multipliers = quantized.multipliers;
  const int32_t width = params.shape.window.output_w;
  if ((rows.end - rows.begin) * width <= kFewPixels &&
      params.shape.window.filter_h * params.shape.window.filter_w <= kFewTaps) {
    for (int32_t y = rows.begin; y < rows.end; ++y) {
      for (int32_t x = 0; x < width; ++x) {
        ComputePixel(params, quantized, input, filter, bias, y, x,
                     reinterpret_cast<Tap*>(scratch.data), output.Row(y) + x * outputs);
      }
    }
    return;
  }
  const bool turn = IsColumn(params.shape.window) && input.contiguous() && output.contiguous();
  const StripShape shape(turn ? Turned(params.shape.window) : params.shape.window);
  const Window2D& window = shape.window;
  const Rows pixels = turn ? rows : Rows{0, window.output_w};
  if (turn) rows = {0, 1};
  const int32_t per_input = internal::Quotient(outputs, inputs);
  const int32_t taps = window.filter_h * window.filter_w;
  const int8_t zero_point = static_cast<int8_t>(params.input_zero_point);

  auto* const weights = reinterpret_cast<uint32_t*>(scratch.data);
  uint32_t* const strip = weights + shape.filter_words;
  PixelLoop loop(quantized);
  loop.SetTaps(weights, shape.filter_words,
               window.stride_w * shape.column_words * static_cast<int32_t>(sizeof(uint32_t)));
  loop.x = strip;
  loop.out_step = outputs;
  // Makes `loop` output channel o's; false if it vanishes.
  const auto set_channel = [&](int32_t o) {
    const int32_t channel_bias = bias != nullptr ? bias[o] : 0;
    if (MayVanish(multipliers, o) &&
        Vanishes(multipliers, o, MostOfChannel(channel_bias, filter + o, outputs, taps))) {
      return false;
    }
    loop.SetChannel(o, channel_bias, zero_point, PackFilter(shape, filter + o, outputs, weights));
    return true;
  };

  for (int32_t x = pixels.begin; x < pixels.end; x += shape.pixels) {
    const int32_t left = pixels.end - x;
    const int32_t count = left < shape.pixels ? left : shape.pixels;
    const StripColumns columns(shape, x, count, inputs);
    for (int32_t block = rows.begin; block < rows.end; block += kRows) {
      const int32_t rows_left = rows.end - block;
      const int32_t row_count = rows_left < kRows ? rows_left : kRows;
      OutputRow output_rows[kRows];
      const auto row_of = [&](const Window2D::Taps& tap_rows, int32_t i) {
        return i < tap_rows.begin || i >= tap_rows.end
                   ? nullptr
                   : input.Row(tap_rows.origin + i * window.dilation_h);
      };
      for (int32_t r = 0; r < row_count; ++r) {
        OutputRow& row = output_rows[r];
        row.taps = window.RowTaps(block + r);
        for (int32_t i = 0; i < 3; ++i) row.triple[i] = row_of(row.taps, i);
        row.out = output.Row(block + r) + x * outputs;
      }
      for (int32_t c = 0; c < inputs; ++c) {
        bool vanishes = per_input == 1 && !set_channel(c);
        for (const OutputRow* row = output_rows; row != output_rows + row_count; ++row) {
          PackStrip(
              shape, columns, inputs, &zero_point,
              [&](int32_t i) {
                const int8_t* const first = i < 3 ? row->triple[i] : row_of(row->taps, i);
                return first == nullptr ? nullptr : first + c;
              },
              strip);
          for (int32_t o = c * per_input; o < (c + 1) * per_input; ++o) {
            if (per_input != 1) vanishes = !set_channel(o);
            if (vanishes) {
              FillPixels(loop, row->out + o, count);
            } else {
              RunPixels(loop, row->out + o, count);
            }
          }
        }
      }
    }
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(DepthwiseConv2DS8), decltype(portable::DepthwiseConv2DS8)>);

ScratchRequest DepthwiseConv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const auto words = [](const Window2D& window) {
    const StripShape shape(window);
    return shape.filter_words + shape.words();
  };
  const Window2D& window = params.shape.window;
  const int32_t plain = words(window), turned = IsColumn(window) ? words(Turned(window)) : 0;
  const auto taps = static_cast<uint32_t>(window.filter_h * window.filter_w);
  const uint32_t strips = static_cast<uint32_t>(plain > turned ? plain : turned) * 4;
  const uint32_t few = taps <= kFewTaps ? taps * kTapBytes : 0;
  return strips > few ? strips : few;
}

void DepthwiseConv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                       const RowView<const int8_t>& input, const int8_t* filter,
                       const int32_t* bias, Rows rows, Scratch scratch,
                       const RowView<int8_t>& output) {
  const QuantizedOutput quantized = params.output(multipliers);
  const bool apart = AreApart(params.shape.window, input, rows, output);
  for (Rows part = rows; part.begin < rows.end; part.begin = part.end) {
    if (!apart) part.end = part.begin + 1;
    ComputeRows(params, quantized, input, filter, bias, part, scratch, output);
  }
}

}  // namespace midge::arm_v6m
