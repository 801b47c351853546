// SPDX-License-Identifier: Apache-2.0
//
// Kernels of int16 activations and int8 weights beside the portable ones, with sums of 32 and of 64
// bits.
#pragma once

#include <type_traits>

#include "tests/kernels/sweep.h"

namespace midge_test {

inline Guarded<int16_t, 8192> g_input_s16, g_expected_s16, g_output_s16;
inline Guarded<midge::PackedInt64, kMostChannels> g_bias_s64;

// Multipliers and biases of these parameters, and inputs and weights, now and then all at the ends
// where sums are largest.
template <typename Bias>
struct OperandsS16 {
  static constexpr bool kWide = !std::is_same_v<Bias, int32_t>;

  OperandsS16(Random& random, size_t inputs, size_t weights, int32_t channels, int32_t depth)
      : input(g_input_s16.Place(inputs)), filter(g_filter.Place(weights)) {
    const bool extreme = random.OneIn(6), low = random.OneIn(2), negative = random.OneIn(2);
    for (size_t i = 0; i < inputs; ++i) {
      const auto value = static_cast<int16_t>(random.Next() >> 13);
      input[i] = !extreme ? value : low ? int16_t{INT16_MIN} : int16_t{INT16_MAX};
    }
    Fill(random, filter, weights);
    for (size_t i = 0; extreme && i < weights; ++i) {
      filter[i] = negative ? int8_t{INT8_MIN} : int8_t{INT8_MAX};
    }
    const int32_t* unused;
    multipliers = MultipliersOf(random, channels, depth, &unused);
    int8_t* const exponents = const_cast<int8_t*>(multipliers.exponent);
    // Sums are 2^8 larger than those of int8, and so are outputs. As models have them half the
    // time: multipliers below 1/2 and biases that leave sums in 32 bits, of all channels.
    const bool usual = random.OneIn(2);
    const int32_t most = usual ? -1 : kWide ? midge::kMostWideExponent : 30;
    for (int32_t i = 0; i < (multipliers.step == 0 ? 1 : channels); ++i) {
      if (exponents[i] > most) Set(exponents[i], random.In(-31, most));
    }
    bias = nullptr;
    if (random.OneIn(5)) return;
    Bias* const values = PlaceBias(static_cast<size_t>(channels));
    for (int32_t i = 0; i < channels; ++i) {
      const uint64_t word = static_cast<uint64_t>(random.Next()) << 32 | random.Next();
      const int32_t shift = !usual && random.OneIn(12)  ? 0
                            : !usual && random.OneIn(6) ? 32
                                                        : random.In(33, 50);
      const int64_t value = static_cast<int64_t>(word) >> shift;
      if constexpr (kWide) {
        values[i] = {static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32)};
      } else {
        values[i] = static_cast<int32_t>(value);
      }
    }
    bias = values;
  }

  static Bias* PlaceBias(size_t count) {
    if constexpr (kWide) {
      return g_bias_s64.Place(count);
    } else {
      return g_bias.Place(count);
    }
  }

  int16_t* input;
  int8_t* filter;
  ChannelMultipliers multipliers;
  const Bias* bias;
};

inline midge::ClampRange ClampOfS16(Random& random) {
  midge::ClampRange range = {INT16_MIN, INT16_MAX};
  if (random.OneIn(2)) Set(range.min, random.In(INT16_MIN, INT16_MAX));
  if (random.OneIn(2)) Set(range.max, random.In(range.min, INT16_MAX));
  return range;
}

template <typename Bias>
void CheckConvolutionS16(Random& random, const WindowedShape& shape, int32_t depth,
                         midge::ConvolutionS16<Bias>* portable,
                         midge::ConvolutionS16<Bias>* variant,
                         ConvolutionS8ScratchBytes* scratch_bytes) {
  const auto inputs = static_cast<size_t>(shape.window.input_h * shape.input_row_elements());
  const auto outputs = static_cast<size_t>(shape.window.output_h * shape.output_row_elements());
  const auto weights = static_cast<size_t>(depth * shape.output_channels);
  if (inputs > 8192 || outputs > 8192 || weights > 20000) return;
  midge::ConvolutionS16Params params = {};
  params.shape = shape;
  params.clamp = ClampOfS16(random);
  const OperandsS16<Bias> of(random, inputs, weights, shape.output_channels, depth);
  int16_t* const expected = g_expected_s16.Place(outputs);
  const RowView<const int16_t> in(of.input, shape.input_row_elements());
  const Rows all = {0, shape.window.output_h};
  portable(params, of.multipliers, in, of.filter, of.bias, all, {},
           RowView<int16_t>(expected, shape.output_row_elements()));

  const midge::ScratchRequest request = scratch_bytes(params);
  for (const bool by_rows : {false, true}) {
    const Scratch scratch = PlaceScratch(random, request, by_rows);
    int16_t* const output = g_output_s16.Place(outputs);
    const RowView<int16_t> out(output, shape.output_row_elements());
    for (int32_t y = all.end - 1; by_rows && y >= 0; --y) {
      variant(params, of.multipliers, in, of.filter, of.bias, {y, y + 1}, scratch, out);
    }
    if (!by_rows) variant(params, of.multipliers, in, of.filter, of.bias, all, scratch, out);
    if (!EXPECT_TRUE(Equal(output, expected, outputs))) return;
    EXPECT_TRUE(g_output_s16.Intact());
    CheckOverlapping(random, shape, of.input, expected,
                     [&](RowView<const int16_t> from, Rows rows, RowView<int16_t> to) {
                       variant(params, of.multipliers, from, of.filter, of.bias, rows, scratch, to);
                     });
    if (scratch.data != nullptr) EXPECT_TRUE(g_scratch.Intact());
  }
}

template <typename Bias>
void CheckConv2DS16(Random& random, const WindowedShape& shape,
                    midge::ConvolutionS16<Bias>* variant,
                    ConvolutionS8ScratchBytes* scratch_bytes) {
  const int32_t taps = shape.window.filter_h * shape.window.filter_w;
  CheckConvolutionS16<Bias>(random, shape, taps * shape.input_channels,
                            midge::portable::Conv2DS16<Bias>, variant, scratch_bytes);
}

template <typename Bias>
void CheckDepthwiseConv2DS16(Random& random, const WindowedShape& shape,
                             midge::ConvolutionS16<Bias>* variant,
                             ConvolutionS8ScratchBytes* scratch_bytes) {
  CheckConvolutionS16<Bias>(random, shape, shape.window.filter_h * shape.window.filter_w,
                            midge::portable::DepthwiseConv2DS16<Bias>, variant, scratch_bytes);
}

template <typename Bias>
void CheckFullyConnectedS16(Random& random, int32_t depth, int32_t units, int32_t batches,
                            midge::FullyConnectedS16Kernel<Bias>* variant) {
  const auto outputs = static_cast<size_t>(units * batches);
  midge::FullyConnectedS16Params params = {};
  params.shape = {depth, units};
  if (random.OneIn(6)) Set(params.input_zero_point, random.In(INT16_MIN, INT16_MAX));
  if (random.OneIn(6)) Set(params.filter_zero_point, ZeroPoint(random));
  if (random.OneIn(6)) Set(params.output_zero_point, random.In(INT16_MIN, INT16_MAX));
  params.clamp = ClampOfS16(random);
  const OperandsS16<Bias> of(random, static_cast<size_t>(depth * batches),
                             static_cast<size_t>(depth * units), units, depth);
  int16_t* const expected = g_expected_s16.Place(outputs);
  midge::portable::FullyConnectedS16<Bias>(params, of.multipliers, of.input, of.filter, of.bias,
                                           batches, expected);
  int16_t* const output = g_output_s16.Place(outputs);
  variant(params, of.multipliers, of.input, of.filter, of.bias, batches, output);
  EXPECT_TRUE(Equal(output, expected, outputs));
  EXPECT_TRUE(g_output_s16.Intact());
}

}  // namespace midge_test
