// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of ops in which columns of int16 inputs meet rows of int8 weights: one
// instruction (VMLADAVA) multiplies eight pairs and adds them up in 32 bits. Five rows share the
// inputs of a column, or three rows those of two columns. |x * w| <= 2^22, so sums of kMostProducts
// are exact: where the op's own sums have 64 bits, longer rows are taken in parts.
#pragma once

#include <cstdint>

#include "kernels/arm_mve/requantize_s16.h"
#include "kernels/fixed_point.h"

namespace midge::arm_mve {

inline constexpr int32_t kMostProducts = 504;  // whole vectors below 2^9

// The output channels that meet columns, each with a row of weights.
template <typename Bias>
class ChannelsS16 {
 public:
  // `bias` may be null.
  ChannelsS16(const QuantizedOutput& output, const int8_t* filter, const Bias* bias, int32_t depth,
              int32_t channels)
      : outputs_(output, bias, channels), filter_(filter), depth_(depth), channels_(channels) {}

  // All outputs of one column, or of two, of `depth` inputs, whose zero point is 0. The second
  // column's outputs may overlap the first column if there are at most kBlockS16 channels.
  template <int kColumns>
  void Compute(const int16_t* const (&x)[kColumns], int16_t* const (&out)[kColumns]) const;

 private:
  static constexpr bool kWide = sizeof(typename OutputsS16<Bias>::Sum) == 8;

  OutputsS16<Bias> outputs_;
  const int8_t* filter_;
  int32_t depth_, channels_;
};

}  // namespace midge::arm_mve
