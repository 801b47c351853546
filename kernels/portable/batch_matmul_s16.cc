// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/matmul.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void BatchMatMulS16(const BatchMatMulS16Params& params, const int16_t* a, const int16_t* b,
                    int16_t* output) {
  const auto [multiplier_q31, exponent] = params.multiplier;
  MatMul<int64_t>(
      params.shape, a, b, [](const int16_t*) { return int64_t{0}; },
      [](int16_t x) { return int32_t{x}; },
      [](int64_t sum, int32_t v, int16_t w) { return sum + v * w; },
      [&, q31 = multiplier_q31, e = exponent](int64_t sum) {
        *output++ = static_cast<int16_t>(Clamp(RequantizeWide(sum, q31, e), INT16_MIN, INT16_MAX));
      });
}

}  // namespace midge::portable
