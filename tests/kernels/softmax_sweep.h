// SPDX-License-Identifier: Apache-2.0
//
// The SOFTMAX of int8 of a variant beside the portable one.
#pragma once

#include <type_traits>

#include "tests/kernels/sweep.h"

namespace midge_test {

inline constexpr size_t kMostSoftmax = 8192;  // as many equal elements have a sum that wraps to 0
inline constexpr int32_t kNearlyWraps = 4096;
inline Guarded<int16_t, kMostSoftmax> g_softmax_expected, g_softmax_output;

template <typename Out, typename Kernel>
void CheckSoftmax(Random& random, int32_t rows, int32_t row_elements, int32_t channels,
                  Kernel* portable, Kernel* variant) {
  const int32_t elements = rows * row_elements;
  const auto count = static_cast<size_t>(elements);
  midge::SoftmaxS8Params params = {};
  params.shape = {{rows, row_elements}, channels};
  params.wide_output = std::is_same_v<Out, int16_t>;
  params.multiplier = {random.OneIn(8)   ? 1 << 30
                       : random.OneIn(8) ? INT32_MAX
                                         : 1 << 30 | static_cast<int32_t>(random.Next() >> 2),
                       random.OneIn(4) ? random.In(1, 31) : random.In(19, 26)};
  // A sum just below 2^31, whose reciprocal the iteration leaves below 1/2.
  const bool nearly_wraps = channels == kNearlyWraps;
  if (nearly_wraps) params.multiplier = {1 << 30, 8};
  const int32_t limit = (31 << 26) >> params.multiplier.exponent;
  Set(params.distance_limit, limit < INT16_MAX ? limit : INT16_MAX);

  int8_t* const input = g_input.Place(count);
  Fill(random, input, count);
  // Rows whose maxima differ, and whose elements are close to each other.
  const int32_t near = random.OneIn(3) ? random.In(0, 7) : 0;
  for (size_t i = 0; i < count; ++i) input[i] = static_cast<int8_t>(input[i] >> near);
  for (size_t i = 0; nearly_wraps && i < count; ++i) input[i] = i == 0 ? 4 : 5;
  const RowView<const int8_t> in(input, row_elements);
  const uint32_t scratch_bytes = midge::SoftmaxS8ScratchBytes(elements);
  const auto run = [&](Kernel* kernel, Rows which, Out* output) {
    auto* const scratch = reinterpret_cast<int32_t*>(g_scratch.Place(scratch_bytes, 16));
    kernel(params, in, which, scratch, RowView<Out>(output, row_elements));
    EXPECT_TRUE(g_scratch.Intact());
  };
  const size_t bytes = count * sizeof(Out);
  const auto place = [&](auto& guarded) {
    return reinterpret_cast<Out*>(guarded.Place((bytes + 1) / 2, alignof(int16_t)));
  };
  Out* const expected = place(g_softmax_expected);
  run(portable, {0, rows}, expected);
  Out* output = place(g_softmax_output);
  run(variant, {0, rows}, output);
  EXPECT_TRUE(Equal(output, expected, count));
  output = place(g_softmax_output);
  for (int32_t y = rows; y-- > 0;) run(variant, {y, y + 1}, output);
  EXPECT_TRUE(Equal(output, expected, count));
  EXPECT_TRUE(g_softmax_output.Intact());
  if constexpr (std::is_same_v<Out, int8_t>) {
    run(variant, {0, rows}, input);
    EXPECT_TRUE(Equal(input, expected, count));
    EXPECT_TRUE(g_input.Intact());
  }
}

inline void CheckSoftmax(Random& random, decltype(midge::portable::SoftmaxS8)* variant,
                         decltype(midge::portable::SoftmaxS8S16)* wide_variant) {
  const bool wraps = random.OneIn(32);
  const int32_t channels = wraps ? random.OneIn(3) ? kNearlyWraps : random.In(4090, kMostSoftmax)
                           : random.OneIn(6) ? random.In(250, 300)
                                             : random.In(1, 40);
  const int32_t per_row = wraps ? 1 : random.In(1, 4);
  const int32_t rows = wraps ? 1 : random.In(0, 5);
  CheckSoftmax<int8_t>(random, rows, per_row * channels, channels, midge::portable::SoftmaxS8,
                       variant);
  CheckSoftmax<int16_t>(random, rows, per_row * channels, channels, midge::portable::SoftmaxS8S16,
                        wide_variant);
}

}  // namespace midge_test
