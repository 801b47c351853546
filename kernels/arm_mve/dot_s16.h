// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of ops in which columns of int16 inputs meet rows of int8 weights: one instruction
// (VMLADAVA) multiplies eight pairs and adds them up in 32 bits, and five rows share the inputs.
// |x * w| <= 2^22, so sums of kMostProducts are exact: where the op's own sums have 64 bits, longer
// rows are taken in parts.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/fixed_point.h"

namespace midge::arm_mve {

inline constexpr int32_t kMostProducts = 504;  // whole vectors below 2^9

// The output channels that meet a column, each with a row of weights. The bias says what sums are:
// of 32 bits if it is int32_t, of 64 if it is PackedInt64.
template <typename Bias>
class ChannelsS16 {
 public:
  // `bias` may be null.
  ChannelsS16(const QuantizedOutput& output, const int8_t* filter, const Bias* bias, int32_t depth,
              int32_t channels);

  // All outputs of the column x of `depth` inputs, whose zero point is 0.
  void Compute(const int16_t* x, int16_t* out) const;

 private:
  static constexpr int32_t kBlock = 48;  // channels whose sums are kept
  static constexpr bool kWide = !std::is_same_v<Bias, int32_t>;

  // What sums begin with, what was added to them, and where their outputs go: `count` channels from
  // `channel` on.
  struct Block {
    const Bias* bias;
    const int32_t* sums;
    int16_t* out;
    int32_t channel, count;
  };
  void Finish(const Block& block) const;
  bool FinishByVectors(const Block& block) const;

  QuantizedOutput output_;
  const int8_t* filter_;
  const Bias* bias_;
  int32_t depth_, channels_;
  bool shifts_right_;  // all multipliers are below 1/2
};

}  // namespace midge::arm_mve
