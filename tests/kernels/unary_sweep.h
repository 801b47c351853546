// SPDX-License-Identifier: Apache-2.0
//
// Maps of one tensor, of a variant beside the portable ones.
#pragma once

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "kernels/interpolated_table.h"
#include "tests/kernels/sweep.h"

namespace midge_test {

// run(kernel, input, output), also with the output in the place of an input whose elements are not
// smaller.
template <typename In, typename Out, typename Kernel, typename F>
void CheckUnary(const In* values, int32_t count, Kernel* portable, Kernel* variant, const F& run) {
  const auto elements = static_cast<size_t>(count);
  const size_t input_bytes = elements * sizeof(In), output_bytes = elements * sizeof(Out);
  auto* const input = reinterpret_cast<In*>(g_input.Place(input_bytes, alignof(In)));
  std::memcpy(input, values, input_bytes);
  auto* const expected = reinterpret_cast<Out*>(g_expected.Place(output_bytes, alignof(Out)));
  run(portable, input, expected);
  auto* const output = reinterpret_cast<Out*>(g_output.Place(output_bytes, alignof(Out)));
  run(variant, input, output);
  EXPECT_TRUE(Equal(output, expected, elements));
  EXPECT_TRUE(g_output.Intact());
  if (sizeof(Out) > sizeof(In) || std::is_same_v<Out, float>) return;
  auto* const place = reinterpret_cast<Out*>(input);
  run(variant, input, place);
  EXPECT_TRUE(Equal(place, expected, elements));
  EXPECT_TRUE(g_input.Intact());
}

inline constexpr int32_t kMostUnary = 37;

template <typename T>
void FillIntegers(Random& random, T* values, int32_t count) {
  const bool extreme = random.OneIn(8);
  for (int32_t i = 0; i < count; ++i) {
    values[i] = extreme && random.OneIn(2) ? random.OneIn(2) ? std::numeric_limits<T>::min()
                                                             : std::numeric_limits<T>::max()
                                           : static_cast<T>(random.Next() >> (32 - 8 * sizeof(T)));
  }
}

template <typename T>
int32_t ZeroPointOf(Random& random) {
  constexpr int32_t kLow = std::numeric_limits<T>::min(), kHigh = std::numeric_limits<T>::max();
  if (sizeof(T) == 4 || random.OneIn(4)) return 0;
  return random.OneIn(4) ? kLow : random.OneIn(4) ? kHigh : random.In(kLow, kHigh);
}

template <typename In, typename Out>
void CheckRequantize(Random& random,
                     midge::UnaryKernel<midge::RequantizeParams, In, Out>* variant) {
  const int32_t count = random.In(0, kMostUnary);
  In values[kMostUnary];
  FillIntegers(random, values, count);
  midge::RequantizeParams params = {};
  params.input_zero_point = ZeroPointOf<In>(random);
  params.output_zero_point = ZeroPointOf<Out>(random);
  constexpr bool kNarrow = sizeof(In) < 4 && sizeof(Out) < 4;
  const int32_t most = kNarrow ? 30 - static_cast<int32_t>(sizeof(In)) * 8 : 30;
  const int32_t usual = 8 * (static_cast<int32_t>(sizeof(Out)) - static_cast<int32_t>(sizeof(In)));
  const int32_t exponent = random.OneIn(4) ? random.In(-31, most) : usual + random.In(-3, 3);
  params.multiplier = {random.OneIn(8)   ? 1 << 30
                       : random.OneIn(8) ? INT32_MAX
                                         : 1 << 30 | static_cast<int32_t>(random.Next() >> 2),
                       exponent < most ? exponent : most};
  CheckUnary<In, Out>(
      values, count, midge::portable::RequantizeElements<In, Out>, variant,
      [&](auto* kernel, const In* input, Out* output) { kernel(params, input, count, output); });
}

// Around halves of the scale, far beyond the range, and what is no number.
template <typename Out>
void CheckQuantize(Random& random, midge::UnaryKernel<midge::QuantizeParams, float, Out>* variant) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const int32_t count = random.In(0, kMostUnary);
  midge::QuantizeParams params = {};
  params.scale = random.OneIn(3)
                     ? std::ldexp(1.f, random.In(-20, 4))
                     : std::ldexp(static_cast<float>(random.In(1 << 23, (1 << 24) - 1)),
                                  random.OneIn(6) ? random.In(-149, 100) : random.In(-40, -18));
  params.zero_point = ZeroPointOf<Out>(random);
  const bool numbers = random.OneIn(2);
  float values[kMostUnary];
  for (int32_t i = 0; i < count; ++i) {
    const auto steps = static_cast<float>(random.In(-40000, 40000) / (sizeof(Out) == 1 ? 128 : 1));
    float& value = values[i];
    value = (steps + (random.OneIn(2) ? 0.5f : 0.f)) * params.scale;
    if (random.OneIn(2)) value = std::nextafterf(value, random.OneIn(2) ? kInfinity : -kInfinity);
    if (random.OneIn(8)) value = static_cast<float>(random.In(-100000, 100000)) * params.scale;
    if (random.OneIn(16)) value *= 3e33f;
    if (random.OneIn(16)) value = random.OneIn(2) ? 0.f : -0.f;
    if (numbers || !random.OneIn(16)) continue;
    const uint32_t bits = random.Next() | 0x7f800000;
    value = random.OneIn(2) ? kInfinity : -kInfinity;
    if (random.OneIn(2)) std::memcpy(&value, &bits, sizeof value);
  }
  CheckUnary<float, Out>(
      values, count, midge::portable::QuantizeElements<Out>, variant,
      [&](auto* kernel, const float* input, Out* output) { kernel(params, input, count, output); });
}

template <typename In>
void CheckDequantize(Random& random,
                     midge::UnaryKernel<midge::DequantizeParams, In, float>* variant) {
  const int32_t count = random.In(0, kMostUnary);
  In values[kMostUnary];
  FillIntegers(random, values, count);
  midge::DequantizeParams params = {};
  params.scale = std::ldexp(static_cast<float>(random.In(1 << 23, (1 << 24) - 1)),
                            random.OneIn(6) ? random.In(-149, 100) : random.In(-40, -18));
  Set(params.zero_point, ZeroPointOf<In>(random));
  CheckUnary<In, float>(
      values, count, midge::portable::DequantizeElements<In>, variant,
      [&](auto* kernel, const In* input, float* output) { kernel(params, input, count, output); });
}

inline void CheckLookups(Random& random, decltype(midge::portable::LookupS8)* variant,
                         decltype(midge::portable::LookupS16)* variant_s16) {
  const int32_t count = random.In(0, kMostUnary);
  int8_t values[kMostUnary];
  FillIntegers(random, values, count);
  int8_t* const table = g_filter.Place(256);
  FillIntegers(random, table, 256);
  CheckUnary<int8_t, int8_t>(
      values, count, midge::portable::LookupS8, variant,
      [&](auto* kernel, const int8_t* in, int8_t* out) { kernel(table, in, count, out); });

  int16_t wide[kMostUnary];
  FillIntegers(random, wide, count);
  constexpr int32_t kEntries = midge::kInterpolatedSteps + 1;
  auto* const entries = reinterpret_cast<int16_t*>(g_filter.Place(kEntries * sizeof(int16_t), 2));
  FillIntegers(random, entries, kEntries);
  CheckUnary<int16_t, int16_t>(
      wide, count, midge::portable::LookupS16, variant_s16,
      [&](auto* kernel, const int16_t* in, int16_t* out) { kernel(entries, in, count, out); });
}

}  // namespace midge_test
