// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/kernels/sweep.h"

namespace midge_test {

inline Guarded<float, 4096> g_float_input, g_float_filter, g_float_expected, g_float_output;
inline Guarded<float, 64> g_float_bias;

inline void Fill(Random& random, float* data, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    data[i] = static_cast<float>(random.In(-10000, 10000)) / 4096;
  }
}

inline midge::FloatClampRange FloatClampOf(Random& random) {
  if (random.OneIn(2)) return {-midge::FloatClampRange::kMost, midge::FloatClampRange::kMost};
  return {0, 6};
}

inline const float* FloatBiasOf(Random& random, int32_t channels) {
  if (random.OneIn(4)) return nullptr;
  float* const bias = g_float_bias.Place(static_cast<size_t>(channels));
  Fill(random, bias, static_cast<size_t>(channels));
  return bias;
}

// Sums are made in the same order and not fused: the bits are the same.
inline void CheckConvolutionF32(Random& random, const WindowedShape& shape, int32_t filter_elements,
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

inline void CheckConvolutionsF32(Random& random, midge::ConvolutionF32* conv,
                                 midge::ConvolutionF32* depthwise) {
  WindowedShape shape = DrawShape(random, 4, true);
  shape.input_channels = random.OneIn(4) ? random.In(10, 33) : random.In(1, 9);
  shape.output_channels = random.OneIn(4) ? random.In(6, 17) : random.In(1, 5);
  const int32_t taps = shape.window.filter_h * shape.window.filter_w;
  CheckConvolutionF32(random, shape, taps * shape.input_channels * shape.output_channels,
                      midge::portable::Conv2DF32, conv);
  shape.output_channels = shape.input_channels * (random.OneIn(4) ? 2 : 1);
  CheckConvolutionF32(random, shape, taps * shape.output_channels,
                      midge::portable::DepthwiseConv2DF32, depthwise);
}

inline void CheckFullyConnectedF32(Random& random,
                                   decltype(midge::portable::FullyConnectedF32)* variant) {
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
  variant(params, input, filter, bias, batches, output);
  EXPECT_TRUE(std::memcmp(output, expected, outputs * sizeof(float)) == 0);
  EXPECT_TRUE(g_float_output.Intact());
}

}  // namespace midge_test
