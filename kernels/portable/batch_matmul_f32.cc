// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/matmul.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void BatchMatMulF32(const MatMulShape& shape, const float* a, const float* b, float* output) {
  MatMul<float>(
      shape, a, b, [](const float*) { return 0.f; }, [](float x) { return x; },
      [](float sum, float v, float w) { return sum + v * w; }, [&](float sum) { *output++ = sum; });
}

}  // namespace midge::portable
