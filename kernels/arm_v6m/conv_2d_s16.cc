// SPDX-License-Identifier: Apache-2.0
//
// Four output channels at a time: their weights are widened and interleaved once, and meet the
// inputs of all pixels where these lie (quads_s16.h), or, where outputs take their place, of a row
// after the other. Without memory for that, and of few pixels,
// the inputs that a pixel sees are listed for all channels, as for fully connected layers.
#include <type_traits>

#include "kernels/arm_v6m/are_apart.h"
#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/quads_s16.h"
#include "kernels/arm_v6m/units_s16.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kFewPixels = 3;    // that are not worth widening weights for
constexpr int32_t kMostPixels = 16;  // whose sums are on the stack together
constexpr int32_t kMostRows = 16;    // of a filter

int32_t FilterElements(const WindowedShape& shape) {
  return shape.window.filter_h * shape.window.filter_w * shape.input_channels;
}

// Whether a pixel sees one run in each row, and not of too many rows.
bool SeesRuns(const Window2D& window) {
  return (window.dilation_w == 1 || window.filter_w == 1) && window.filter_h <= kMostRows;
}

template <typename Bias>
void ConvolveLists(const ConvolutionS16Params& params, const UnitsS16<Bias>& channels,
                   const RowView<const int16_t>& input, Rows rows, const RowView<int16_t>& output) {
  const Window2D& window = params.shape.window;
  const int32_t inputs = params.shape.input_channels, outputs = channels.units;
  const bool one_run = window.dilation_w == 1;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    int16_t* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x, out += outputs) {
      const Window2D::Taps taps = window.ColumnTaps(x);
      const int32_t columns = taps.end - taps.begin;
      const int32_t runs = one_run ? 1 : columns, run = (one_run ? columns : 1) * inputs;
      const int32_t first = (taps.origin + taps.begin * window.dilation_w) * inputs;
      for (int32_t o = 0; o < outputs; o += UnitSumsS16<Bias>::kMost) {
        UnitSumsS16<Bias> sums(channels, o, 0);
        for (int32_t i = tap_rows.begin; i < tap_rows.end; ++i) {
          const int16_t* from = input.Row(tap_rows.origin + i * window.dilation_h) + first;
          int32_t place = (i * window.filter_w + taps.begin) * inputs;
          for (int32_t r = 0; r < runs; ++r, from += window.dilation_w * inputs, place += inputs) {
            sums.Add(from, run, place);
          }
        }
        sums.Finish(out + o);
      }
    }
  }
}

// words[d][k] = filter[k][d] for k < count, 0 for those behind.
void Interleave(const int8_t* filter, int32_t depth, int32_t count, int32_t* words) {
  const int8_t* w[kQuad];
  for (int32_t k = 0; k < kQuad; ++k) w[k] = filter + (k < count ? k : count - 1) * depth;
  const int8_t *w0 = w[0], *w1 = w[1], *w2 = w[2], *w3 = w[3];
  for (int32_t d = 0; d < depth; ++d, words += kQuad) {
    words[0] = w0[d];
    words[1] = w1[d];
    words[2] = w2[d];
    words[3] = w3[d];
  }
}

// What the pixels of a block have in common: rows of inputs, and the run in each of them.
struct BlockTaps {
  const int16_t* const* rows;
  int32_t row_count;
  int32_t first, run;    // of the first pixel's
  int32_t step;          // from pixel to pixel
  const int32_t* words;  // of the run in the first row
  int32_t filter_row;    // elements
};

// parts[p][k] = the sums of `pixels` pixels and four channels. Where that is too much for 32 bits,
// all but the last are moved to sums[p][k], which are begun with begin[k]; returns whether.
template <typename Bias>
bool SumBlock(const BlockTaps& taps, int32_t pixels, const Bias* begin, int32_t* parts,
              Bias* sums) {
  QuadLoop loop;
  loop.step = taps.step * static_cast<int32_t>(sizeof(int16_t));
  loop.sums = parts;
  loop.sums_end = parts + pixels * kQuad;
  // All rows, some, or parts of one.
  int32_t some_rows = taps.row_count;
  if (taps.run * some_rows > kMostQuadProducts) {
    some_rows = internal::Quotient(kMostQuadProducts, taps.run);
    if (some_rows == 0) some_rows = 1;
  }
  bool moved = false;
  for (int32_t i = 0; i < taps.row_count; i += some_rows) {
    const int32_t left = taps.row_count - i;
    loop.rows = taps.rows + i;
    loop.rows_end = loop.rows + (left < some_rows ? left : some_rows);
    for (int32_t d = 0; d < taps.run;) {
      const int32_t run = taps.run - d < kMostQuadProducts ? taps.run - d : kMostQuadProducts;
      if (i + d > 0) {
        for (int32_t k = 0; k < pixels * kQuad; ++k) {
          if (!moved) sums[k] = begin[k % kQuad];
          AddTo(sums[k], parts[k]);
        }
        moved = true;
      }
      loop.w = taps.words + (i * taps.filter_row + d) * kQuad;
      loop.first = (taps.first + d) * static_cast<int32_t>(sizeof(int16_t));
      loop.SetRun(run, taps.filter_row);
      RunQuads(loop);
      d += run;
    }
  }
  return moved;
}

// Whether a filter of one tap sees all pixels one after another, as if they were in one row.
bool IsOneRow(const Window2D& window) {
  return window.filter_h * window.filter_w * window.stride_h * window.stride_w == 1 &&
         window.pad_top == 0 && window.pad_left == 0 && window.output_w == window.input_w;
}

template <typename Bias>
void ConvolveQuads(const ConvolutionS16Params& params, const UnitsS16<Bias>& channels,
                   const RowView<const int16_t>& input, Rows rows, int32_t* words,
                   const RowView<int16_t>& output) {
  const Window2D& window = params.shape.window;
  const int32_t inputs = params.shape.input_channels, outputs = channels.units;
  // The columns [inside, inside_end) of the output see the whole filter.
  int32_t inside = 0, inside_end = window.output_w;
  const auto is_inside = [&](int32_t x) {
    const Window2D::Taps taps = window.ColumnTaps(x);
    return taps.end - taps.begin == window.filter_w;
  };
  while (inside < inside_end && !is_inside(inside)) ++inside;
  while (inside_end > inside && !is_inside(inside_end - 1)) --inside_end;
  for (int32_t o = 0; o < outputs; o += kQuad) {
    const int32_t count = outputs - o < kQuad ? outputs - o : kQuad;
    Interleave(channels.filter + o * channels.depth, channels.depth, count, words);
    Bias begin[kQuad] = {};
    for (int32_t k = 0; channels.bias != nullptr && k < count; ++k) begin[k] = channels.bias[o + k];
    for (int32_t y = rows.begin; y < rows.end; ++y) {
      const Window2D::Taps tap_rows = window.RowTaps(y);
      const int16_t* from[kMostRows];
      for (int32_t i = tap_rows.begin; i < tap_rows.end; ++i) {
        from[i] = input.Row(tap_rows.origin + i * window.dilation_h);
      }
      int16_t* out = output.Row(y) + o;
      for (int32_t x = 0; x < window.output_w;) {
        int32_t pixels = 1;
        if (x >= inside && x < inside_end) {
          pixels = inside_end - x < kMostPixels ? inside_end - x : kMostPixels;
        }
        const Window2D::Taps columns = window.ColumnTaps(x);
        const BlockTaps taps = {
            from + tap_rows.begin,
            tap_rows.end - tap_rows.begin,
            (columns.origin + columns.begin) * inputs,
            (columns.end - columns.begin) * inputs,
            window.stride_w * inputs,
            words + (tap_rows.begin * window.filter_w + columns.begin) * inputs * kQuad,
            window.filter_w * inputs};
        int32_t parts[kMostPixels * kQuad];
        Bias sums[kMostPixels * kQuad];
        if (taps.run == 0 || taps.row_count == 0) {
          for (int32_t& part : parts) part = 0;
        }
        const bool moved = SumBlock(taps, pixels, begin, parts, sums);
        for (int32_t k = 0; k < count; ++k) {
          FinishPixelsS16(channels.output, o + k, {1, pixels, kQuad, 0, outputs, 0}, begin[k],
                          moved ? sums + k : nullptr, parts + k, out + k);
        }
        x += pixels;
        out += pixels * outputs;
      }
    }
  }
}

}  // namespace

ScratchRequest Conv2DS16ScratchBytes(const ConvolutionS16Params& params) {
  if (!SeesRuns(params.shape.window)) return {};
  const auto words = static_cast<uint32_t>(FilterElements(params.shape) * kQuad);
  return {0, words * 4, 1};
}

template <typename Bias>
void Conv2DS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
               const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
               Rows rows, Scratch scratch, const RowView<int16_t>& output) {
  const UnitsS16<Bias> channels = {filter,
                                   bias,
                                   FilterElements(params.shape),
                                   params.shape.output_channels,
                                   0,
                                   params.output(multipliers)};
  if (scratch.units == 0 || (rows.end - rows.begin) * params.shape.window.output_w <= kFewPixels) {
    ConvolveLists(params, channels, input, rows, output);
  } else {
    auto* const words = reinterpret_cast<int32_t*>(scratch.data);
    if (!AreApart(params.shape.window, input, rows, output)) {
      for (int32_t y = rows.begin; y < rows.end; ++y) {
        ConvolveQuads(params, channels, input, {y, y + 1}, words, output);
      }
    } else if (IsOneRow(params.shape.window)) {
      ConvolutionS16Params row = params;
      Window2D& window = row.shape.window;
      window.input_h = window.output_h = 1;
      window.input_w = window.output_w = (rows.end - rows.begin) * window.output_w;
      ConvolveQuads(row, channels, input.Skip(rows.begin), {0, 1}, words, output.Skip(rows.begin));
    } else {
      ConvolveQuads(params, channels, input, rows, words, output);
    }
  }
}

static_assert(std::is_same_v<decltype(Conv2DS16<int32_t>), ConvolutionS16<int32_t>>);
template ConvolutionS16<int32_t> Conv2DS16<int32_t>;
template ConvolutionS16<PackedInt64> Conv2DS16<PackedInt64>;

}  // namespace midge::arm_v6m
