// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of convolutions of int16: four output channels, whose weights lie interleaved in
// words, meet the inputs where these are. An input is loaded once for four products, its four
// weights come by one LDM, and a product is a multiplication and an addition.
#pragma once

#include <cstdint>

namespace midge::arm_v6m {

inline constexpr int32_t kQuad = 4;
// |w * x| <= 2^22, so that the sum of this many products fits 32 bits.
inline constexpr int32_t kMostQuadProducts = 511;

// For each pixel its sums of four channels:
//
//   sums[k] = sum of x[row][first + i] * w[row][i][k] over the rows, i < run
//
// with `first` moving on from pixel to pixel. Assembly code knows the order.
struct QuadLoop {
  const int16_t* const* rows;
  const int16_t* const* rows_end;
  const int32_t* w;     // [row][i][k], rows `gap` bytes apart
  uint32_t entry;       // bytes of the unrolled loop that a run's first round leaves out
  int32_t run_bytes;    // of weights
  int32_t gap;          // from the end of a run's weights to the next row's
  int32_t first, step;  // bytes
  int32_t* sums;        // [pixel][k]
  const int32_t* sums_end;

  // Runs of `run` > 0 inputs, whose weights begin `row` words apart.
  void SetRun(int32_t run, int32_t row);
};
void RunQuads(const QuadLoop& loop);

}  // namespace midge::arm_v6m
