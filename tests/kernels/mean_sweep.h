// SPDX-License-Identifier: Apache-2.0
//
// The int8 MEAN of a variant beside the portable one.
#pragma once

#include "kernels/loops.h"
#include "tests/kernels/sweep.h"

namespace midge_test {

// Columns behind each other in rows of which each element of the output combines `run`, and as many
// of those as a loop around has iterations.
inline void CheckMean(Random& random, decltype(midge::portable::MeanS8)* variant) {
  const int32_t columns = random.OneIn(8) ? random.In(14, 70) : random.In(1, 13);
  const int32_t run = random.OneIn(8) ? random.In(250, 260) : random.In(1, 40);
  const int32_t step = columns + (random.OneIn(3) ? random.In(1, 5) : 0);
  const int32_t outer = random.OneIn(2) ? random.In(1, 3) : 1;
  const midge::Loop<1> loop = {outer, {run * step}};
  const midge::Reduced reduced = {&loop, outer > 1 ? 1 : 0, run, step};
  const auto inputs = static_cast<size_t>((outer * run - 1) * step + columns);
  if (inputs > 8192) return;
  int8_t* const input = g_input.Place(inputs);
  Fill(random, input, inputs);
  midge::QuantizedMeanParams params = {};
  params.input_offset = outer * run * ZeroPoint(random);
  // A multiplier that was divided by the count may have lost its first bit.
  params.multiplier = {(1 << 30 | static_cast<int32_t>(random.Next() >> 2)) >> random.In(0, 1),
                       random.OneIn(6) ? random.In(-31, 30) : -random.In(0, 9)};
  Set(params.output_zero_point, ZeroPoint(random));
  const auto outputs = static_cast<size_t>(columns);
  int8_t* const expected = g_expected.Place(outputs);
  midge::portable::MeanS8(params, reduced, input, columns, expected);
  int8_t* const output = g_output.Place(outputs);
  variant(params, reduced, input, columns, output);
  EXPECT_TRUE(Equal(output, expected, outputs));
  EXPECT_TRUE(g_output.Intact());
}

}  // namespace midge_test
