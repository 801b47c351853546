// SPDX-License-Identifier: Apache-2.0
//
// The int8 BATCH_MATMUL of a variant beside the portable one.
#pragma once

#include "tests/kernels/sweep.h"

namespace midge_test {

// Depths around vectors and chunks, both operands as they are or turned.
inline void CheckBatchMatMul(Random& random, decltype(midge::portable::BatchMatMulS8)* variant) {
  const int32_t rows = random.In(1, 5);
  const int32_t columns = random.OneIn(10) ? random.In(60, 70) : random.In(1, 40);
  const int32_t depth = random.OneIn(10) ? random.In(250, 265) : random.In(1, 40);
  const bool a_turned = random.OneIn(3), b_turned = random.OneIn(3);
  midge::BatchMatMulS8Params params = {};
  params.shape = {rows,
                  depth,
                  columns,
                  a_turned ? 1 : depth,
                  a_turned ? rows : 1,
                  b_turned ? columns : 1,
                  b_turned ? 1 : depth};
  Set(params.a_zero_point, ZeroPoint(random));
  Set(params.b_zero_point, random.OneIn(3) ? 0 : ZeroPoint(random));
  Set(params.output_zero_point, ZeroPoint(random));
  params.multiplier = {1 << 30 | static_cast<int32_t>(random.Next() >> 2),
                       random.OneIn(6) ? random.In(-31, 30) : random.In(-11, -7)};
  const auto a_count = static_cast<size_t>(rows * depth);
  const auto b_count = static_cast<size_t>(depth * columns);
  const auto outputs = static_cast<size_t>(rows * columns);
  int8_t* const a = g_input.Place(a_count);
  Fill(random, a, a_count);
  int8_t* const b = g_filter.Place(b_count);
  Fill(random, b, b_count);
  int8_t* const expected = g_expected.Place(outputs);
  midge::portable::BatchMatMulS8(params, a, b, expected);
  int8_t* const output = g_output.Place(outputs);
  variant(params, a, b, output);
  EXPECT_TRUE(Equal(output, expected, outputs));
  EXPECT_TRUE(g_output.Intact());
}

}  // namespace midge_test
