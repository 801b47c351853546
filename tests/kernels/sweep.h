// SPDX-License-Identifier: Apache-2.0
//
// What the tests of all variants share: parameters at their ends, shapes around tiles, and kernels
// run beside portable ones, whole and row by row, from memory that ends where the tensors do.
#pragma once

#include <cstring>
#include <initializer_list>

#include "kernels/portable/portable.h"
#include "tests/kernels/guarded.h"
#include "tests/support/test.h"

namespace midge_test {

using midge::ChannelMultipliers;
using midge::ConvolutionS8;
using midge::ConvolutionS8Params;
using midge::ConvolutionS8ScratchBytes;
using midge::FullyConnectedS8Params;
using midge::Pool2DS8;
using midge::Pool2DS8Params;
using midge::QuantizedMultiplier;
using midge::Rows;
using midge::RowView;
using midge::Scratch;
using midge::WindowedShape;

inline constexpr size_t kMostChannels = 256;

constexpr uint32_t kMostScratchBytes = 16384;
inline Guarded<int8_t, 8192> g_input, g_expected, g_output;
inline Guarded<int8_t, 20000> g_filter;
inline Guarded<int32_t, kMostChannels> g_bias, g_multipliers;
inline Guarded<int8_t, kMostChannels> g_exponents;
inline Guarded<uint8_t, kMostScratchBytes> g_scratch;
inline Guarded<int8_t, 4 * 8192> g_overlapping;  // an input and the output that reaches into it

inline void Fill(Random& random, int8_t* data, size_t count) {
  // Now and then all at one end, so that sums are as large as they can be.
  const bool extreme = random.OneIn(8);
  const int8_t end = static_cast<int8_t>(random.OneIn(2) ? INT8_MIN : INT8_MAX);
  for (size_t i = 0; i < count; ++i) {
    data[i] = extreme ? end : static_cast<int8_t>(random.Next() >> 13);
  }
}

inline int32_t ZeroPoint(Random& random) {
  switch (random.In(0, 3)) {
    case 0:
      return INT8_MIN;
    case 1:
      return INT8_MAX;
    default:
      return random.In(INT8_MIN, INT8_MAX);
  }
}

template <typename T>
void Set(T& field, int32_t value) {
  field = static_cast<T>(value);
}

template <typename T = midge::ClampRange>
T ClampOf(Random& random) {
  T range = {};
  const int32_t min = random.OneIn(2) ? INT8_MIN : random.In(INT8_MIN, INT8_MAX);
  Set(range.min, min);
  Set(range.max, random.OneIn(2) ? INT8_MAX : random.In(min, INT8_MAX));
  return range;
}

// Multipliers of `count` channels, or one for all, and biases (or null).
inline ChannelMultipliers MultipliersOf(Random& random, int32_t count, int32_t depth,
                                        const int32_t** bias) {
  const int32_t step = random.OneIn(4) ? 0 : 1;
  const int32_t rows = step == 0 ? 1 : count;
  int32_t* multipliers = g_multipliers.Place(static_cast<size_t>(rows));
  int8_t* exponents = g_exponents.Place(static_cast<size_t>(rows));
  // What makes outputs of all int8 values likely: sums are about 2^(13 + log2(depth) / 2).
  int32_t usual = -7;
  for (int32_t d = depth; d > 1; d /= 4) --usual;
  for (int32_t i = 0; i < rows; ++i) {
    switch (random.In(0, 7)) {
      case 0:
        multipliers[i] = 1 << 30;
        break;
      case 1:
        multipliers[i] = INT32_MAX;
        break;
      case 2:
        multipliers[i] = random.OneIn(4) ? 0 : 1 << 30;
        break;
      default:
        multipliers[i] = 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
    }
    exponents[i] =
        static_cast<int8_t>(random.OneIn(6) ? random.In(-31, 30) : usual + random.In(-1, 1));
  }
  *bias = nullptr;
  if (!random.OneIn(5)) {
    int32_t* biases = g_bias.Place(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; ++i) {
      const auto word = static_cast<int32_t>(random.Next());
      biases[i] = random.OneIn(12) ? word : random.OneIn(12) ? INT32_MIN : word >> 17;
    }
    *bias = biases;
  }
  return {multipliers, exponents, step};
}

template <typename T>
bool Equal(const T* a, const T* b, size_t count) {
  return std::memcmp(a, b, count * sizeof(T)) == 0;
}

// One axis of a window: windows begin before the image by less than a filter and within it.
inline void DrawAxis(Random& random, int32_t most_input, int32_t most_filter, bool dilated,
                     int32_t* input, int32_t* output, uint16_t* filter, uint16_t* stride,
                     uint16_t* dilation, uint16_t* pad) {
  *input = random.In(1, most_input);
  const int32_t taps = random.In(1, most_filter);
  const int32_t dilate = dilated && random.OneIn(4) ? random.In(2, 3) : 1;
  const int32_t step = random.OneIn(2) ? 1 : random.In(1, 3);
  const int32_t before = random.OneIn(2) ? 0 : random.In(0, (taps - 1) * dilate);
  *output = random.In(1, (*input + before - 1) / step + 1);
  *filter = static_cast<uint16_t>(taps);
  *stride = static_cast<uint16_t>(step);
  *dilation = static_cast<uint16_t>(dilate);
  *pad = static_cast<uint16_t>(before);
}

inline WindowedShape DrawShape(Random& random, int32_t most_filter, bool dilated) {
  WindowedShape shape = {};
  midge::Window2D& w = shape.window;
  DrawAxis(random, 7, most_filter, dilated, &w.input_h, &w.output_h, &w.filter_h, &w.stride_h,
           &w.dilation_h, &w.pad_top);
  DrawAxis(random, random.OneIn(5) ? 40 : 11, most_filter, dilated, &w.input_w, &w.output_w,
           &w.filter_w, &w.stride_w, &w.dilation_w, &w.pad_left);
  shape.images = 1;
  return shape;
}

// Filters whose taps around the pixel that they are for lie one padding outside; 1 x 1 as well.
inline WindowedShape AroundPixels(int32_t height, int32_t width, uint16_t filter_h,
                                  uint16_t filter_w, uint16_t stride, int32_t inputs,
                                  int32_t outputs) {
  WindowedShape shape = {};
  shape.window = {height,
                  width,
                  (height + stride - 1) / stride,
                  (width + stride - 1) / stride,
                  filter_h,
                  filter_w,
                  stride,
                  stride,
                  1,
                  1,
                  static_cast<uint16_t>(filter_h / 2),
                  static_cast<uint16_t>(filter_w / 2)};
  shape.images = 1;
  shape.input_channels = inputs;
  shape.output_channels = outputs;
  return shape;
}

// An image that is one window.
inline WindowedShape OneWindow(uint16_t filter_h, uint16_t filter_w, int32_t channels) {
  WindowedShape shape = {};
  shape.window = {filter_h, filter_w, 1, 1, filter_h, filter_w, 1, 1, 1, 1, 0, 0};
  shape.images = 1;
  shape.input_channels = shape.output_channels = channels;
  return shape;
}

// run(in, rows, out) again where the output lies over the input as far as the planner may put it:
// below it, where rows are made in ascending order, all at once or some at a time, and above it,
// where they are made in descending order, some at a time.
template <typename T, typename F>
void CheckOverlapping(Random& random, const WindowedShape& shape, const T* input, const T* expected,
                      const F& run) {
  const midge::RowWindow window = shape.row_window();
  if (window.is_whole()) return;
  const int32_t in_rows = shape.window.input_h, out_rows = shape.window.output_h;
  const int32_t in_row = shape.input_row_elements(), out_row = shape.output_row_elements();
  const auto inputs = static_cast<size_t>(in_rows * in_row);
  const auto outputs = static_cast<size_t>(out_rows * out_row);
  for (const bool ascending : {true, false}) {
    const int32_t at_once = ascending && random.OneIn(2) ? out_rows : random.In(1, 6);
    // What is overwritten when row y is, or the rows from y on are, is not read then or later.
    int32_t distance = ascending ? 0 : 1;
    for (int32_t y = 0; y < out_rows; ++y) {
      const int32_t first = y * window.stride - window.pad;
      const int32_t last = first + (at_once - 1) * window.stride + window.span;
      const int32_t below = (y + 1) * out_row - (first > 0 ? first : 0) * in_row;
      const int32_t above = (last < in_rows ? last : in_rows) * in_row - y * out_row;
      const int32_t here = ascending ? below : above;
      if (here > distance) distance = here;
    }
    const auto apart = static_cast<size_t>(distance);
    const size_t in_at = ascending ? apart : 0, out_at = ascending ? 0 : apart;
    const size_t count = in_at + inputs > out_at + outputs ? in_at + inputs : out_at + outputs;
    T* const memory = reinterpret_cast<T*>(g_overlapping.Place(count * sizeof(T), alignof(T)));
    std::memcpy(memory + in_at, input, inputs * sizeof(T));
    const RowView<const T> in(memory + in_at, in_row);
    const RowView<T> out(memory + out_at, out_row);
    for (int32_t done = 0; done < out_rows; done += at_once) {
      const int32_t rows = out_rows - done < at_once ? out_rows - done : at_once;
      const int32_t begin = ascending ? done : out_rows - done - rows;
      run(in, Rows{begin, begin + rows}, out);
    }
    EXPECT_TRUE(Equal(memory + out_at, expected, outputs));
    EXPECT_TRUE(g_overlapping.Intact());
  }
}

// Scratch that holds anything: with all units that are asked for, or with any number of them.
inline Scratch PlaceScratch(Random& random, const midge::ScratchRequest& request, bool any_units) {
  Scratch scratch = {nullptr, any_units ? random.In(0, request.units) : request.units};
  const auto bytes_of = [&](int32_t units) {
    return request.bytes + static_cast<uint32_t>(units) * request.unit_bytes;
  };
  while (scratch.units > 0 && bytes_of(scratch.units) > kMostScratchBytes) --scratch.units;
  const uint32_t size_bytes = bytes_of(scratch.units);
  if (size_bytes == 0 || !EXPECT_TRUE(size_bytes <= kMostScratchBytes)) return scratch;
  scratch.data = g_scratch.Place(size_bytes, 16);
  for (uint32_t i = 0; i < size_bytes; ++i) scratch.data[i] = static_cast<uint8_t>(random.Next());
  return scratch;
}

// What converters make has no weight of -128. Variants may count on that and take another way for
// such weights; then kMostlySymmetric has both come often.
enum class Weights { kAny, kMostlySymmetric };

inline void CheckConvolution(Random& random, const WindowedShape& shape, size_t filter_elements,
                             Weights weights, ConvolutionS8* portable, ConvolutionS8* variant,
                             ConvolutionS8ScratchBytes* scratch_bytes) {
  const auto inputs = static_cast<size_t>(shape.window.input_h * shape.input_row_elements());
  const auto outputs = static_cast<size_t>(shape.window.output_h * shape.output_row_elements());
  if (inputs > 8192 || outputs > 8192 || filter_elements > 8192) return;
  ConvolutionS8Params params = {};
  params.shape = shape;
  Set(params.input_zero_point, ZeroPoint(random));
  Set(params.output_zero_point, ZeroPoint(random));
  params.clamp = ClampOf(random);
  int8_t* input = g_input.Place(inputs);
  Fill(random, input, inputs);
  int8_t* filter = g_filter.Place(filter_elements);
  Fill(random, filter, filter_elements);
  const bool symmetric = weights == Weights::kMostlySymmetric && !random.OneIn(4);
  for (size_t i = 0; symmetric && i < filter_elements; ++i) {
    if (filter[i] == INT8_MIN) filter[i] = -INT8_MAX;
  }
  const int32_t* bias;
  const int32_t depth = static_cast<int32_t>(filter_elements) / shape.output_channels;
  const ChannelMultipliers multipliers = MultipliersOf(random, shape.output_channels, depth, &bias);
  int8_t* expected = g_expected.Place(outputs);
  const RowView<const int8_t> in(input, shape.input_row_elements());
  const Rows all = {0, shape.window.output_h};
  portable(params, multipliers, in, filter, bias, all, {},
           RowView<int8_t>(expected, shape.output_row_elements()));

  const midge::ScratchRequest request = scratch_bytes(params);
  for (const bool by_rows : {false, true}) {
    const Scratch scratch = PlaceScratch(random, request, by_rows);
    int8_t* output = g_output.Place(outputs);
    const RowView<int8_t> out(output, shape.output_row_elements());
    if (by_rows) {
      for (int32_t y = all.end - 1; y >= 0; --y) {
        variant(params, multipliers, in, filter, bias, {y, y + 1}, scratch, out);
      }
    } else {
      variant(params, multipliers, in, filter, bias, all, scratch, out);
    }
    const midge::Window2D& w = shape.window;
    if (!EXPECT_TRUE(Equal(output, expected, outputs))) {
      Print("  input ");
      for (const int32_t value : std::initializer_list<int32_t>{
               w.input_h, w.input_w, shape.input_channels, w.output_h, w.output_w,
               shape.output_channels, int32_t{w.filter_h}, int32_t{w.filter_w}, int32_t{w.stride_h},
               int32_t{w.stride_w}, int32_t{w.dilation_h}, int32_t{w.dilation_w},
               int32_t{w.pad_top}, int32_t{w.pad_left}, int32_t{by_rows}}) {
        PrintSigned(value);
        Print(" ");
      }
      Print("\n");
      return;
    }
    EXPECT_TRUE(g_output.Intact());
    CheckOverlapping(random, shape, input, expected,
                     [&](RowView<const int8_t> from, Rows rows, RowView<int8_t> to) {
                       variant(params, multipliers, from, filter, bias, rows, scratch, to);
                     });
    if (scratch.data != nullptr) EXPECT_TRUE(g_scratch.Intact());
  }
}

inline void CheckConv2D(Random& random, const WindowedShape& shape, Weights weights,
                        ConvolutionS8* variant, ConvolutionS8ScratchBytes* scratch_bytes) {
  const auto filter_elements = static_cast<size_t>(shape.window.filter_h * shape.window.filter_w *
                                                   shape.input_channels * shape.output_channels);
  CheckConvolution(random, shape, filter_elements, weights, midge::portable::Conv2DS8, variant,
                   scratch_bytes);
}

inline void CheckDepthwiseConv2D(Random& random, const WindowedShape& shape, Weights weights,
                                 ConvolutionS8* variant, ConvolutionS8ScratchBytes* scratch_bytes) {
  const auto filter_elements =
      static_cast<size_t>(shape.window.filter_h * shape.window.filter_w * shape.output_channels);
  CheckConvolution(random, shape, filter_elements, weights, midge::portable::DepthwiseConv2DS8,
                   variant, scratch_bytes);
}

inline void CheckFullyConnected(Random& random, int32_t depth, int32_t units, int32_t batches,
                                decltype(midge::portable::FullyConnectedS8)* variant) {
  const auto inputs = static_cast<size_t>(depth * batches);
  const auto weights = static_cast<size_t>(depth * units);
  const auto outputs = static_cast<size_t>(units * batches);
  const int32_t filter_zero_point = random.OneIn(6) ? ZeroPoint(random) : 0;
  FullyConnectedS8Params params = {};
  params.shape = {depth, units};
  Set(params.input_zero_point, ZeroPoint(random));
  Set(params.filter_zero_point, filter_zero_point);
  Set(params.output_zero_point, ZeroPoint(random));
  params.clamp = ClampOf(random);
  int8_t* input = g_input.Place(inputs);
  Fill(random, input, inputs);
  int8_t* filter = g_filter.Place(weights);
  Fill(random, filter, weights);
  const int32_t* bias;
  const ChannelMultipliers multipliers = MultipliersOf(random, units, depth, &bias);
  int8_t* expected = g_expected.Place(outputs);
  midge::portable::FullyConnectedS8(params, multipliers, input, filter, bias, batches, expected);
  int8_t* output = g_output.Place(outputs);
  variant(params, multipliers, input, filter, bias, batches, output);
  EXPECT_TRUE(Equal(output, expected, outputs));
  EXPECT_TRUE(g_output.Intact());
}

inline void CheckPool(Random& random, const WindowedShape& shape, Pool2DS8* portable,
                      Pool2DS8* variant) {
  const auto inputs = static_cast<size_t>(shape.window.input_h * shape.input_row_elements());
  const auto outputs = static_cast<size_t>(shape.window.output_h * shape.output_row_elements());
  if (inputs > 8192 || outputs > 8192) return;
  const Pool2DS8Params params = {shape, ClampOf(random)};
  int8_t* input = g_input.Place(inputs);
  Fill(random, input, inputs);
  const RowView<const int8_t> in(input, shape.input_row_elements());
  int8_t* expected = g_expected.Place(outputs);
  const Rows all = {0, shape.window.output_h};
  portable(params, in, all, RowView<int8_t>(expected, shape.output_row_elements()));
  int8_t* output = g_output.Place(outputs);
  const RowView<int8_t> out(output, shape.output_row_elements());
  if (random.OneIn(2)) {
    for (int32_t y = all.end - 1; y >= 0; --y) variant(params, in, {y, y + 1}, out);
  } else {
    variant(params, in, all, out);
  }
  EXPECT_TRUE(Equal(output, expected, outputs));
  EXPECT_TRUE(g_output.Intact());
  CheckOverlapping(random, shape, input, expected,
                   [&](RowView<const int8_t> from, Rows rows, RowView<int8_t> to) {
                     variant(params, from, rows, to);
                   });
}

}  // namespace midge_test
