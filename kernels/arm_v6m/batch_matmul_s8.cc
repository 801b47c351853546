// SPDX-License-Identifier: Apache-2.0
//
// A row of a is listed once and meets four columns of b at a time (taps.h), however these lie.
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/requantize.h"
#include "kernels/arm_v6m/taps.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kMostColumns = 64;  // whose sums are on the stack together

}  // namespace

static_assert(std::is_same_v<decltype(BatchMatMulS8), decltype(portable::BatchMatMulS8)>);

void BatchMatMulS8(const BatchMatMulS8Params& params, const int8_t* a, const int8_t* b,
                   int8_t* output) {
  const MatMulShape& shape = params.shape;
  const auto exponent = static_cast<int8_t>(params.multiplier.exponent);
  const QuantizedOutput quantized = {{&params.multiplier.multiplier_q31, &exponent, 0},
                                     params.output_zero_point,
                                     {INT8_MIN, INT8_MAX}};
  Scale scale(quantized);
  scale.SetChannel(quantized, 0);
  for (int32_t m = 0; m < shape.rows; ++m, a += shape.a_row_step) {
    for (int32_t n = 0; n < shape.columns; n += kMostColumns) {
      const int32_t left = shape.columns - n;
      const int32_t count = left < kMostColumns ? left : kMostColumns;
      int32_t sums[kMostColumns] = {};
      int32_t inputs = 0;  // their sum, less the zero point
      for (int32_t k = 0; k < shape.depth; k += kMostTaps) {
        const int32_t some = shape.depth - k < kMostTaps ? shape.depth - k : kMostTaps;
        const int8_t* x = a + k * shape.a_depth_step;
        int8_t gathered[kMostTaps];
        if (shape.a_depth_step != 1) {
          for (int32_t i = 0; i < some; ++i) gathered[i] = x[i * shape.a_depth_step];
          x = gathered;
        }
        Tap taps[kMostTaps];
        Tap* const end = ListTaps(x, 0, some, params.a_zero_point, taps);
        for (Tap* tap = taps; tap != end; ++tap) {
          inputs += tap->value;
          tap->place *= shape.b_depth_step;
        }
        AddTaps(taps, end, b + k * shape.b_depth_step + n * shape.b_column_step,
                shape.b_column_step, count, sums);
      }
      // sum_k (b - zb) * v = sum_k b * v - zb * sum_k v, where v = a - za.
      const auto offset =
          static_cast<uint32_t>(params.b_zero_point) * static_cast<uint32_t>(inputs) +
          static_cast<uint32_t>(scale.origin);
      for (int32_t i = 0; i < count; ++i) {
        *output++ =
            static_cast<int8_t>(scale.S8(quantized, static_cast<uint32_t>(sums[i]) - offset));
      }
    }
  }
}

}  // namespace midge::arm_v6m
