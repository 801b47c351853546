// SPDX-License-Identifier: Apache-2.0
//
// As units.h, of int16 inputs, which come in runs: what fully connected layers and convolutions
// without memory for more have in common.
#pragma once

#include "kernels/arm_v6m/requantize_s16.h"
#include "kernels/arm_v6m/taps.h"

namespace midge::arm_v6m {

// What all units share. The bias says how wide sums are.
template <typename Bias>
struct UnitsS16 {
  const int8_t* filter;  // [units][depth]
  const Bias* bias;      // or null
  int32_t depth, units;
  int32_t zero_point;  // of inputs
  QuantizedOutput output;
};

// The sums of kMost units, or of those that are left, which begin at unit `first`:
//
//   out[k] = S16(more + bias[u] + sum_d filter[u][d] * (x[d] - zero_point)), u = first + k
template <typename Bias>
class UnitSumsS16 {
 public:
  static constexpr int32_t kMost = 64;

  UnitSumsS16(const UnitsS16<Bias>& units, int32_t first, SumS16<Bias> more);
  // Adds the products of x[0] to x[count - 1], which are the inputs from `place` on.
  void Add(const int16_t* x, int32_t count, int32_t place);
  void Finish(int16_t* out);

 private:
  void AddListed();
  void MoveParts();

  const UnitsS16<Bias>& units_;
  int32_t first_, count_;
  SumS16<Bias> more_;
  int32_t products_ = 0;  // in the parts and the list
  bool moved_ = false;    // sums have begun
  Tap* end_ = taps_;
  Tap taps_[kMostTaps];
  int32_t parts_[kMost];
  Bias sums_[kMost];
};

}  // namespace midge::arm_v6m
