// SPDX-License-Identifier: Apache-2.0
//
// kernels/arm_mve against kernels/portable: the same bits for shapes around every tile, all
// parameters at their ends, whole and row by row, from memory that ends where the tensors do.
#include "kernels/arm_mve/arm_mve.h"

#include <initializer_list>

#include "kernels/arm_mve/helium.h"
#include "tests/kernels/binary_sweep.h"
#include "tests/kernels/sweep.h"
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
    for (int32_t channels = 1; channels <= 5; ++channels) {
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

TEST(ArmMveConv2D, Windows) {
  Random random(2);
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, 4, true);
    shape.input_channels = random.OneIn(8) ? random.In(13, 33) : random.In(1, 9);
    shape.output_channels = random.OneIn(8) ? random.In(9, 33) : random.In(1, 9);
    CheckConv2D(random, shape);
  }
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

TEST(ArmMveBinary, AddAndMul) {
  Random random(6);
  for (int i = 0; i < 6000; ++i) {
    CheckAdd(random, midge::arm_mve::AddS8);
    CheckMul(random, midge::arm_mve::MulS8);
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
