// SPDX-License-Identifier: Apache-2.0
//
// docs/NUMERICS.md: its worked examples, and its claims that cheaper arithmetic gives the same
// bits.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "kernels/fixed_point_math.h"
#include "kernels/isa.h"
#include "kernels/requant.h"
#include "tests/support/test.h"

namespace {

using midge::MultiplierOfRatio;
using midge::QuantizedMultiplier;
using midge::Repeat;

// Numbers that are the same on every board.
class Random {
 public:
  uint32_t Bits() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state_ >> 32);
  }
  // In [low, high].
  int32_t In(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(Bits() % static_cast<uint32_t>(high - low + 1));
  }
  // A float > 0 with any mantissa and an exponent of [2^low, 2^high].
  float Scale(int32_t low, int32_t high) {
    const uint32_t bits = static_cast<uint32_t>(In(low, high) + 127) << 23 | (Bits() & 0x7fffff);
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }

 private:
  uint64_t state_ = 1;
};

// How often a sweep repeats.
constexpr int kMany = 3000;

// The multiplier as the reference makes it, in double.
QuantizedMultiplier InDouble(double real) {
  int exponent;
  const double fraction = std::frexp(real, &exponent);
  int64_t q31 = static_cast<int64_t>(std::round(fraction * 2147483648.0));
  if (q31 == int64_t{1} << 31) {
    q31 /= 2;
    ++exponent;
  }
  if (exponent < -31) return {0, 0};
  return {static_cast<int32_t>(q31), exponent};
}

// Both roundings as they are defined, one after the other.
int32_t RoundTwice(int32_t x, QuantizedMultiplier m) {
  const int64_t shifted = int64_t{x} * (int64_t{1} << (m.exponent > 0 ? m.exponent : 0));
  const int64_t product = shifted * m.multiplier_q31 + (int64_t{1} << 30);
  int64_t y = product / (int64_t{1} << 31);
  if (product < 0 && product % (int64_t{1} << 31) != 0) --y;
  if (m.exponent >= 0) return static_cast<int32_t>(y);
  const int64_t divisor = int64_t{1} << -m.exponent;
  const int64_t magnitude = ((y < 0 ? -y : y) + divisor / 2) / divisor;
  return static_cast<int32_t>(y < 0 ? -magnitude : magnitude);
}

TEST(Numerics, Example1Requantization) {
  const QuantizedMultiplier m = MultiplierOfRatio(0.02f, 0.005f, 0.04f);
  EXPECT_EQ(m.multiplier_q31, 1374389504);
  EXPECT_EQ(m.exponent, -8);
  EXPECT_EQ(midge::MultiplyHighQ31(1000, m.multiplier_q31), 640);
  EXPECT_EQ(midge::Requantize(1000, m), 3);
  EXPECT_EQ(midge::Requantize(-1000, m), -3);
  EXPECT_EQ(midge::MultiplyHighQ31(200, m.multiplier_q31), 128);
  EXPECT_EQ(midge::Requantize(200, m), 1);
  EXPECT_EQ(midge::MultiplyHighQ31(-1001, m.multiplier_q31), -641);
  EXPECT_EQ(midge::Requantize(-1001, m), -3);
  EXPECT_EQ(midge::MultiplyHighQ31(3141, m.multiplier_q31), 2010);
  EXPECT_EQ(midge::Requantize(3141, m), 8);
}

TEST(Numerics, Example2Add) {
  const QuantizedMultiplier smaller = MultiplierOfRatio(0.025f, 1.f, 0.1f, -1);
  EXPECT_EQ(smaller.multiplier_q31, 1 << 30);
  EXPECT_EQ(smaller.exponent, -2);
  const QuantizedMultiplier output = MultiplierOfRatio(0.1f, 1.f, 0.12f, 1 - 20);
  EXPECT_EQ(output.multiplier_q31, 1789569773);
  EXPECT_EQ(output.exponent, -19);
  EXPECT_EQ(midge::Requantize(95 << 20, smaller), 12451840);
  EXPECT_EQ(midge::MultiplyHighQ31(40763392, output.multiplier_q31), 33969495);

  const midge::AddS8Params params = {3, -5, -10, false, {-128, 127}, smaller, output};
  const int8_t a = 57, b = 90;
  int8_t sum;
  midge::isa::AddS8(params, Repeat::kNone, &a, &b, 1, &sum);
  EXPECT_EQ(sum, 55);
}

TEST(Numerics, Example3Softmax) {
  const QuantizedMultiplier m = MultiplierOfRatio(1.f, 0.1f, 1.f, 26);
  EXPECT_EQ(m.multiplier_q31, 1717986944);
  EXPECT_EQ(m.exponent, 23);
  EXPECT_EQ(midge::Requantize(-20, m), -134217730);
  EXPECT_EQ(midge::Requantize(-5, m), -33554432);
  EXPECT_EQ(midge::ExpOfNonPositive<5>(-134217730), 290630233);
  EXPECT_EQ(midge::ExpOfNonPositive<5>(0), INT32_MAX);
  EXPECT_EQ(midge::ExpOfNonPositive<5>(-33554432), 1302515042);
  EXPECT_EQ(midge::OneOverOnePlus(1593147392), 1232863108);

  const midge::SoftmaxS8Params params = {{{1, 3}, 3}, m, 248, false};
  const int8_t input[] = {10, 30, 25};
  int32_t exponentials[3];
  int8_t output[3];
  midge::isa::SoftmaxS8(params, {input, 3}, {0, 1}, exponentials, {output, 3});
  EXPECT_EQ(output[0], -108);
  EXPECT_EQ(output[1], 19);
  EXPECT_EQ(output[2], -39);
}

TEST(Numerics, MultiplierOfRatioIsDoubleArithmetic) {
  Random random;
  for (int i = 0; i < kMany; ++i) {
    // Every third quotient is near 1, or exact, where roundings carry.
    const float a = random.Scale(-40, 20);
    const float b = i % 3 == 1 ? 1.f : random.Scale(-10, 10);
    const float c = i % 3 == 2 ? a : random.Scale(-40, 20);
    const int power = random.In(-30, 30);
    const double real = static_cast<double>(a) * static_cast<double>(b) / static_cast<double>(c);
    const QuantizedMultiplier expected = InDouble(std::ldexp(real, power));
    const QuantizedMultiplier m = MultiplierOfRatio(a, b, c, power);
    ASSERT_EQ(m.multiplier_q31, expected.multiplier_q31);
    ASSERT_EQ(m.exponent, expected.exponent);
  }
}

TEST(Numerics, MultiplierOfSubnormalScales) {
  const float least = 1.401298464324817e-45f, least_normal = 1.1754943508222875e-38f;
  for (int32_t k = 1; k < 64; ++k) {
    const float scale = least * static_cast<float>(k);
    const QuantizedMultiplier m = MultiplierOfRatio(scale, 1.f, least_normal);
    const QuantizedMultiplier expected = InDouble(k / 8388608.0);  // 2^23
    ASSERT_EQ(m.multiplier_q31, expected.multiplier_q31);
    ASSERT_EQ(m.exponent, expected.exponent);
  }
}

TEST(Numerics, DivideMultiplierIsIntegerDivision) {
  Random random;
  for (int i = 0; i < kMany; ++i) {
    const int32_t count = random.In(1, i % 2 == 0 ? 300 : (1 << 24) - 1);
    const QuantizedMultiplier m = {random.In(1 << 30, INT32_MAX), random.In(-31, 5)};
    int32_t gained = 0;
    while (count >> (gained + 1) != 0) ++gained;
    if (gained > 31 + m.exponent) gained = 31 + m.exponent;
    const QuantizedMultiplier mean = midge::DivideMultiplier(m, count);
    ASSERT_EQ(mean.multiplier_q31, (int64_t{m.multiplier_q31} << gained) / count);
    ASSERT_EQ(mean.exponent, m.exponent - gained);
  }
}

TEST(Numerics, QuantizeValueIsFloatArithmetic) {
  Random random;
  const float values[] = {0.f, 1.f, -1.f, 6.f};
  for (int i = 0; i < kMany; ++i) {
    const float scale = random.Scale(-18, 8);
    // Multiples of half the scale are ties.
    const float value = i % 3 == 0   ? values[i / 3 % 4]
                        : i % 3 == 1 ? static_cast<float>(random.In(-999, 999)) * (scale * 0.5f)
                                     : -random.Scale(-12, 5);
    ASSERT_EQ(midge::QuantizeValue(value, scale), static_cast<int32_t>(std::round(value / scale)));
  }
}

TEST(Numerics, RequantizeRoundsTwice) {
  Random random;
  for (int i = 0; i < kMany; ++i) {
    const QuantizedMultiplier m = {random.In(1 << 30, INT32_MAX), random.In(-31, 14)};
    const int32_t shift = random.In(m.exponent > 0 ? m.exponent : 0, 31);
    const int32_t x = static_cast<int32_t>(random.Bits()) >> shift;
    ASSERT_EQ(midge::Requantize(x, m), RoundTwice(x, m));
    const int32_t shorter = x / 2;
    ASSERT_EQ(midge::Requantizer(m).Apply(shorter), RoundTwice(shorter, m));
  }
}

TEST(Numerics, RequantizeOfTies) {
  const QuantizedMultiplier halves = {1 << 30, -1};  // a quarter
  for (int32_t x = -40; x <= 40; ++x) {
    ASSERT_EQ(midge::Requantize(x, halves), RoundTwice(x, halves));
    ASSERT_EQ(midge::Requantizer(halves).Apply(x), RoundTwice(x, halves));
  }
}

// Found by model_fuzzer in RSQRT: what would be shifted by more than 31 is 0.
TEST(Numerics, FractionsOfTheSmallestMultipliers) {
  const QuantizedMultiplier smallest = {INT32_MAX, -31};
  const int32_t values[] = {INT32_MIN, -1, 1, INT32_MAX};
  for (const int32_t x : values) {
    for (const int32_t bits : {1, 2, 15, 20}) EXPECT_EQ(RequantizeFraction(x, bits, smallest), 0);
  }
  EXPECT_EQ(RequantizeFraction(INT32_MAX, 0, smallest), Requantize(INT32_MAX, smallest));
}

TEST(Numerics, AddIsItsDefinition) {
  Random random;
  for (int i = 0; i < kMany; ++i) {
    const int32_t larger_zero_point = random.In(-128, 127);
    const int32_t smaller_zero_point = random.In(-128, 127);
    const int32_t output_zero_point = random.In(-128, 127);
    const auto a = static_cast<int8_t>(random.Bits()), b = static_cast<int8_t>(random.Bits());
    const int32_t da = a - larger_zero_point, db = b - smaller_zero_point;
    const float larger = random.Scale(-8, 2);
    float smaller = i % 3 == 0 ? larger : larger / random.Scale(0, 9);
    float output = larger * random.Scale(-4, 4);
    if (i % 2 == 0 && std::abs(da) < std::abs(db)) {
      // Operands that cancel but for the last bits of X, which a fine output scale then shows.
      const auto ratio = static_cast<float>(std::abs(da)) / static_cast<float>(std::abs(db));
      const auto bits = static_cast<float>(random.In(-64, 64)) / 16777216.f;
      smaller = larger * (ratio > 0 ? ratio : 0.5f) * (1.f + bits);
      output = larger * random.Scale(-17, -12);
    }
    const QuantizedMultiplier smaller_multiplier = MultiplierOfRatio(smaller, 1.f, larger, -1);
    const QuantizedMultiplier output_multiplier = MultiplierOfRatio(larger, 1.f, output, 1 - 20);
    const bool second_is_larger = random.In(0, 1) != 0;
    const midge::AddS8Params params = {static_cast<int16_t>(larger_zero_point),
                                       static_cast<int16_t>(smaller_zero_point),
                                       static_cast<int16_t>(output_zero_point),
                                       second_is_larger,
                                       {-128, 127},
                                       smaller_multiplier,
                                       output_multiplier};
    int8_t sum;
    midge::isa::AddS8(params, Repeat::kNone, second_is_larger ? &b : &a, second_is_larger ? &a : &b,
                      1, &sum);
    const int32_t x = RoundTwice(da * (1 << 20), {1 << 30, 0});
    const int32_t y = RoundTwice(db * (1 << 20), smaller_multiplier);
    const int32_t value = output_zero_point + RoundTwice(x + y, output_multiplier);
    ASSERT_EQ(sum, midge::Clamp(value, -128, 127));
  }
}

TEST(Numerics, FixedPointFunctionsAreWithinTheirBounds) {
  constexpr double kOne = 2147483648.0;
  Random random;
  for (int i = 0; i < kMany; ++i) {
    const int32_t a = static_cast<int32_t>(random.Bits() >> 1) >> random.In(0, 30);
    const double q5 = std::exp(-a / 67108864.0) * kOne;  // 2^26
    ASSERT_TRUE(std::fabs(midge::ExpOfNonPositive<5>(-a) - q5) <= 500);
    const double q4 = std::exp(-a / 134217728.0) * kOne;
    ASSERT_TRUE(std::fabs(midge::ExpOfNonPositive<4>(-a) - q4) <= 500);
    ASSERT_TRUE(std::fabs(midge::OneOverOnePlus(a) - kOne / (1 + a / kOne)) <= 8);
    const double logistic = kOne / (1 + std::exp(-a / 134217728.0));
    ASSERT_TRUE(std::fabs(midge::LogisticQ<4>(a) - logistic) <= 508);
    ASSERT_TRUE(std::fabs(midge::LogisticQ<4>(-a) - (kOne - logistic)) <= 508);
  }
}

}  // namespace
