// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/kernels/sweep.h"

namespace midge_test {

template <typename Params>
void CheckBinary(Random& random, const Params& params,
                 midge::BinaryKernel<Params, int8_t, int8_t>* portable,
                 midge::BinaryKernel<Params, int8_t, int8_t>* variant) {
  const int32_t count = random.In(0, 37);
  const auto repeat = static_cast<midge::Repeat>(random.In(0, 2));
  const auto elements = static_cast<size_t>(count);
  const size_t a_count = repeat == midge::Repeat::kFirst ? 1 : elements;
  const size_t b_count = repeat == midge::Repeat::kSecond ? 1 : elements;
  int8_t* a = g_input.Place(a_count);
  Fill(random, a, a_count);
  int8_t* b = g_filter.Place(b_count);
  Fill(random, b, b_count);
  int8_t* expected = g_expected.Place(elements);
  portable(params, repeat, a, b, count, expected);
  int8_t* output = g_output.Place(elements);
  variant(params, repeat, a, b, count, output);
  EXPECT_TRUE(Equal(output, expected, elements));
  EXPECT_TRUE(g_output.Intact());
  // In the place of an operand that is not repeated.
  int8_t* const place = repeat == midge::Repeat::kFirst ? b : a;
  variant(params, repeat, a, b, count, place);
  EXPECT_TRUE(Equal(place, expected, elements));
  EXPECT_TRUE(g_input.Intact() && g_filter.Intact());
}

inline int32_t MultiplierQ31(Random& random) {
  return random.OneIn(4) ? INT32_MAX : 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
}

inline void CheckAdd(Random& random, decltype(midge::portable::AddS8)* variant) {
  midge::AddS8Params add = {};
  Set(add.larger_zero_point, ZeroPoint(random));
  Set(add.smaller_zero_point, ZeroPoint(random));
  Set(add.output_zero_point, ZeroPoint(random));
  add.second_is_larger = random.OneIn(2);
  add.clamp = ClampOf(random);
  // At most 1/2: 2^30 with exponent 0, or a smaller exponent.
  const int32_t exponent = random.OneIn(4) ? 0 : random.In(random.OneIn(4) ? -31 : -3, -1);
  add.smaller_multiplier = {exponent == 0 ? 1 << 30 : MultiplierQ31(random), exponent};
  add.output_multiplier = {MultiplierQ31(random), random.In(random.OneIn(4) ? -31 : -21, -17)};
  CheckBinary(random, add, midge::portable::AddS8, variant);
}

inline void CheckMul(Random& random, decltype(midge::portable::MulS8)* variant) {
  midge::MulS8Params mul = {};
  Set(mul.zero_point_a, ZeroPoint(random));
  Set(mul.zero_point_b, ZeroPoint(random));
  Set(mul.output_zero_point, ZeroPoint(random));
  mul.clamp = ClampOf(random);
  mul.multiplier = {MultiplierQ31(random), random.In(random.OneIn(4) ? -31 : -9, 13)};
  CheckBinary(random, mul, midge::portable::MulS8, variant);
}

}  // namespace midge_test
