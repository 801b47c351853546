// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/matmul.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void BatchMatMulS8(const BatchMatMulS8Params& params, const int8_t* a, const int8_t* b,
                   int8_t* output) {
  const int32_t a_zero_point = params.a_zero_point, b_zero_point = params.b_zero_point;
  const MatMulShape& shape = params.shape;
  MatMul<int32_t>(
      shape, a, b,
      // sum_k (b - zb) * v = sum_k b * v - zb * sum_k v, where v = a - za.
      [&](const int8_t* row) {
        int32_t sum = 0;
        for (int32_t k = 0; b_zero_point != 0 && k < shape.depth; ++k) {
          sum = AddWrapping(sum, row[k * shape.a_depth_step] - a_zero_point);
        }
        return MultiplyWrapping(-b_zero_point, sum);
      },
      [=](int8_t x) { return x - a_zero_point; },
      [](int32_t sum, int32_t v, int8_t w) { return AddWrapping(sum, v * w); },
      [&](int32_t sum) {
        const int32_t value =
            AddWrapping(Requantize(sum, params.multiplier), params.output_zero_point);
        *output++ = static_cast<int8_t>(Clamp(value, INT8_MIN, INT8_MAX));
      });
}

}  // namespace midge::portable
