// SPDX-License-Identifier: Apache-2.0
//
// The int8 SVDF of a variant beside the portable one.
#pragma once

#include <limits>

#include "tests/kernels/sweep.h"

namespace midge_test {

// One step after the other, from histories that portable and variant carry each for themselves.
template <typename State, typename Variant>
void CheckSvdf(Random& random, const Variant& variant) {
  static Guarded<State, 4096> times, states[2];
  for (int i = 0; i < 300; ++i) {
    midge::SvdfS8Params params = {};
    midge::SvdfShape& shape = params.shape;
    shape = {random.In(1, 2), random.OneIn(10) ? random.In(60, 70) : random.In(1, 40),
             random.OneIn(4) ? random.In(20, 70) : random.In(1, 9),
             random.OneIn(2) ? 1 : random.In(1, 4), random.OneIn(8) ? 1 : random.In(1, 12)};
    const int32_t filters = shape.units * shape.rank;
    const auto inputs = static_cast<size_t>(shape.batches * shape.inputs);
    const auto outputs = static_cast<size_t>(shape.batches * shape.units);
    const auto features = static_cast<size_t>(filters * shape.inputs);
    const auto history = static_cast<size_t>(filters * shape.memory);
    const size_t all = history * static_cast<size_t>(shape.batches);
    if (features > 20000 || all > 4096) continue;
    const auto scale_of = [&](int32_t usual) -> QuantizedMultiplier {
      return {random.OneIn(20) ? 0 : 1 << 30 | static_cast<int32_t>(random.Next() >> 2),
              random.OneIn(8) ? random.In(-31, 12) : usual + random.In(-2, 2)};
    };
    params.feature_multiplier = scale_of(-9);
    params.time_multiplier = scale_of(sizeof(State) == 1 ? -8 : -24);
    Set(params.input_zero_point, ZeroPoint(random));
    Set(params.state_zero_point, sizeof(State) == 1 ? ZeroPoint(random) : 0);
    Set(params.output_zero_point, ZeroPoint(random));
    int8_t* const feature = g_filter.Place(features);
    Fill(random, feature, features);
    const auto fill = [&](State* values, size_t count) {
      for (size_t k = 0; k < count; ++k) {
        values[k] = static_cast<State>(random.OneIn(9) ? std::numeric_limits<State>::min()
                                                       : static_cast<int32_t>(random.Next() >> 7));
      }
    };
    State* const time = times.Place(history);
    fill(time, history);
    int32_t* bias = nullptr;
    if (!random.OneIn(4)) {
      bias = g_bias.Place(static_cast<size_t>(shape.units));
      for (int32_t u = 0; u < shape.units; ++u) {
        bias[u] = static_cast<int32_t>(random.Next()) >> random.In(0, 20);
      }
    }
    State* state[2];
    for (int v = 0; v < 2; ++v) state[v] = states[v].Place(all);
    fill(state[0], all);
    std::memcpy(state[1], state[0], all * sizeof(State));
    for (int step = 0; step < 3; ++step) {
      int8_t* const input = g_input.Place(inputs);
      Fill(random, input, inputs);
      int8_t* const expected = g_expected.Place(outputs);
      midge::portable::SvdfS8<State>(params, input, feature, time, bias, state[0], expected);
      int8_t* const output = g_output.Place(outputs);
      variant(params, input, feature, time, bias, state[1], output);
      EXPECT_TRUE(Equal(output, expected, outputs));
      EXPECT_TRUE(std::memcmp(state[1], state[0], all * sizeof(State)) == 0);
      EXPECT_TRUE(g_output.Intact() && states[1].Intact());
    }
  }
}

}  // namespace midge_test
