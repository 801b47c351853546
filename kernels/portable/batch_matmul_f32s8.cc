// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/matmul.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void BatchMatMulF32S8(const BatchMatMulF32S8Params& params, const float* a, const int8_t* b,
                      uint8_t* scratch, float* output) {
  MatMulShape row = params.shape;
  row.rows = 1;
  row.a_depth_step = 1;
  const int32_t depth = row.depth, step = params.shape.a_depth_step;
  auto* const gathered = reinterpret_cast<float*>(scratch);
  auto* const quantized = reinterpret_cast<int8_t*>(step == 1 ? scratch : scratch + depth * 4);
  for (int32_t m = 0; m < params.shape.rows; ++m, a += params.shape.a_row_step) {
    for (int32_t k = 0; step != 1 && k < depth; ++k) gathered[k] = a[k * step];
    const DynamicRange range =
        QuantizeDynamic(params.asymmetric, step == 1 ? a : gathered, depth, quantized);
    const float scale = range.scale * params.b_scale;
    MatMul<int32_t>(
        row, quantized, b, [](const int8_t*) { return 0; },
        [&](int8_t x) { return x - range.zero_point; },
        [](int32_t sum, int32_t v, int8_t w) { return AddWrapping(sum, v * w); },
        [&](int32_t sum) { *output++ = static_cast<float>(sum) * scale; });
  }
}

}  // namespace midge::portable
