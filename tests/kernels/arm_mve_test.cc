// SPDX-License-Identifier: Apache-2.0
//
// kernels/arm_mve against kernels/portable: the same bits for shapes around every tile, all
// parameters at their ends, whole and row by row, from memory that ends where the tensors do.
#include "kernels/arm_mve/arm_mve.h"

#include <initializer_list>
#include <limits>
#include <utility>

#include "kernels/arm_mve/dot_s8.h"
#include "kernels/arm_mve/helium.h"
#include "tests/kernels/binary_sweep.h"
#include "tests/kernels/lstm_sweep.h"
#include "tests/kernels/matmul_sweep.h"
#include "tests/kernels/mean_sweep.h"
#include "tests/kernels/s16_sweep.h"
#include "tests/kernels/softmax_sweep.h"
#include "tests/kernels/sweep.h"
#include "tests/kernels/unary_sweep.h"
#include "tests/support/test.h"

namespace {

using namespace midge_test;  // NOLINT(google-build-using-namespace)

void CheckConv2D(Random& random, const WindowedShape& shape) {
  midge_test::CheckConv2D(random, shape, Weights::kMostlySymmetric, midge::arm_mve::Conv2DS8,
                          midge::arm_mve::Conv2DS8ScratchBytes);
}

// Depths around the vectors of 16 that stay in registers and beyond; pixels around quads.
TEST(ArmMveConv2D, OneByOne) {
  Random random(1);
  for (const int32_t depth : {1, 8, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 80, 97}) {
    for (const int32_t channels : {1, 2, 3, 4, 5, 8, 12}) {
      for (int32_t width = 1; width <= 6; ++width) {
        CheckConv2D(random, AroundPixels(3, width, 1, 1, 1, depth, channels));
      }
    }
  }
}

// Rows of one pixel, each output row where the input row before it lies.
TEST(ArmMveConv2D, InPlace) {
  static Guarded<int8_t, 2048> memory;
  Random random(13);
  for (const int32_t channels : {3, 47, 48, 49, 64, 100, 127, 128, 129, 140}) {
    constexpr int32_t kRows = 5;
    midge::ConvolutionS8Params params = {};
    params.shape.window = {kRows, 1, kRows, 1, 1, 1, 1, 1, 1, 1, 0, 0};
    params.shape.images = 1;
    params.shape.input_channels = params.shape.output_channels = channels;
    Set(params.input_zero_point, ZeroPoint(random));
    params.clamp = {INT8_MIN, INT8_MAX};
    const auto count = static_cast<size_t>(kRows * channels);
    int8_t* const filter = g_filter.Place(static_cast<size_t>(channels * channels));
    Fill(random, filter, static_cast<size_t>(channels * channels));
    const int32_t* bias;
    const ChannelMultipliers multipliers = MultipliersOf(random, channels, channels, &bias);
    int8_t* const output = memory.Place(count + static_cast<size_t>(channels));
    int8_t* const input = output + channels;
    for (size_t i = 0; i < count; ++i) input[i] = static_cast<int8_t>(random.Next() >> 13);
    int8_t* const expected = g_expected.Place(count);
    const RowView<const int8_t> in(input, channels);
    midge::portable::Conv2DS8(params, multipliers, in, filter, bias, {0, kRows}, {},
                              RowView<int8_t>(expected, channels));
    const midge::ScratchRequest request = midge::arm_mve::Conv2DS8ScratchBytes(params);
    const Scratch scratch = {g_scratch.Place(request.bytes, 16), 0};
    midge::arm_mve::Conv2DS8(params, multipliers, in, filter, bias, {0, kRows}, scratch,
                             RowView<int8_t>(output, channels));
    EXPECT_TRUE(Equal(output, expected, count));
  }
}

TEST(ArmMveConv2D, Windows) {
  Random random(2);
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, 4, true);
    shape.input_channels = random.OneIn(8) ? random.In(13, 33) : random.In(1, 9);
    shape.output_channels = random.OneIn(8) ? random.In(9, 33) : random.In(1, 9);
    CheckConv2D(random, shape);
  }
}

// Depths around vectors; pixels around pairs; channels around three, five and blocks of 48; all
// windows; sums around parts of 504 products.
template <typename Bias>
void CheckConv2DS16(Random& random) {
  const auto check = [&](const WindowedShape& shape) {
    midge_test::CheckConv2DS16<Bias>(random, shape, midge::arm_mve::Conv2DS16<Bias>,
                                     midge::arm_mve::Conv2DS16ScratchBytes);
  };
  const auto check_one_by_one = [&](int32_t height, int32_t width, int32_t depth,
                                    int32_t channels) {
    check(AroundPixels(height, width, 1, 1, 1, depth, channels));
  };
  for (int32_t depth = 1; depth <= 33; ++depth) {
    for (int32_t width = 1; width <= 5; ++width) {
      check_one_by_one(3, width, depth, random.In(1, 12));
    }
  }
  for (int i = 0; i < 60; ++i) {
    check_one_by_one(random.In(1, 4), random.In(1, 3), random.In(1, 40), random.In(44, 110));
  }
  for (const int32_t depth : {503, 504, 505, 511, 512, 513, 1007, 1008, 1009}) {
    for (int i = 0; i < 10; ++i) check_one_by_one(2, 3, depth, random.In(1, 8));
  }
  for (int i = 0; i < 600; ++i) {
    WindowedShape shape = DrawShape(random, 4, true);
    shape.input_channels = random.OneIn(8) ? random.In(13, 33) : random.In(1, 9);
    shape.output_channels = random.OneIn(8) ? random.In(9, 60) : random.In(1, 9);
    check(shape);
  }
}

TEST(ArmMveConv2DS16, NarrowSums) {
  Random random(16);
  CheckConv2DS16<int32_t>(random);
}

TEST(ArmMveConv2DS16, WideSums) {
  Random random(17);
  CheckConv2DS16<midge::PackedInt64>(random);
}

void CheckDepthwise(Random& random, const WindowedShape& shape) {
  CheckDepthwiseConv2D(random, shape, Weights::kMostlySymmetric, midge::arm_mve::DepthwiseConv2DS8,
                       midge::arm_mve::DepthwiseConv2DS8ScratchBytes);
}

// Channels around blocks of 16.
TEST(ArmMveDepthwiseConv2D, Channels) {
  Random random(3);
  for (int32_t channels = 1; channels <= 49; ++channels) {
    for (const uint16_t stride : {uint16_t{1}, uint16_t{2}}) {
      for (int32_t width = 1; width <= 6; ++width) {
        CheckDepthwise(random, AroundPixels(4, width, 3, 3, stride, channels, channels));
      }
    }
  }
}

TEST(ArmMveDepthwiseConv2D, Windows) {
  Random random(4);
  for (int i = 0; i < 2000; ++i) {
    WindowedShape shape = DrawShape(random, random.OneIn(10) ? 20 : 5, true);
    shape.input_channels = random.OneIn(4) ? 1 : random.In(1, 32);
    const int32_t multiplier = random.OneIn(4) || shape.input_channels == 1 ? random.In(1, 8) : 1;
    shape.output_channels = shape.input_channels * multiplier;
    CheckDepthwise(random, shape);
  }
}

// Channels around vectors of eight, sixteen and blocks of 48, all windows; as many taps as 32 bits
// hold, and more.
template <typename Bias>
void CheckDepthwiseS16(Random& random) {
  const auto check = [&](const WindowedShape& shape) {
    CheckDepthwiseConv2DS16<Bias>(random, shape, midge::arm_mve::DepthwiseConv2DS16<Bias>,
                                  midge::arm_mve::DepthwiseConv2DS16ScratchBytes);
  };
  for (int i = 0; i < 1000; ++i) {
    WindowedShape shape = DrawShape(random, random.OneIn(10) ? 20 : 5, true);
    shape.input_channels = random.OneIn(5) ? random.In(34, 70) : random.In(1, 33);
    shape.output_channels = shape.input_channels * (random.OneIn(6) ? random.In(2, 3) : 1);
    check(shape);
  }
  for (const auto& [filter_h, filter_w] :
       {std::pair<uint16_t, uint16_t>{4, 126}, {7, 72}, {5, 101}, {2, 260}}) {
    for (int i = 0; i < 12; ++i) {
      check(OneWindow(filter_h, filter_w, random.In(4, 7)));
    }
  }
}

TEST(ArmMveDepthwiseConv2DS16, NarrowSums) {
  Random random(19);
  CheckDepthwiseS16<int32_t>(random);
}

TEST(ArmMveDepthwiseConv2DS16, WideSums) {
  Random random(20);
  CheckDepthwiseS16<midge::PackedInt64>(random);
}

// Depths around vectors, units around quads.
TEST(ArmMveFullyConnected, DepthsAndUnits) {
  Random random(5);
  for (int i = 0; i < 2000; ++i) {
    const int32_t depth = i < 800 ? i % 50 + 1 : random.In(1, 200);
    const int32_t units = random.In(1, 11);
    const int32_t batches = random.OneIn(3) ? random.In(0, 4) : 1;
    CheckFullyConnected(random, depth, units, batches, midge::arm_mve::FullyConnectedS8);
  }
}

// Rows around six, units around blocks.
TEST(ArmMveFullyConnected, ManyUnits) {
  Random random(9);
  for (int i = 0; i < 150; ++i) {
    CheckFullyConnected(random, random.In(1, 80), random.In(80, 200), 1,
                        midge::arm_mve::FullyConnectedS8);
  }
}

// Around vectors, six units, blocks of 48 and parts of 504 inputs.
template <typename Bias>
void CheckFullyConnectedS16(Random& random) {
  const auto check = [&](int32_t depth, int32_t units) {
    midge_test::CheckFullyConnectedS16<Bias>(random, depth, units, random.In(0, 3),
                                             midge::arm_mve::FullyConnectedS16<Bias>);
  };
  for (int i = 0; i < 1200; ++i) check(i % 40 + 1, random.In(1, 19));
  for (int i = 0; i < 200; ++i) check(random.In(1, 40), random.In(40, 110));
  for (const int32_t depth : {503, 504, 505, 511, 512, 513, 1007, 1008, 1009}) {
    for (int i = 0; i < 10; ++i) check(depth, random.In(1, 19));
  }
}

TEST(ArmMveFullyConnectedS16, NarrowSums) {
  Random random(14);
  CheckFullyConnectedS16<int32_t>(random);
}

TEST(ArmMveFullyConnectedS16, WideSums) {
  Random random(15);
  CheckFullyConnectedS16<midge::PackedInt64>(random);
}

// None, few and many differences that do not fit int8.
TEST(ArmMveDotInput, WideDifferences) {
  static Guarded<int32_t, 32> from_memory, sums_memory;
  Random random(10);
  for (int i = 0; i < 4000; ++i) {
    const int32_t depth = random.In(1, 150), rows = random.In(1, 20);
    const int32_t zero_point = ZeroPoint(random);
    const auto inputs = static_cast<size_t>(depth), weights = static_cast<size_t>(depth * rows);
    int8_t* const x = g_input.Place(inputs);
    for (int32_t k = 0; k < depth; ++k) {
      x[k] =
          static_cast<int8_t>(midge::Clamp(zero_point + random.In(-128, 127), INT8_MIN, INT8_MAX));
    }
    for (int32_t n = random.In(0, 12); n > 0; --n) {
      x[random.In(0, depth - 1)] = zero_point < 0 ? INT8_MAX : INT8_MIN;
    }
    int8_t* const w = g_filter.Place(weights);
    Fill(random, w, weights);
    int32_t* const from = from_memory.Place(static_cast<size_t>(rows));
    for (int32_t k = 0; k < rows; ++k) from[k] = static_cast<int32_t>(random.Next());
    int32_t* const sums = sums_memory.Place(static_cast<size_t>(rows));
    midge::arm_mve::DotInput(x, zero_point, depth).Products(from, w, rows, sums);
    for (int32_t k = 0; k < rows; ++k) {
      int32_t sum = from[k];
      for (int32_t d = 0; d < depth; ++d) {
        sum = midge::AddWrapping(sum, (x[d] - zero_point) * w[k * depth + d]);
      }
      EXPECT_EQ(sums[k], sum);
    }
    EXPECT_TRUE(sums_memory.Intact());
  }
}

TEST(ArmMveLstm, ShapesAndScales) {
  Random random(11);
  CheckLstm(random, midge::arm_mve::UnidirectionalSequenceLstmS8);
}

// One step after the other, from states that portable and variant carry each for themselves.
template <typename State>
void CheckSvdf(Random& random) {
  static Guarded<State, 4096> states[2], times;
  midge::SvdfS8Params params = {};
  midge::SvdfShape& shape = params.shape;
  shape = {random.In(1, 2), random.In(1, 40), random.OneIn(4) ? random.In(44, 53) : random.In(1, 9),
           random.In(1, 3), random.In(1, 11)};
  const int32_t filters = shape.units * shape.rank;
  const auto of_states = static_cast<size_t>(shape.batches * filters * shape.memory);
  const auto of_times = static_cast<size_t>(filters * shape.memory);
  const auto of_features = static_cast<size_t>(filters * shape.inputs);
  const auto inputs = static_cast<size_t>(shape.batches * shape.inputs);
  const auto outputs = static_cast<size_t>(shape.batches * shape.units);
  if (of_states > 4096) return;
  const auto multiplier = [&](int32_t usual) {
    return QuantizedMultiplier{1 << 30 | static_cast<int32_t>(random.Next() >> 2),
                               random.OneIn(8) ? random.In(-31, 30) : usual + random.In(-1, 1)};
  };
  params.feature_multiplier = multiplier(sizeof(State) == 1 ? -8 : -2);
  params.time_multiplier = multiplier(sizeof(State) == 1 ? -8 : -20);
  Set(params.input_zero_point, ZeroPoint(random));
  Set(params.output_zero_point, ZeroPoint(random));
  if (random.OneIn(2)) Set(params.state_zero_point, ZeroPoint(random));
  int8_t* const feature = g_filter.Place(of_features);
  Fill(random, feature, of_features);
  State* const time = times.Place(of_times);
  const bool extreme = random.OneIn(4);
  for (size_t i = 0; i < of_times; ++i) {
    time[i] = extreme ? std::numeric_limits<State>::min() : static_cast<State>(random.Next() >> 9);
  }
  int32_t* bias = nullptr;
  if (random.OneIn(2)) {
    bias = g_bias.Place(static_cast<size_t>(shape.units));
    for (int32_t u = 0; u < shape.units; ++u) bias[u] = static_cast<int32_t>(random.Next());
  }
  State* state[2] = {states[0].Place(of_states), states[1].Place(of_states)};
  for (size_t i = 0; i < of_states; ++i) {
    state[0][i] = state[1][i] =
        extreme ? std::numeric_limits<State>::min() : static_cast<State>(random.Next() >> 5);
  }
  for (int step = 0; step < 3; ++step) {
    int8_t* const input = g_input.Place(inputs);
    Fill(random, input, inputs);
    int8_t* const expected = g_expected.Place(outputs);
    int8_t* const output = g_output.Place(outputs);
    midge::portable::SvdfS8(params, input, feature, time, bias, state[0], expected);
    midge::arm_mve::SvdfS8(params, input, feature, time, bias, state[1], output);
    EXPECT_TRUE(Equal(output, expected, outputs));
    EXPECT_TRUE(std::memcmp(state[0], state[1], of_states * sizeof(State)) == 0);
    EXPECT_TRUE(g_output.Intact());
  }
  EXPECT_TRUE(states[1].Intact());
}

TEST(ArmMveSvdf, ShapesAndScales) {
  Random random(12);
  for (int i = 0; i < 600; ++i) {
    CheckSvdf<int8_t>(random);
    CheckSvdf<int16_t>(random);
  }
}

// Channels around vectors of 16 and quads.
TEST(ArmMvePool2D, Windows) {
  Random random(7);
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, 5, false);
    shape.input_channels = shape.output_channels =
        random.OneIn(2) ? random.In(1, 2) * 16 : random.In(1, 35);
    CheckPool(random, shape, midge::portable::AveragePool2DS8, midge::arm_mve::AveragePool2DS8);
    CheckPool(random, shape, midge::portable::MaxPool2DS8, midge::arm_mve::MaxPool2DS8);
  }
}

TEST(ArmMveBatchMatMul, AllLayouts) {
  Random random(21);
  for (int i = 0; i < 2000; ++i) CheckBatchMatMul(random, midge::arm_mve::BatchMatMulS8);
}

TEST(ArmMveMean, RunsAndColumns) {
  Random random(18);
  for (int i = 0; i < 3000; ++i) CheckMean(random, midge::arm_mve::MeanS8);
}

TEST(ArmMveBinary, AddAndMul) {
  Random random(6);
  for (int i = 0; i < 6000; ++i) {
    CheckAdd(random, midge::arm_mve::AddS8);
    CheckMul(random, midge::arm_mve::MulS8);
  }
}

TEST(ArmMveUnary, Quantize) {
  using namespace midge::arm_mve;
  Random random(25);
  for (int i = 0; i < 4000; ++i) {
    CheckQuantize<int8_t>(random, QuantizeElements<int8_t>);
    CheckQuantize<int16_t>(random, QuantizeElements<int16_t>);
    CheckQuantize<uint8_t>(random, QuantizeElements<uint8_t>);
    CheckDequantize<int8_t>(random, DequantizeElements<int8_t>);
    CheckDequantize<int16_t>(random, DequantizeElements<int16_t>);
    CheckDequantize<uint8_t>(random, DequantizeElements<uint8_t>);
  }
}

TEST(ArmMveUnary, Requantize) {
  using namespace midge::arm_mve;
  Random random(26);
  for (int i = 0; i < 4000; ++i) {
    CheckRequantize<int8_t, int8_t>(random, RequantizeElements<int8_t, int8_t>);
    CheckRequantize<int8_t, int16_t>(random, RequantizeElements<int8_t, int16_t>);
    CheckRequantize<int16_t, int8_t>(random, RequantizeElements<int16_t, int8_t>);
    CheckRequantize<int16_t, int16_t>(random, RequantizeElements<int16_t, int16_t>);
  }
}

TEST(ArmMveUnary, Lookups) {
  Random random(27);
  for (int i = 0; i < 2000; ++i) {
    CheckLookups(random, midge::arm_mve::LookupS8, midge::arm_mve::LookupS16);
  }
}

TEST(ArmMveSoftmax, RowsAndScales) {
  Random random(28);
  for (int i = 0; i < 1000; ++i) {
    CheckSoftmax(random, midge::arm_mve::SoftmaxS8, midge::arm_mve::SoftmaxS8S16);
  }
}

TEST(ArmMveHelium, Definitions) {
  using namespace midge::arm_mve;
  int32_t out[4];
  StoreS32(out, Lanes(1, -2, 3, INT32_MIN));
  EXPECT_EQ(out[0], 1);
  EXPECT_EQ(out[1], -2);
  EXPECT_EQ(out[2], 3);
  EXPECT_EQ(out[3], INT32_MIN);
  StoreS32(out, MultiplyHigh(Lanes(1 << 30, -(1 << 30), INT32_MIN, INT32_MIN),
                             Lanes(1, 1, INT32_MIN, INT32_MAX)));
  EXPECT_EQ(out[0], 1);
  EXPECT_EQ(out[1], 0);
  EXPECT_EQ(out[2], INT32_MAX);
  EXPECT_EQ(out[3], -INT32_MAX);
  StoreS32(out, RoundingShift(Lanes(6, -6, INT32_MAX, 3), Lanes(-2, -2, -31, 31)));
  EXPECT_EQ(out[0], 2);
  EXPECT_EQ(out[1], -1);
  EXPECT_EQ(out[2], 1);
  EXPECT_EQ(out[3], INT32_MIN);
  StoreS32(out, Shift(Lanes(6, -7, 1, 3), Lanes(-2, -1, 4, 0)));
  EXPECT_EQ(out[0], 1);
  EXPECT_EQ(out[1], -4);
  EXPECT_EQ(out[2], 16);
  EXPECT_EQ(out[3], 3);
  StoreS32(out, SaturateToS8(Lanes(128, -129, 127, INT32_MIN)));
  EXPECT_EQ(static_cast<int8_t>(out[0]), 127);
  EXPECT_EQ(static_cast<int8_t>(out[1]), -128);
  EXPECT_EQ(static_cast<int8_t>(out[2]), 127);
  EXPECT_EQ(static_cast<int8_t>(out[3]), -128);
}

// All exponents, numbers at their ends and next to halves.
TEST(ArmMveHelium, Requantize) {
  using namespace midge::arm_mve;
  Random random(8);
  for (int i = 0; i < 100000; ++i) {
    int32_t x[4], m[4], e[4], out[4];
    for (int k = 0; k < 4; ++k) {
      const auto word = static_cast<int32_t>(random.Next());
      e[k] = random.In(-31, 30);
      const int32_t half =
          e[k] < 0 ? static_cast<int32_t>((random.Next() & 0x7f) << (-e[k] - 1) & 0x7fffffff) : 1;
      const int32_t numbers[] = {
          word, word >> random.In(0, 31), half, -half, INT32_MIN, INT32_MAX, 1 << 30, 0, -1};
      x[k] = numbers[random.In(0, 8)];
      m[k] = random.OneIn(10)  ? 0
             : random.OneIn(3) ? INT32_MAX
                               : 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
    }
    StoreS32(out, Requantize(LoadS32(x), LoadS32(m), LoadS32(e)));
    for (int k = 0; k < 4; ++k) EXPECT_EQ(out[k], midge::Requantize(x[k], m[k], e[k]));
    for (int32_t& exponent : e) exponent = exponent < 0 ? exponent : -1;
    StoreS32(out, RequantizeDown(LoadS32(x), LoadS32(m), LoadS32(e)));
    for (int k = 0; k < 4; ++k) EXPECT_EQ(out[k], midge::Requantize(x[k], m[k], e[k]));
  }
}

}  // namespace
