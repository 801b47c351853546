// SPDX-License-Identifier: Apache-2.0
//
// kernels/arm_dsp against kernels/portable: the same bits for shapes around every tile, all
// parameters at their ends, whole and row by row, from memory that ends where the tensors do.
#include "kernels/arm_dsp/arm_dsp.h"

#include <cstring>
#include <initializer_list>
#include <utility>

#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/arm_dsp/requantize.h"
#include "tests/kernels/binary_sweep.h"
#include "tests/kernels/float_sweep.h"
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
  midge_test::CheckConv2D(random, shape, Weights::kAny, midge::arm_dsp::Conv2DS8,
                          midge::arm_dsp::Conv2DS8ScratchBytes);
}

// Depths and channels around quads; pixels around blocks of four; all windows.
TEST(ArmDspConv2D, OneByOne) {
  Random random(1);
  for (int32_t depth = 1; depth <= 17; ++depth) {
    for (int32_t channels = 1; channels <= 6; ++channels) {
      for (int32_t width = 1; width <= 6; ++width) {
        CheckConv2D(random, AroundPixels(3, width, 1, 1, 1, depth, channels));
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
  CheckDepthwiseConv2D(random, shape, Weights::kAny, midge::arm_dsp::DepthwiseConv2DS8,
                       midge::arm_dsp::DepthwiseConv2DS8ScratchBytes);
}

TEST(ArmDspDepthwiseConv2D, ChannelsAndWidths) {
  Random random(3);
  for (int32_t channels = 1; channels <= 17; ++channels) {
    for (int32_t width = 1; width <= 40; width += width < 20 ? 1 : 7) {
      for (const uint16_t stride : {uint16_t{1}, uint16_t{2}}) {
        CheckDepthwise(random, AroundPixels(4, width, 3, 3, stride, channels, channels));
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
  midge_test::CheckFullyConnected(random, depth, units, batches, midge::arm_dsp::FullyConnectedS8);
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

// Depths around quads; pixels around blocks of four; all windows; sums around 508 products.
template <typename Bias>
void CheckConv2DS16(Random& random) {
  const auto check = [&](const WindowedShape& shape) {
    midge_test::CheckConv2DS16<Bias>(random, shape, midge::arm_dsp::Conv2DS16<Bias>,
                                     midge::arm_dsp::Conv2DS16ScratchBytes);
  };
  for (int32_t depth = 1; depth <= 17; ++depth) {
    for (int32_t width = 1; width <= 6; ++width) {
      check(AroundPixels(3, width, 1, 1, 1, depth, random.In(1, 6)));
    }
  }
  for (int i = 0; i < 600; ++i) {
    WindowedShape shape = DrawShape(random, 4, true);
    shape.input_channels = random.OneIn(8) ? random.In(13, 33) : random.In(1, 9);
    shape.output_channels = random.OneIn(8) ? random.In(9, 40) : random.In(1, 9);
    check(shape);
  }
  for (const int32_t depth : {504, 507, 508, 509, 512, 515, 516, 1016, 1019, 1023}) {
    for (int i = 0; i < 12; ++i) {
      check(AroundPixels(2, 3, 1, 1, 1, depth, random.In(1, 5)));
    }
  }
}

TEST(ArmDspConv2DS16, NarrowSums) {
  Random random(18);
  CheckConv2DS16<int32_t>(random);
}

TEST(ArmDspConv2DS16, WideSums) {
  Random random(19);
  CheckConv2DS16<midge::PackedInt64>(random);
}

// Channels around groups of four, all windows; as many taps as 32 bits hold, and more.
template <typename Bias>
void CheckDepthwiseS16(Random& random) {
  const auto check = [&](const WindowedShape& shape) {
    CheckDepthwiseConv2DS16<Bias>(random, shape, midge::arm_dsp::DepthwiseConv2DS16<Bias>,
                                  midge::arm_dsp::DepthwiseConv2DS16ScratchBytes);
  };
  for (int i = 0; i < 800; ++i) {
    WindowedShape shape = DrawShape(random, random.OneIn(10) ? 20 : 5, true);
    shape.input_channels = random.In(1, 17);
    shape.output_channels = shape.input_channels * (random.OneIn(6) ? random.In(2, 3) : 1);
    check(shape);
  }
  for (const auto& [filter_h, filter_w] :
       {std::pair<uint16_t, uint16_t>{4, 127}, {7, 73}, {2, 260}}) {
    for (int i = 0; i < 12; ++i) {
      check(OneWindow(filter_h, filter_w, random.In(4, 7)));
    }
  }
}

TEST(ArmDspDepthwiseConv2DS16, NarrowSums) {
  Random random(22);
  CheckDepthwiseS16<int32_t>(random);
}

TEST(ArmDspDepthwiseConv2DS16, WideSums) {
  Random random(23);
  CheckDepthwiseS16<midge::PackedInt64>(random);
}

// Around quads, chunks of 508 inputs and blocks of 32 units.
template <typename Bias>
void CheckFullyConnectedS16(Random& random) {
  const auto check = [&](int32_t depth, int32_t units) {
    midge_test::CheckFullyConnectedS16<Bias>(random, depth, units, random.In(0, 3),
                                             midge::arm_dsp::FullyConnectedS16<Bias>);
  };
  for (int i = 0; i < 800; ++i) check(i % 40 + 1, random.In(1, 11));
  for (const int32_t depth : {504, 507, 508, 509, 512, 515, 516}) {
    for (int i = 0; i < 6; ++i) {
      for (const int32_t units : {1, 31, 32, 33, 34}) check(depth, units);
    }
  }
}

TEST(ArmDspFullyConnectedS16, NarrowSums) {
  Random random(20);
  CheckFullyConnectedS16<int32_t>(random);
}

TEST(ArmDspFullyConnectedS16, WideSums) {
  Random random(21);
  CheckFullyConnectedS16<midge::PackedInt64>(random);
}

TEST(ArmDspLstm, ShapesAndScales) {
  Random random(13);
  for (int i = 0; i < 250; ++i) {
    CheckLstm(random, midge::arm_dsp::UnidirectionalSequenceLstmS8);
  }
}

TEST(ArmDspFloat, Convolutions) {
  Random random(10);
  for (int i = 0; i < 1500; ++i) {
    CheckConvolutionsF32(random, midge::arm_dsp::Conv2DF32, midge::arm_dsp::DepthwiseConv2DF32);
  }
}

TEST(ArmDspFloat, FullyConnected) {
  Random random(11);
  for (int i = 0; i < 1500; ++i) {
    CheckFullyConnectedF32(random, midge::arm_dsp::FullyConnectedF32);
  }
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

TEST(ArmDspBatchMatMul, AllLayouts) {
  Random random(15);
  for (int i = 0; i < 1500; ++i) CheckBatchMatMul(random, midge::arm_dsp::BatchMatMulS8);
}

TEST(ArmDspBinary, AddAndMul) {
  Random random(16);
  for (int i = 0; i < 6000; ++i) {
    CheckAdd(random, midge::arm_dsp::AddS8);
    CheckMul(random, midge::arm_dsp::MulS8);
  }
}

TEST(ArmDspMean, RunsAndColumns) {
  Random random(24);
  for (int i = 0; i < 2000; ++i) CheckMean(random, midge::arm_dsp::MeanS8);
}

TEST(ArmDspUnary, Quantize) {
  using namespace midge::arm_dsp;
  Random random(25);
  for (int i = 0; i < 4000; ++i) {
    CheckQuantize<int8_t>(random, QuantizeElements<int8_t>);
    CheckQuantize<int16_t>(random, QuantizeElements<int16_t>);
    CheckQuantize<uint8_t>(random, QuantizeElements<uint8_t>);
    CheckDequantize<int8_t>(random, DequantizeElements<int8_t>);
    CheckDequantize<int16_t>(random, DequantizeElements<int16_t>);
  }
}

TEST(ArmDspUnary, Requantize) {
  using namespace midge::arm_dsp;
  Random random(26);
  for (int i = 0; i < 4000; ++i) {
    CheckRequantize<int8_t, int8_t>(random, RequantizeElements<int8_t, int8_t>);
    CheckRequantize<int8_t, int16_t>(random, RequantizeElements<int8_t, int16_t>);
    CheckRequantize<int8_t, uint8_t>(random, RequantizeElements<int8_t, uint8_t>);
    CheckRequantize<int16_t, int8_t>(random, RequantizeElements<int16_t, int8_t>);
    CheckRequantize<int16_t, int16_t>(random, RequantizeElements<int16_t, int16_t>);
    CheckRequantize<uint8_t, int8_t>(random, RequantizeElements<uint8_t, int8_t>);
    CheckRequantize<uint8_t, uint8_t>(random, RequantizeElements<uint8_t, uint8_t>);
  }
}

TEST(ArmDspUnary, Lookups) {
  Random random(27);
  for (int i = 0; i < 2000; ++i) {
    CheckLookups(random, midge::arm_dsp::LookupS8, midge::arm_dsp::LookupS16);
  }
}

TEST(ArmDspSoftmax, RowsAndScales) {
  Random random(28);
  for (int i = 0; i < 1000; ++i) {
    CheckSoftmax(random, midge::arm_dsp::SoftmaxS8, midge::arm_dsp::SoftmaxS8S16);
  }
}

TEST(ArmDspSvdf, ShapesAndScales) {
  Random random(17);
  CheckSvdf<int8_t>(random, midge::arm_dsp::SvdfS8<int8_t>);
  CheckSvdf<int16_t>(random, midge::arm_dsp::SvdfS8<int16_t>);
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
  EXPECT_EQ(Sxtah(-1, 0x80007fff), 32766);
  EXPECT_EQ(SxtahRor16(1, 0x80007fff), -32767);
  EXPECT_EQ(HalvesS16(0.999f), 1);
  EXPECT_EQ(HalvesS16(-0.999f), -1);
  EXPECT_EQ(HalvesS16(16384.f), 32767);
  EXPECT_EQ(HalvesS16(-16384.5f), -32768);
  EXPECT_EQ(HalvesS32(-70000.25f), -140000);
  EXPECT_EQ(HalvesS32(1e30f), INT32_MAX);
  EXPECT_EQ(HalvesS32(-1e30f), INT32_MIN);
  EXPECT_EQ(Smlad(0xffff0002, 0x00030004, 10), 15);
  EXPECT_EQ(Smlad(0x80008000, 0x80008000, 0), INT32_MIN);
  EXPECT_EQ(Smlabb(0xffff8000, 0x00038000, 1), (1 << 30) + 1);
  EXPECT_EQ(Smlatt(0xffff8000, 0x00038000, 1), -2);
  EXPECT_EQ(Smlabt(0xffff8000, 0x00038001, 1), -98303);
  EXPECT_EQ(Smlatb(0xffff8000, 0x00038001, 1), 32768);
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
  EXPECT_EQ(Ssat16Asr1(65537), 32767);
  EXPECT_EQ(Ssat16Asr1(-3), -2);
  EXPECT_EQ(Ssat19(1 << 18), (1 << 18) - 1);
  EXPECT_EQ(Ssat19(-(1 << 18) - 1), -(1 << 18));
  EXPECT_EQ(PackBottoms(0x11112222, 0x33334444), 0x44442222u);
  EXPECT_EQ(PackTops(0x11112222, 0x33334444), 0x33331111u);
  EXPECT_EQ(Max4S8(0x80017fff, 0x7f028000), 0x7f027f00u);
  EXPECT_EQ(Min4S8(0x80017fff, 0x7f028000), 0x800180ffu);
}

}  // namespace
