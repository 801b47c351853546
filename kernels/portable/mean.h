// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "kernels/mean.h"

namespace midge::portable {

// Of int8, uint8 or int16, from the sum of what is combined.
template <typename T>
T FinishMean(const QuantizedMeanParams& params, int32_t sum) {
  using Limits = std::numeric_limits<T>;
  const int32_t scaled = Requantize(AddWrapping(sum, -params.input_offset), params.multiplier);
  const int32_t value = AddWrapping(scaled, params.output_zero_point);
  return static_cast<T>(Clamp(value, Limits::min(), Limits::max()));
}

}  // namespace midge::portable
