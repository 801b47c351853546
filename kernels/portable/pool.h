// SPDX-License-Identifier: Apache-2.0
//
// What the loops of channelwise.h do for pools.
#pragma once

#include <limits>

#include "kernels/fixed_point.h"

namespace midge::portable {

template <typename Element>
struct AverageOf {
  using Sum = int32_t;
  static constexpr bool kHasWeights = false;
  ClampRange clamp;

  int32_t First(int32_t) const { return 0; }
  int32_t Next(int32_t sum, Element x, int32_t) const { return sum + x; }
  Element Last(int32_t sum, int32_t, int32_t count) const {
    const int32_t half = count / 2;
    const int32_t mean = (sum > 0 ? sum + half : sum - half) / count;
    return static_cast<Element>(Clamp(mean, clamp.min, clamp.max));
  }
};

template <typename Element>
struct MaximumOf {
  using Sum = int32_t;
  static constexpr bool kHasWeights = false;
  ClampRange clamp;

  int32_t First(int32_t) const { return std::numeric_limits<Element>::min(); }
  int32_t Next(int32_t most, Element x, int32_t) const { return x > most ? x : most; }
  Element Last(int32_t most, int32_t, int32_t) const {
    return static_cast<Element>(Clamp(most, clamp.min, clamp.max));
  }
};

template <>
struct AverageOf<float> {
  using Sum = float;
  static constexpr bool kHasWeights = false;
  FloatClampRange clamp;

  float First(int32_t) const { return 0.f; }
  float Next(float sum, float x, int32_t) const { return sum + x; }
  float Last(float sum, int32_t, int32_t count) const {
    return ClampFloat(sum / static_cast<float>(count), clamp);
  }
};

template <>
struct MaximumOf<float> {
  using Sum = float;
  static constexpr bool kHasWeights = false;
  FloatClampRange clamp;

  float First(int32_t) const { return clamp.min; }
  float Next(float most, float x, int32_t) const { return x > most ? x : most; }
  float Last(float most, int32_t, int32_t) const { return ClampFloat(most, clamp); }
};

}  // namespace midge::portable
