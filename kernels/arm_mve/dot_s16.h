// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of ops in which columns of int16 inputs meet rows of int8 weights: one
// instruction (VMLADAVA) multiplies eight pairs and adds them up in 32 bits. Five rows share the
// inputs of a column, or three rows those of two columns. |x * w| <= 2^22, so sums of kMostProducts
// are exact: where the op's own sums have 64 bits, longer rows are taken in parts.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/fixed_point.h"

namespace midge::arm_mve {

inline constexpr int32_t kMostProducts = 504;  // whole vectors below 2^9

// The output channels that meet columns, each with a row of weights. The bias says what sums are:
// of 32 bits if it is int32_t, of 64 if it is PackedInt64.
template <typename Bias>
class ChannelsS16 {
 public:
  static constexpr int32_t kBlock = 48;  // channels whose sums are kept

  // `bias` may be null.
  ChannelsS16(const QuantizedOutput& output, const int8_t* filter, const Bias* bias, int32_t depth,
              int32_t channels);

  // All outputs of one column, or of two, of `depth` inputs, whose zero point is 0. The second
  // column's outputs may overlap the first column if there is but a block of channels.
  template <int kColumns>
  void Compute(const int16_t* const (&x)[kColumns], int16_t* const (&out)[kColumns]) const;

 private:
  using Sum = std::conditional_t<std::is_same_v<Bias, int32_t>, int32_t, int64_t>;
  static constexpr bool kWide = sizeof(Sum) == 8;

  // Some of the channels, with what their sums begin with and what was added, column by column.
  struct Block {
    int32_t channel, count;
    const Bias* bias;
    const int32_t* sums;
  };
  template <int kColumns>
  bool FinishByVectors(const Block& block, int16_t* const (&out)[kColumns]) const;

  QuantizedOutput output_;
  const int8_t* filter_;
  const Bias* bias_;
  int32_t depth_, channels_;
  bool shifts_right_;  // all multipliers are below 1/2
};

}  // namespace midge::arm_mve
