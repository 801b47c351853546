// SPDX-License-Identifier: Apache-2.0
//
// A multiplier from a real number that only floating point can tell (a root): in double, as the
// field has it. All others come from requant.h.
#pragma once

#include <cmath>

#include "kernels/fixed_point.h"

namespace midge {

// Requires real > 0 and finite. The exponent is not limited above.
inline QuantizedMultiplier MultiplierOfReal(double real) {
  int exponent;
  const double q31 = std::frexp(real, &exponent) * 2147483648.0 + 0.5;
  if (exponent < -31) return {0, 0};
  return q31 < 2147483648.0 ? QuantizedMultiplier{static_cast<int32_t>(q31), exponent}
                            : QuantizedMultiplier{1 << 30, exponent + 1};
}

}  // namespace midge
