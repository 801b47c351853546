// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void LogisticF32(const LogisticF32Params&, const float* input, int32_t count, float* output) {
  // exp of a negative number neither overflows nor cancels.
  MapUnary(input, count, output, [](float x) {
    const float e = std::exp(-std::fabs(x));
    return (x < 0.f ? e : 1.f) / (1.f + e);
  });
}

}  // namespace midge::portable
