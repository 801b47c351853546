// SPDX-License-Identifier: Apache-2.0
#include "kernels/piecewise_linear.h"

#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void PiecewiseLinearS16(const PiecewiseLinearParams& params, const int16_t* input, int32_t count,
                        int16_t* output) {
  const int32_t input_zero_point = params.input_zero_point;
  const int32_t output_zero_point = params.output_zero_point;
  const int32_t low = params.low, high = params.high;
  const Requantizer positive(params.positive), negative(params.negative);
  MapUnary(input, count, output, [=](int32_t x) {
    const int32_t d = x - input_zero_point;
    const int32_t y = d > 0 ? positive.Apply(d) : negative.Apply(d);
    return static_cast<int16_t>(Clamp(output_zero_point + y, low, high));
  });
}

void PiecewiseLinearF32(const PiecewiseLinearF32Params& params, const float* input, int32_t count,
                        float* output) {
  const float negative = params.negative;
  const FloatClampRange clamp = params.clamp;
  MapUnary(input, count, output,
           [=](float x) { return ClampFloat(x > 0.f ? x : x * negative, clamp); });
}

}  // namespace midge::portable
