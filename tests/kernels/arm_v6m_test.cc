// SPDX-License-Identifier: Apache-2.0
//
// kernels/arm_v6m against kernels/portable: the same bits for shapes around every tile, all
// parameters at their ends, whole and row by row, from memory that ends where the tensors do.
#include "kernels/arm_v6m/arm_v6m.h"

#include <cstring>
#include <initializer_list>

#include "kernels/arm_v6m/pairs.h"
#include "kernels/arm_v6m/requantize.h"
#include "kernels/arm_v6m/taps.h"
#include "tests/kernels/binary_sweep.h"
#include "tests/kernels/lstm_sweep.h"
#include "tests/kernels/matmul_sweep.h"
#include "tests/kernels/mean_sweep.h"
#include "tests/kernels/s16_sweep.h"
#include "tests/kernels/softmax_sweep.h"
#include "tests/kernels/svdf_sweep.h"
#include "tests/kernels/sweep.h"
#include "tests/kernels/unary_sweep.h"
#include "tests/support/test.h"

namespace {

using namespace midge_test;  // NOLINT(google-build-using-namespace)

void CheckConv2D(Random& random, const WindowedShape& shape) {
  midge_test::CheckConv2D(random, shape, Weights::kAny, midge::arm_v6m::Conv2DS8,
                          midge::arm_v6m::Conv2DS8ScratchBytes);
}

// Depths and channels around quads; pixels around blocks of four; all windows.
TEST(ArmV6mConv2D, OneByOne) {
  Random random(1);
  for (int32_t depth = 1; depth <= 17; ++depth) {
    for (int32_t channels = 1; channels <= 6; ++channels) {
      for (int32_t width = 1; width <= 6; ++width) {
        CheckConv2D(random, AroundPixels(3, width, 1, 1, 1, depth, channels));
      }
    }
  }
}

TEST(ArmV6mConv2D, Windows) {
  Random random(2);
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, 4, true);
    shape.input_channels = random.OneIn(8) ? random.In(13, 33) : random.In(1, 9);
    shape.output_channels = random.OneIn(8) ? random.In(9, 33) : random.In(1, 9);
    CheckConv2D(random, shape);
  }
}

// Channels around fours, pixels around blocks of 16, sums of one, two and three parts of 511
// products, of whole rows and within rows.
template <typename Bias>
void CheckConv2DS16(Random& random) {
  const auto check = [&](const WindowedShape& shape) {
    midge_test::CheckConv2DS16<Bias>(random, shape, midge::arm_v6m::Conv2DS16<Bias>,
                                     midge::arm_v6m::Conv2DS16ScratchBytes);
  };
  for (int i = 0; i < 1000; ++i) {
    WindowedShape shape = DrawShape(random, random.OneIn(10) ? 18 : 4, true);
    shape.input_channels = random.OneIn(8) ? random.In(13, 33) : random.In(1, 9);
    shape.output_channels = random.OneIn(8) ? random.In(9, 33) : random.In(1, 9);
    check(shape);
  }
  for (int32_t width = 1; width <= 36; ++width) {
    for (int32_t depth = 1; depth <= 9; ++depth) {
      check(AroundPixels(2, width, 1, 1, 1, depth, random.In(1, 9)));
    }
  }
  for (const int32_t depth : {56, 57, 85, 86, 113, 170, 171, 255, 256, 511, 512, 513, 640}) {
    for (int i = 0; i < 8; ++i) {
      const uint16_t filter_h = i % 2 == 0 ? 1 : 3;
      for (const uint16_t filter_w : {uint16_t{1}, uint16_t{3}}) {
        if (depth * filter_h * filter_w > 1024) continue;
        check(AroundPixels(3, 4, filter_h, filter_w, 1, depth, random.In(1, 5)));
      }
    }
  }
}

TEST(ArmV6mConv2DS16, NarrowSums) {
  Random random(21);
  CheckConv2DS16<int32_t>(random);
}

TEST(ArmV6mConv2DS16, WideSums) {
  Random random(22);
  CheckConv2DS16<midge::PackedInt64>(random);
}

void CheckDepthwise(Random& random, const WindowedShape& shape) {
  CheckDepthwiseConv2D(random, shape, Weights::kAny, midge::arm_v6m::DepthwiseConv2DS8,
                       midge::arm_v6m::DepthwiseConv2DS8ScratchBytes);
}

TEST(ArmV6mDepthwiseConv2D, ChannelsAndWidths) {
  Random random(3);
  for (int32_t channels = 1; channels <= 17; ++channels) {
    for (int32_t width = 1; width <= 40; width += width < 20 ? 1 : 7) {
      for (const uint16_t stride : {uint16_t{1}, uint16_t{2}}) {
        CheckDepthwise(random, AroundPixels(4, width, 3, 3, stride, channels, channels));
      }
    }
  }
}

TEST(ArmV6mDepthwiseConv2D, Windows) {
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

// Pixels around fours, blocks of 128 sums in rows and in columns, and filters that are too large.
template <typename Bias>
void CheckDepthwiseS16(Random& random) {
  const auto check = [&](const WindowedShape& shape) {
    CheckDepthwiseConv2DS16<Bias>(random, shape, midge::arm_v6m::DepthwiseConv2DS16<Bias>,
                                  midge::arm_v6m::DepthwiseConv2DS16ScratchBytes);
  };
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, random.OneIn(10) ? 20 : 5, true);
    shape.input_channels = random.OneIn(3) ? 1 : random.In(2, 9);
    shape.output_channels = shape.input_channels * (random.OneIn(4) ? random.In(1, 8) : 1);
    check(shape);
  }
  for (int i = 0; i < 300; ++i) {
    const auto stride = static_cast<uint16_t>(random.In(1, 2));
    const int32_t height = random.In(1, 30);
    const int32_t width = random.OneIn(3) ? random.In(120, 270) : random.In(1, 12);
    const int32_t channels = random.In(1, 3);
    check(AroundPixels(height, width, 3, 3, stride, channels, channels));
  }
}

TEST(ArmV6mDepthwiseConv2DS16, NarrowSums) {
  Random random(23);
  CheckDepthwiseS16<int32_t>(random);
}

TEST(ArmV6mDepthwiseConv2DS16, WideSums) {
  Random random(24);
  CheckDepthwiseS16<midge::PackedInt64>(random);
}

void CheckFullyConnected(Random& random, int32_t depth, int32_t units, int32_t batches) {
  midge_test::CheckFullyConnected(random, depth, units, batches, midge::arm_v6m::FullyConnectedS8);
}

TEST(ArmV6mFullyConnected, DepthsAndUnits) {
  Random random(5);
  for (int i = 0; i < 3000; ++i) {
    const int32_t depth = i < 1000           ? i % 40 + 1
                          : random.OneIn(10) ? random.In(1, 150)
                                             : random.In(1, 40);
    const int32_t units = random.OneIn(10) ? random.In(62, 130) : random.In(1, 11);
    CheckFullyConnected(random, depth, units, random.OneIn(3) ? random.In(0, 4) : 1);
  }
}

// Around what is listed, added up and stored at once: 64 inputs, 255, 64 units.
template <typename Bias>
void CheckFullyConnectedS16(Random& random) {
  const auto check = [&](int32_t depth, int32_t units) {
    midge_test::CheckFullyConnectedS16<Bias>(random, depth, units, random.In(0, 3),
                                             midge::arm_v6m::FullyConnectedS16<Bias>);
  };
  for (int i = 0; i < 800; ++i) check(i % 40 + 1, random.In(1, 11));
  for (const int32_t depth : {63, 64, 65, 127, 254, 255, 256, 257}) {
    for (int i = 0; i < 4; ++i) {
      for (const int32_t units : {1, 63, 64, 66}) check(depth, units);
    }
    for (int i = 0; i < 10; ++i) check(2 * depth, 7);
  }
}

TEST(ArmV6mFullyConnectedS16, NarrowSums) {
  Random random(19);
  CheckFullyConnectedS16<int32_t>(random);
}

TEST(ArmV6mFullyConnectedS16, WideSums) {
  Random random(20);
  CheckFullyConnectedS16<midge::PackedInt64>(random);
}

// Lists of all lengths, mostly of inputs that are zero, against one row of weights after the other.
TEST(ArmV6mTaps, SparseInputs) {
  using midge::arm_v6m::Tap;
  static Guarded<Tap, 80> listed;
  Random random(15);
  for (int i = 0; i < 2000; ++i) {
    const int32_t count = random.In(1, 80), rows = random.In(1, 9),
                  stride = count + random.In(0, 3);
    const int32_t zero_point = ZeroPoint(random), few = random.In(1, 10);
    int8_t* const x = g_input.Place(static_cast<size_t>(count));
    Fill(random, x, static_cast<size_t>(count));
    int32_t taps = 0;
    for (int32_t k = 0; k < count; ++k) {
      if (!random.OneIn(few)) x[k] = static_cast<int8_t>(zero_point);
      if (x[k] != zero_point) ++taps;
    }
    const auto weights = static_cast<size_t>((rows - 1) * stride + count);
    int8_t* const w = g_filter.Place(weights);
    Fill(random, w, weights);
    int32_t* const sums = g_bias.Place(static_cast<size_t>(rows));
    int32_t expected[9];
    for (int32_t k = 0; k < rows; ++k) {
      expected[k] = sums[k] = static_cast<int32_t>(random.Next());
      for (int32_t d = 0; d < count; ++d) {
        expected[k] = midge::AddWrapping(expected[k], (x[d] - zero_point) * w[k * stride + d]);
      }
    }
    const int32_t begin = random.OneIn(4) ? random.In(0, count) : 0;
    Tap* const list = listed.Place(static_cast<size_t>(taps));
    // In two parts, one after the other.
    Tap* const middle = midge::arm_v6m::ListTaps(x, 0, begin, zero_point, list);
    Tap* const end = midge::arm_v6m::ListTaps(x, begin, count, zero_point, middle);
    EXPECT_EQ(static_cast<int32_t>(end - list), taps);
    midge::arm_v6m::AddTaps(list, end, w, stride, rows, sums);
    EXPECT_TRUE(std::memcmp(sums, expected, static_cast<size_t>(rows) * sizeof *sums) == 0);
    EXPECT_TRUE(listed.Intact() && g_bias.Intact());
  }
}

TEST(ArmV6mLstm, ShapesAndScales) {
  Random random(13);
  for (int i = 0; i < 250; ++i) CheckLstm(random, midge::arm_v6m::UnidirectionalSequenceLstmS8);
}

TEST(ArmV6mSvdf, ShapesAndScales) {
  Random random(16);
  CheckSvdf<int8_t>(random, midge::arm_v6m::SvdfS8<int8_t>);
  CheckSvdf<int16_t>(random, midge::arm_v6m::SvdfS8<int16_t>);
}

TEST(ArmV6mAdd, ScalesAndRepeats) {
  Random random(17);
  for (int i = 0; i < 8000; ++i) CheckAdd(random, midge::arm_v6m::AddS8);
}

TEST(ArmV6mBatchMatMul, AllLayouts) {
  Random random(25);
  for (int i = 0; i < 2000; ++i) CheckBatchMatMul(random, midge::arm_v6m::BatchMatMulS8);
}

TEST(ArmV6mMean, RunsAndColumns) {
  Random random(18);
  for (int i = 0; i < 2000; ++i) CheckMean(random, midge::arm_v6m::MeanS8);
}

TEST(ArmV6mPool2D, Windows) {
  Random random(6);
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, 5, false);
    shape.input_channels = shape.output_channels =
        random.OneIn(2) ? random.In(1, 5) * 4 : random.In(1, 17);
    CheckPool(random, shape, midge::portable::AveragePool2DS8, midge::arm_v6m::AveragePool2DS8);
    CheckPool(random, shape, midge::portable::MaxPool2DS8, midge::arm_v6m::MaxPool2DS8);
  }
}

// Windows as large as int16 lanes can sum, and larger: 255, 256, 272 taps.
TEST(ArmV6mPool2D, LargeWindows) {
  Random random(7);
  for (int i = 0; i < 120; ++i) {
    const auto filter_h = static_cast<uint16_t>(i % 3 == 0 ? 15 : 16);
    const auto filter_w = static_cast<uint16_t>(i % 3 == 1 ? 16 : 17);
    WindowedShape shape = {};
    shape.window = {filter_h, filter_w + 2, 1, 3, filter_h, filter_w, 1, 1, 1, 1, 0, 0};
    shape.images = 1;
    shape.input_channels = shape.output_channels = 4 * random.In(1, 4);
    CheckPool(random, shape, midge::portable::AveragePool2DS8, midge::arm_v6m::AveragePool2DS8);
  }
}

int32_t MultiplierOf(Random& random) {
  return random.OneIn(20)  ? 0
         : random.OneIn(4) ? INT32_MAX - random.In(0, 3)
         : random.OneIn(4) ? (1 << 30) + random.In(0, 3)
                           : 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
}

// Words of all magnitudes, and those around powers of two.
int32_t WordOf(Random& random) {
  const auto word = static_cast<int32_t>(random.Next());
  switch (random.In(0, 3)) {
    case 0:
      return word;
    case 1:
      return static_cast<int32_t>((1u << random.In(0, 31)) +
                                  static_cast<uint32_t>(random.In(-2, 2)));
    default:
      return word >> random.In(0, 31);
  }
}

TEST(ArmV6mRequantize, Halves) {
  Random random(8);
  for (int i = 0; i < 2000000; ++i) {
    const int32_t x = WordOf(random), multiplier = MultiplierOf(random);
    const int32_t exponent = random.In(-31, 30);
    if (!EXPECT_EQ(midge::arm_v6m::RequantizeByHalves(x, multiplier, exponent),
                   midge::Requantize(x, multiplier, exponent))) {
      return;
    }
  }
  for (const int32_t x : std::initializer_list<int32_t>{
           INT32_MIN, INT32_MIN + 1, -65537, -65536, -65535, -32769, -32768, -1, 0, 1, 32767, 32768,
           65535, 65536, INT32_MAX - 1, INT32_MAX}) {
    for (const int32_t m : std::initializer_list<int32_t>{0, 1, 65535, 65536, 1 << 30, 0x7fff0000,
                                                          0x7fff8000, INT32_MAX}) {
      const int64_t rounded = (int64_t{x} * m + (int64_t{1} << 30)) >> 31;
      EXPECT_EQ(midge::MultiplyHighByHalves(x, m), static_cast<int32_t>(rounded));
      EXPECT_EQ(midge::MultiplyHighByHalves(x, -m), midge::MultiplyHighQ31(-m, x));
    }
  }
}

TEST(ArmV6mUnary, Quantize) {
  using namespace midge::arm_v6m;
  Random random(18);
  for (int i = 0; i < 4000; ++i) {
    CheckQuantize<int8_t>(random, QuantizeElements<int8_t>);
    CheckQuantize<int16_t>(random, QuantizeElements<int16_t>);
    CheckQuantize<uint8_t>(random, QuantizeElements<uint8_t>);
    CheckDequantize<int8_t>(random, DequantizeElements<int8_t>);
    CheckDequantize<int16_t>(random, DequantizeElements<int16_t>);
    CheckDequantize<uint8_t>(random, DequantizeElements<uint8_t>);
  }
}

TEST(ArmV6mUnary, Requantize) {
  using namespace midge::arm_v6m;
  Random random(19);
  for (int i = 0; i < 4000; ++i) {
    CheckRequantize<int8_t, int8_t>(random, RequantizeElements<int8_t, int8_t>);
    CheckRequantize<int8_t, int16_t>(random, RequantizeElements<int8_t, int16_t>);
    CheckRequantize<int16_t, int8_t>(random, RequantizeElements<int16_t, int8_t>);
    CheckRequantize<int16_t, int16_t>(random, RequantizeElements<int16_t, int16_t>);
  }
}

TEST(ArmV6mSoftmax, All) {
  Random random(20);
  for (int i = 0; i < 2000; ++i) {
    CheckSoftmax(random, midge::arm_v6m::SoftmaxS8, midge::arm_v6m::SoftmaxS8S16);
  }
}

// The line, at all outputs' steps and elsewhere.
TEST(ArmV6mRequantize, Line) {
  Random random(10);
  int lines = 0, exact = 0, inside = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto exponent =
        static_cast<int8_t>(random.OneIn(2) ? random.In(-15, -3) : random.In(-31, 2));
    const int32_t multiplier = MultiplierOf(random);
    const midge::QuantizedOutput output = {
        {&multiplier, &exponent, 0}, static_cast<int16_t>(ZeroPoint(random)), ClampOf(random)};
    midge::arm_v6m::Scale scale(output);
    scale.SetChannel(output, 0);
    if (scale.limit != 0) ++lines;
    const uint32_t most = random.Next() >> random.In(0, 31);
    const bool vanishes = midge::arm_v6m::Vanishes(output.multipliers, 0, most);
    for (int k = 0; k < 64; ++k) {
      int32_t x = WordOf(random);
      if (exponent <= 0 && multiplier != 0 && random.OneIn(2)) {
        // Beside a step: halves of outputs.
        const double step =
            2147483648.0 / multiplier * static_cast<double>(int64_t{1} << -exponent);
        const double place = (random.In(-256, 256) + 0.5) * step;
        if (place > 1e9 || place < -1e9) continue;
        x = static_cast<int32_t>(place) + random.In(-3, 3);
      }
      if (vanishes && (x < 0 ? 0u - static_cast<uint32_t>(x) : static_cast<uint32_t>(x)) <= most) {
        EXPECT_EQ(int32_t{output.S8(x, 0)},
                  midge::Clamp(output.zero_point, output.clamp.min, output.clamp.max));
      }
      const uint32_t offset_x = static_cast<uint32_t>(x) - static_cast<uint32_t>(scale.origin);
      if (scale.limit != 0 && offset_x <= scale.last) {
        ++inside;
        if ((offset_x * scale.factor + scale.offset) << 8 >= scale.limit) ++exact;
      }
      EXPECT_EQ(midge::arm_v6m::ExactS8(output, 0, x), static_cast<int32_t>(output.S8(x, 0)));
      if (!EXPECT_EQ(scale.S8(output, offset_x), static_cast<int32_t>(output.S8(x, 0)))) {
        midge_test::Print("  exponent, multiplier, zero point, low, high, x ");
        for (const int32_t value : {int32_t{exponent}, multiplier, int32_t{output.zero_point},
                                    int32_t{output.clamp.min}, int32_t{output.clamp.max}, x}) {
          midge_test::PrintSigned(value);
          midge_test::Print(" ");
        }
        midge_test::Print("\n");
        return;
      }
    }
  }
  EXPECT_TRUE(lines > 5000);
  EXPECT_TRUE(exact > 0 && exact < inside);
}

// All pairs of extremes, at all places of the unrolled loop, through lines that give sums back.
TEST(ArmV6mPairs, Products) {
  using namespace midge::arm_v6m;
  const int32_t multiplier = 1 << 30;
  const int8_t exponent = -7;
  const midge::QuantizedOutput output = {{&multiplier, &exponent, 0}, 0, {INT8_MIN, INT8_MAX}};
  const int8_t values[] = {-128, -127, -1, 0, 1, 127};
  int8_t w[40] = {}, x[40] = {};
  uint32_t packed_w[20], packed_x[20];
  PixelLoop loop(output);
  loop.x = packed_x;
  loop.out_step = 1;
  int32_t place = 0;
  for (const int8_t w0 : values) {
    for (const int8_t w1 : values) {
      for (const int8_t x0 : values) {
        for (const int8_t x1 : values) {
          const int32_t words = 2 + place / 4 * 2;
          w[place] = w0, w[place + 1] = w1, x[place] = x0, x[place + 1] = x1;
          EXPECT_EQ(PackWeights(w, words * 2, packed_w), w0 + w1);
          PackInputs(x, words * 2, packed_x);
          loop.SetTaps(packed_w, words, words * 4);
          const int32_t sum = w0 * x0 + w1 * x1;
          for (const int32_t center : {sum, sum + 32768, sum - 32768}) {
            loop.SetChannel(0, -center, 0, 0);
            int8_t out[2] = {};
            RunPixels(loop, out, 1);
            EXPECT_EQ(int32_t{out[0]}, int32_t{output.S8(sum - center, 0)});
            EXPECT_EQ(int32_t{out[1]}, 0);
          }
          w[place] = w[place + 1] = x[place] = x[place + 1] = 0;
          place = (place + 2) % 40;
        }
      }
    }
  }
}

TEST(ArmV6mPairs, Places) {
  using namespace midge::arm_v6m;
  const int8_t elements[] = {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11};
  for (int32_t count = 1; count <= 11; ++count) {
    uint32_t words[6] = {};
    int32_t sum = 0;
    for (int32_t i = 0; i < count; ++i) sum += elements[i];
    EXPECT_EQ(PackWeights(elements, count, words), sum);
    for (int32_t i = 0; i < PairWords(count) * 2; i += 2) {
      const uint32_t w0 = i < count ? static_cast<uint32_t>(int32_t{elements[i]}) : 0;
      const uint32_t w1 = i + 1 < count ? static_cast<uint32_t>(int32_t{elements[i + 1]}) : 0;
      EXPECT_EQ(words[i / 2], w0 - (w1 << 16));
    }
    if (count % 2 != 0) continue;
    PackInputs(elements, count, words);
    for (int32_t i = 0; i < count; i += 2) {
      EXPECT_EQ(words[i / 2], PairOfInputs(elements[i], elements[i + 1]));
    }
  }
}

}  // namespace
