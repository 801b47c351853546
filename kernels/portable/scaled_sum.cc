// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

template <typename T>
void ScaledSumElements(const ScaledSumParams& params, Repeat repeat, const T* a, const T* b,
                       int32_t count, T* output) {
  const int32_t zero_point_a = params.zero_point_a, zero_point_b = params.zero_point_b;
  const int32_t output_zero_point = params.output_zero_point;
  const int32_t one = 1 << params.left_shift;
  const int32_t sign = params.sign_of_b;
  const int32_t low = params.clamp.min, high = params.clamp.max;
  const Requantizer scale_a(params.multiplier_a), scale_b(params.multiplier_b);
  const Requantizer scale_output(params.output_multiplier);
  MapBinary(repeat, a, b, count, output, [=](int32_t x, int32_t y) {
    const int32_t scaled_x = scale_a.Apply((x - zero_point_a) * one);
    const int32_t scaled_y = scale_b.Apply((y - zero_point_b) * one);
    const int32_t sum = scaled_x + sign * scaled_y;
    return static_cast<T>(Clamp(output_zero_point + scale_output.Apply(sum), low, high));
  });
}
template BinaryKernel<ScaledSumParams, int8_t, int8_t> ScaledSumElements;
template BinaryKernel<ScaledSumParams, int16_t, int16_t> ScaledSumElements;
template BinaryKernel<ScaledSumParams, uint8_t, uint8_t> ScaledSumElements;

}  // namespace midge::portable
