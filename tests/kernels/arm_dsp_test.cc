// SPDX-License-Identifier: Apache-2.0
//
// kernels/arm_dsp against kernels/portable: the same bits for shapes around every tile, all
// parameters at their ends, whole and row by row, from memory that ends where the tensors do.
#include "kernels/arm_dsp/arm_dsp.h"

#include <cstring>
#include <initializer_list>

#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/arm_dsp/requantize.h"
#include "tests/kernels/guarded.h"
#include "tests/support/test.h"

namespace {

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
using midge_test::Guarded;
using midge_test::Random;

constexpr size_t kMostChannels = 256;

Guarded<int8_t, 8192> g_input, g_expected, g_output;
Guarded<int8_t, 20000> g_filter;
Guarded<int32_t, kMostChannels> g_bias, g_multipliers;
Guarded<int8_t, kMostChannels> g_exponents;
Guarded<uint8_t, 8192> g_scratch;

void Fill(Random& random, int8_t* data, size_t count) {
  // Now and then all at one end, so that sums are as large as they can be.
  const bool extreme = random.OneIn(8);
  const int8_t end = static_cast<int8_t>(random.OneIn(2) ? INT8_MIN : INT8_MAX);
  for (size_t i = 0; i < count; ++i) {
    data[i] = extreme ? end : static_cast<int8_t>(random.Next() >> 13);
  }
}

int32_t ZeroPoint(Random& random) {
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
ChannelMultipliers MultipliersOf(Random& random, int32_t count, int32_t depth,
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

bool Equal(const int8_t* a, const int8_t* b, size_t count) { return std::memcmp(a, b, count) == 0; }

// One axis of a window: windows begin before the image by less than a filter and within it.
void DrawAxis(Random& random, int32_t most_input, int32_t most_filter, bool dilated, int32_t* input,
              int32_t* output, uint16_t* filter, uint16_t* stride, uint16_t* dilation,
              uint16_t* pad) {
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

WindowedShape DrawShape(Random& random, int32_t most_filter, bool dilated) {
  WindowedShape shape = {};
  midge::Window2D& w = shape.window;
  DrawAxis(random, 7, most_filter, dilated, &w.input_h, &w.output_h, &w.filter_h, &w.stride_h,
           &w.dilation_h, &w.pad_top);
  DrawAxis(random, random.OneIn(5) ? 40 : 11, most_filter, dilated, &w.input_w, &w.output_w,
           &w.filter_w, &w.stride_w, &w.dilation_w, &w.pad_left);
  shape.images = 1;
  return shape;
}

void CheckConvolution(Random& random, const WindowedShape& shape, size_t filter_elements,
                      ConvolutionS8* portable, ConvolutionS8* variant,
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
    // Any number of units may be granted.
    Scratch scratch = {nullptr, by_rows ? random.In(0, request.units) : request.units};
    const uint32_t scratch_size =
        request.bytes + static_cast<uint32_t>(scratch.units) * request.unit_bytes;
    if (scratch_size != 0) {
      ASSERT_TRUE(scratch_size <= 8192);
      scratch.data = g_scratch.Place(scratch_size, 16);
      for (uint32_t i = 0; i < scratch_size; ++i) {
        scratch.data[i] = static_cast<uint8_t>(random.Next());
      }
    }
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
      midge_test::Print("  input ");
      for (const int32_t value : std::initializer_list<int32_t>{
               w.input_h, w.input_w, shape.input_channels, w.output_h, w.output_w,
               shape.output_channels, int32_t{w.filter_h}, int32_t{w.filter_w}, int32_t{w.stride_h},
               int32_t{w.stride_w}, int32_t{w.dilation_h}, int32_t{w.dilation_w},
               int32_t{w.pad_top}, int32_t{w.pad_left}, int32_t{by_rows}}) {
        midge_test::PrintSigned(value);
        midge_test::Print(" ");
      }
      midge_test::Print("\n");
      return;
    }
    EXPECT_TRUE(g_output.Intact());
    if (scratch_size != 0) EXPECT_TRUE(g_scratch.Intact());
  }
}

void CheckConv2D(Random& random, const WindowedShape& shape) {
  const auto filter_elements = static_cast<size_t>(shape.window.filter_h * shape.window.filter_w *
                                                   shape.input_channels * shape.output_channels);
  CheckConvolution(random, shape, filter_elements, midge::portable::Conv2DS8,
                   midge::arm_dsp::Conv2DS8, midge::arm_dsp::Conv2DS8ScratchBytes);
}

// Depths and channels around quads; pixels around blocks of four; all windows.
TEST(ArmDspConv2D, OneByOne) {
  Random random(1);
  for (int32_t depth = 1; depth <= 17; ++depth) {
    for (int32_t channels = 1; channels <= 6; ++channels) {
      for (int32_t width = 1; width <= 6; ++width) {
        WindowedShape shape = {};
        shape.window = {3, width, 3, width, 1, 1, 1, 1, 1, 1, 0, 0};
        shape.images = 1;
        shape.input_channels = depth;
        shape.output_channels = channels;
        CheckConv2D(random, shape);
      }
    }
  }
}

TEST(ArmDspConv2D, Windows) {
  Random random(2);
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, 4, true);
    shape.input_channels = random.OneIn(8) ? random.In(13, 33) : random.In(1, 9);
    shape.output_channels = random.OneIn(8) ? random.In(9, 33) : random.In(1, 9);
    CheckConv2D(random, shape);
  }
}

void CheckDepthwise(Random& random, const WindowedShape& shape) {
  const auto filter_elements =
      static_cast<size_t>(shape.window.filter_h * shape.window.filter_w * shape.output_channels);
  CheckConvolution(random, shape, filter_elements, midge::portable::DepthwiseConv2DS8,
                   midge::arm_dsp::DepthwiseConv2DS8,
                   midge::arm_dsp::DepthwiseConv2DS8ScratchBytes);
}

TEST(ArmDspDepthwiseConv2D, ChannelsAndWidths) {
  Random random(3);
  for (int32_t channels = 1; channels <= 17; ++channels) {
    for (int32_t width = 1; width <= 40; width += width < 20 ? 1 : 7) {
      for (const uint16_t stride : {uint16_t{1}, uint16_t{2}}) {
        WindowedShape shape = {};
        shape.window = {4,
                        width,
                        (3 + stride) / stride,
                        (width + stride - 1) / stride,
                        3,
                        3,
                        stride,
                        stride,
                        1,
                        1,
                        1,
                        1};
        shape.images = 1;
        shape.input_channels = shape.output_channels = channels;
        CheckDepthwise(random, shape);
      }
    }
  }
}

TEST(ArmDspDepthwiseConv2D, Windows) {
  Random random(4);
  for (int i = 0; i < 2000; ++i) {
    WindowedShape shape = DrawShape(random, random.OneIn(10) ? 20 : 5, true);
    shape.input_channels = random.OneIn(3)   ? 1
                           : random.OneIn(2) ? random.In(2, 9)
                                             : random.In(1, 8) * 4;
    const int32_t multiplier = random.OneIn(4) || shape.input_channels == 1 ? random.In(1, 8) : 1;
    shape.output_channels = shape.input_channels * multiplier;
    CheckDepthwise(random, shape);
  }
}

void CheckFullyConnected(Random& random, int32_t depth, int32_t units, int32_t batches) {
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
  midge::arm_dsp::FullyConnectedS8(params, multipliers, input, filter, bias, batches, output);
  EXPECT_TRUE(Equal(output, expected, outputs));
  EXPECT_TRUE(g_output.Intact());
}

TEST(ArmDspFullyConnected, DepthsAndUnits) {
  Random random(5);
  for (int i = 0; i < 3000; ++i) {
    const int32_t depth = i < 1000           ? i % 40 + 1
                          : random.OneIn(10) ? random.In(1, 300)
                                             : random.In(1, 40);
    CheckFullyConnected(random, depth, random.In(1, 11), random.OneIn(3) ? random.In(0, 4) : 1);
  }
}

// Around chunks of 256 inputs and blocks of 32 units.
TEST(ArmDspFullyConnected, ChunksAndBlocks) {
  Random random(9);
  for (const int32_t depth : {4, 7, 252, 255, 256, 257, 260, 271, 512, 516, 523}) {
    for (const int32_t units : {1, 2, 31, 32, 33, 34, 64, 65}) {
      if (depth * units <= 20000) CheckFullyConnected(random, depth, units, random.In(1, 2));
    }
  }
}

// One LSTM step after the other, from states that portable and variant carry each for themselves.
TEST(ArmDspLstm, ShapesAndScales) {
  static Guarded<int8_t, 16384> matrices[2 * midge::kLstmGates];
  static Guarded<int32_t, 70> biases[midge::kLstmGates];
  static Guarded<int8_t, 70> hidden[2];
  static Guarded<int16_t, 70> cells[2];
  Random random(13);
  for (int i = 0; i < 250; ++i) {
    midge::LstmQuantizedParams params = {};
    midge::LstmShape& shape = params.shape;
    shape = {random.In(1, 2), 3, random.OneIn(10) ? random.In(250, 270) : random.In(1, 40),
             random.OneIn(4) ? random.In(30, 35) : random.In(1, 20), random.OneIn(2)};
    if (random.OneIn(20)) shape.cells = random.In(63, 66);
    const auto states = static_cast<size_t>(shape.batches * shape.cells);
    if (states > 70 || shape.cells * shape.inputs > 16384) continue;
    const int32_t usual = random.OneIn(8) ? random.In(-31, 12) : random.In(-9, -5);
    midge::LstmWeights<int8_t, int32_t> weights = {};
    for (int k = 0; k < midge::kLstmGates; ++k) {
      const auto of_input = static_cast<size_t>(shape.cells * shape.inputs);
      const auto of_hidden = static_cast<size_t>(shape.cells * shape.cells);
      int8_t* const w = matrices[k].Place(of_input);
      Fill(random, w, of_input);
      weights.weights[k] = w;
      int8_t* const r = matrices[midge::kLstmGates + k].Place(of_hidden);
      Fill(random, r, of_hidden);
      weights.recurrent[k] = r;
      int32_t* const bias = biases[k].Place(static_cast<size_t>(shape.cells));
      for (int32_t c = 0; c < shape.cells; ++c) {
        bias[c] = static_cast<int32_t>(random.Next()) >> random.In(0, 20);
      }
      weights.bias[k] = bias;
      params.weights_multiplier_q31[k] = 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
      params.recurrent_multiplier_q31[k] = 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
      Set(params.weights_exponent[k], usual);
      Set(params.recurrent_exponent[k], usual + random.In(0, 1));
    }
    params.cell_multiplier = {1 << 30 | static_cast<int32_t>(random.Next() >> 2),
                              random.In(-16, -12)};
    params.hidden_multiplier = {1 << 30 | static_cast<int32_t>(random.Next() >> 2),
                                random.In(-24, -20)};
    Set(params.input_zero_point, ZeroPoint(random));
    Set(params.hidden_zero_point, ZeroPoint(random));
    params.cell_clip = {INT16_MIN, INT16_MAX};
    if (random.OneIn(3)) params.cell_clip = {-3000, 3000};
    Set(params.cell_shift, random.In(-2, 2));

    const auto inputs = static_cast<size_t>(shape.batches * shape.steps * shape.inputs);
    const auto outputs = static_cast<size_t>(shape.batches * shape.steps * shape.cells);
    int8_t* const input = g_input.Place(inputs);
    Fill(random, input, inputs);
    int8_t *h[2], *out[2] = {g_expected.Place(outputs), g_output.Place(outputs)};
    int16_t* c[2];
    for (int v = 0; v < 2; ++v) {
      h[v] = hidden[v].Place(states);
      c[v] = cells[v].Place(states);
    }
    for (size_t k = 0; k < states; ++k) {
      h[0][k] = h[1][k] = static_cast<int8_t>(random.Next());
      c[0][k] = c[1][k] = static_cast<int16_t>(random.Next());
    }
    midge::portable::UnidirectionalSequenceLstmS8(params, weights, input, h[0], c[0], out[0]);
    midge::arm_dsp::UnidirectionalSequenceLstmS8(params, weights, input, h[1], c[1], out[1]);
    EXPECT_TRUE(Equal(out[1], out[0], outputs));
    EXPECT_TRUE(std::memcmp(c[1], c[0], states * sizeof(int16_t)) == 0);
    EXPECT_TRUE(Equal(h[1], h[0], states));
    EXPECT_TRUE(g_output.Intact() && hidden[1].Intact() && cells[1].Intact());
  }
}

Guarded<float, 4096> g_float_input, g_float_filter, g_float_expected, g_float_output;
Guarded<float, 64> g_float_bias;

void Fill(Random& random, float* data, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    data[i] = static_cast<float>(random.In(-10000, 10000)) / 4096;
  }
}

midge::FloatClampRange FloatClampOf(Random& random) {
  if (random.OneIn(2)) return {-midge::FloatClampRange::kMost, midge::FloatClampRange::kMost};
  return {0, 6};
}

const float* FloatBiasOf(Random& random, int32_t channels) {
  if (random.OneIn(4)) return nullptr;
  float* const bias = g_float_bias.Place(static_cast<size_t>(channels));
  Fill(random, bias, static_cast<size_t>(channels));
  return bias;
}

// Sums are made in the same order and not fused: the bits are the same.
void CheckConvolutionF32(Random& random, const WindowedShape& shape, int32_t filter_elements,
                         midge::ConvolutionF32* portable, midge::ConvolutionF32* variant) {
  const auto inputs = static_cast<size_t>(shape.window.input_h * shape.input_row_elements());
  const auto outputs = static_cast<size_t>(shape.window.output_h * shape.output_row_elements());
  const auto weights = static_cast<size_t>(filter_elements);
  if (inputs > 4096 || outputs > 4096 || weights > 4096 || shape.output_channels > 64) return;
  const midge::ConvolutionF32Params params = {shape, FloatClampOf(random)};
  float* input = g_float_input.Place(inputs);
  Fill(random, input, inputs);
  float* filter = g_float_filter.Place(weights);
  Fill(random, filter, weights);
  const float* bias = FloatBiasOf(random, shape.output_channels);
  float* expected = g_float_expected.Place(outputs);
  const RowView<const float> in(input, shape.input_row_elements());
  const Rows all = {0, shape.window.output_h};
  portable(params, in, filter, bias, all, RowView<float>(expected, shape.output_row_elements()));
  float* output = g_float_output.Place(outputs);
  const RowView<float> out(output, shape.output_row_elements());
  for (int32_t y = all.end - 1; y >= 0; --y) variant(params, in, filter, bias, {y, y + 1}, out);
  EXPECT_TRUE(std::memcmp(output, expected, outputs * sizeof(float)) == 0);
  EXPECT_TRUE(g_float_output.Intact());
}

TEST(ArmDspFloat, Convolutions) {
  Random random(10);
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, 4, true);
    shape.input_channels = random.OneIn(4) ? random.In(10, 33) : random.In(1, 9);
    shape.output_channels = random.OneIn(4) ? random.In(6, 17) : random.In(1, 5);
    const int32_t taps = shape.window.filter_h * shape.window.filter_w;
    CheckConvolutionF32(random, shape, taps * shape.input_channels * shape.output_channels,
                        midge::portable::Conv2DF32, midge::arm_dsp::Conv2DF32);
    shape.output_channels = shape.input_channels * (random.OneIn(4) ? 2 : 1);
    CheckConvolutionF32(random, shape, taps * shape.output_channels,
                        midge::portable::DepthwiseConv2DF32, midge::arm_dsp::DepthwiseConv2DF32);
  }
}

TEST(ArmDspFloat, FullyConnected) {
  Random random(11);
  for (int i = 0; i < 1500; ++i) {
    const int32_t depth = random.In(1, 40), units = random.In(1, 11), batches = random.In(0, 2);
    const auto inputs = static_cast<size_t>(depth * batches);
    const auto weights = static_cast<size_t>(depth * units);
    const auto outputs = static_cast<size_t>(units * batches);
    const midge::FullyConnectedF32Params params = {{depth, units}, FloatClampOf(random)};
    float* input = g_float_input.Place(inputs);
    Fill(random, input, inputs);
    float* filter = g_float_filter.Place(weights);
    Fill(random, filter, weights);
    const float* bias = FloatBiasOf(random, units);
    float* expected = g_float_expected.Place(outputs);
    midge::portable::FullyConnectedF32(params, input, filter, bias, batches, expected);
    float* output = g_float_output.Place(outputs);
    midge::arm_dsp::FullyConnectedF32(params, input, filter, bias, batches, output);
    EXPECT_TRUE(std::memcmp(output, expected, outputs * sizeof(float)) == 0);
    EXPECT_TRUE(g_float_output.Intact());
  }
}

void CheckPool(Random& random, const WindowedShape& shape, Pool2DS8* portable, Pool2DS8* variant) {
  const auto inputs = static_cast<size_t>(shape.window.input_h * shape.input_row_elements());
  const auto outputs = static_cast<size_t>(shape.window.output_h * shape.output_row_elements());
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
}

TEST(ArmDspPool2D, Windows) {
  Random random(6);
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, 5, false);
    shape.input_channels = shape.output_channels =
        random.OneIn(2) ? random.In(1, 5) * 4 : random.In(1, 17);
    CheckPool(random, shape, midge::portable::AveragePool2DS8, midge::arm_dsp::AveragePool2DS8);
    CheckPool(random, shape, midge::portable::MaxPool2DS8, midge::arm_dsp::MaxPool2DS8);
  }
}

// Windows of many taps.
TEST(ArmDspPool2D, LargeWindows) {
  Random random(7);
  for (int i = 0; i < 120; ++i) {
    const auto filter_h = static_cast<uint16_t>(i % 3 == 0 ? 15 : 16);
    const auto filter_w = static_cast<uint16_t>(i % 3 == 1 ? 16 : 17);
    WindowedShape shape = {};
    shape.window = {filter_h, filter_w + 2, 1, 3, filter_h, filter_w, 1, 1, 1, 1, 0, 0};
    shape.images = 1;
    shape.input_channels = shape.output_channels = 4 * random.In(1, 4);
    CheckPool(random, shape, midge::portable::AveragePool2DS8, midge::arm_dsp::AveragePool2DS8);
  }
}

TEST(ArmDspRequantizer, AllShifts) {
  Random random(8);
  for (int i = 0; i < 200000; ++i) {
    const auto exponent = static_cast<int8_t>(random.In(-31, 30));
    const int32_t multiplier = random.OneIn(10) ? 0
                               : random.OneIn(3)
                                   ? INT32_MAX
                                   : 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
    const midge::QuantizedOutput output = {
        {&multiplier, &exponent, 0}, static_cast<int16_t>(ZeroPoint(random)), {INT8_MIN, INT8_MAX}};
    const midge::arm_dsp::ChannelRequantizer requantizer(output, 0);
    EXPECT_EQ(requantizer.fits(), exponent <= -1 && exponent >= -20);
    if (!requantizer.fits()) continue;
    const auto word = static_cast<int32_t>(random.Next());
    const int32_t near_half = static_cast<int32_t>((random.Next() & 0xff) << (-exponent - 1));
    for (const int32_t x : std::initializer_list<int32_t>{word, word >> random.In(0, 31), near_half,
                                                          -near_half, INT32_MIN, INT32_MAX, 1 << 30,
                                                          -(1 << 30), (1 << 30) - 1, 0, -1}) {
      EXPECT_EQ(requantizer.S8(x), output.S8(x, 0));
    }
  }
}

TEST(ArmDspRequantizer, S16) {
  Random random(12);
  for (int i = 0; i < 100000; ++i) {
    const int32_t exponent = random.In(-31, 12);
    const QuantizedMultiplier m = {
        random.OneIn(3) ? 1 << 30 : 1 << 30 | static_cast<int32_t>(random.Next() >> 2), exponent};
    const midge::arm_dsp::RequantizerS16 requantizer(m);
    const auto word = static_cast<int32_t>(random.Next());
    const auto odd = static_cast<uint32_t>(random.In(-99, 99) * 2 + 1);
    const auto near_half = static_cast<int32_t>(odd << (exponent < 0 ? -exponent - 1 : 0));
    for (const int32_t x :
         std::initializer_list<int32_t>{word, word >> random.In(0, 31), near_half, near_half ^ 1,
                                        INT32_MIN, INT32_MAX, 1 << 30, -(1 << 30), 0, -1}) {
      const int32_t exact = midge::Requantize(x, m);
      EXPECT_EQ(requantizer.Apply(x), midge::Clamp(exact, INT16_MIN, INT16_MAX));
    }
  }
}

TEST(ArmDspIntrinsics, Definitions) {
  using namespace midge::arm_dsp;
  EXPECT_EQ(Sxtb16(0x80fe7f01), 0xfffe0001u);
  EXPECT_EQ(Sxtb16Ror8(0x80fe7f01), 0xff80007fu);
  EXPECT_EQ(Sxtab16(0x00800080, 0x80fe7f01), 0x007e0081u);
  EXPECT_EQ(Sxtab16Ror8(0xff81ff81, 0x80fe7f01), 0xff010000u);
  EXPECT_EQ(Sxtab(-1, 0x80fe7f01), 0);
  EXPECT_EQ(SxtabRor8(1, 0x80fe7f01), 128);
  EXPECT_EQ(SxtabRor16(5, 0x80fe7f01), 3);
  EXPECT_EQ(SxtabRor24(INT32_MIN, 0x80fe7f01), INT32_MAX - 127);
  EXPECT_EQ(Smlad(0xffff0002, 0x00030004, 10), 15);
  EXPECT_EQ(Smlad(0x80008000, 0x80008000, 0), INT32_MIN);
  EXPECT_EQ(Smlabb(0xffff8000, 0x00038000, 1), (1 << 30) + 1);
  EXPECT_EQ(Smlatt(0xffff8000, 0x00038000, 1), -2);
  EXPECT_EQ(Smmlar(1 << 30, 2, 5), 6);
  EXPECT_EQ(Smmlar(-(1 << 30), 2, 5), 5);
  EXPECT_EQ(Smmlar(INT32_MIN, INT32_MAX, 0), -(1 << 30) + 1);
  EXPECT_EQ(QDouble(1 << 30), INT32_MAX);
  EXPECT_EQ(QDouble(-(1 << 30)), INT32_MIN);
  EXPECT_EQ(QDouble(-(1 << 30) - 1), INT32_MIN);
  EXPECT_EQ(Ssat16(32768), 32767);
  EXPECT_EQ(Ssat16(-32769), -32768);
  EXPECT_EQ(Ssat8(128), 127);
  EXPECT_EQ(Ssat8(-129), -128);
  EXPECT_EQ(PackBottoms(0x11112222, 0x33334444), 0x44442222u);
  EXPECT_EQ(PackTops(0x11112222, 0x33334444), 0x33331111u);
  EXPECT_EQ(Max4S8(0x80017fff, 0x7f028000), 0x7f027f00u);
  EXPECT_EQ(Min4S8(0x80017fff, 0x7f028000), 0x800180ffu);
}

}  // namespace
