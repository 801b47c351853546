// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/fixed_point.h"

namespace midge::arm_mve {

inline constexpr int32_t kBlockS16 = 48;  // channels whose sums kernels keep

// Makes sums of products of int16 inputs and int8 weights the outputs of their channels. The bias
// says what sums are: of 32 bits if it is int32_t, of 64 if it is PackedInt64.
template <typename Bias>
class OutputsS16 {
 public:
  using Sum = std::conditional_t<std::is_same_v<Bias, int32_t>, int32_t, int64_t>;

  // `bias` may be null.
  OutputsS16(const QuantizedOutput& output, const Bias* bias, int32_t channels);

  // `count` outputs, at least one and at most kBlockS16, of channels from `channel` on. Sums have
  // no bias yet and fit 32 bits; those of a second column are kBlockS16 behind the first one's.
  template <int kColumns>
  void Finish(int32_t channel, int32_t count, const int32_t* sums,
              int16_t* const (&out)[kColumns]) const;
  int16_t Finish(int32_t channel, Sum sum) const;

 private:
  static constexpr bool kWide = sizeof(Sum) == 8;

  template <int kColumns>
  bool FinishByVectors(int32_t channel, int32_t count, const int32_t* sums,
                       int16_t* const (&to)[kColumns]) const;

  QuantizedOutput output_;
  const Bias* bias_;
  bool shifts_right_;  // all multipliers are below 1/2
};

}  // namespace midge::arm_mve
