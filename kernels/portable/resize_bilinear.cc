// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

template <typename Sum, typename T>
void ResizeRow(const ResizeQ10Params& params, const T* upper, const T* lower, int32_t fraction_q10,
               T* output) {
  const Sum from_upper = 1024 - fraction_q10, from_lower = fraction_q10;
  for (int32_t x = 0; x < params.output_width; ++x) {
    const ResizeAxisQ10::Place place = params.columns.PlaceOf(x);
    const Sum left = 1024 - place.fraction, right = place.fraction;
    const int32_t first = place.first * params.channels, second = place.second * params.channels;
    for (int32_t c = 0; c < params.channels; ++c) {
      const Sum sum = from_upper * (left * upper[first + c] + right * upper[second + c]) +
                      from_lower * (left * lower[first + c] + right * lower[second + c]);
      const Sum half = sum > 0 ? 1 << 19 : -(1 << 19);
      *output++ = static_cast<T>((sum + half) / (1 << 20));
    }
  }
}

// Integers are rounded by what is added before their fraction is dropped.
template <typename T>
void ResizeRow(const ResizeF32Params& params, const T* upper, const T* lower, float fraction,
               float half, T* output) {
  for (int32_t x = 0; x < params.output_width; ++x) {
    const ResizeAxisF32::Place place = params.columns.PlaceOf(x);
    const float left = 1.f - place.fraction, right = place.fraction;
    const int32_t first = place.first * params.channels, second = place.second * params.channels;
    for (int32_t c = 0; c < params.channels; ++c) {
      const float sum = static_cast<float>(upper[first + c]) * (1.f - fraction) * left +
                        static_cast<float>(lower[first + c]) * fraction * left +
                        static_cast<float>(upper[second + c]) * (1.f - fraction) * right +
                        static_cast<float>(lower[second + c]) * fraction * right;
      *output++ = static_cast<T>(sum + half);
    }
  }
}

}  // namespace

void ResizeBilinearS8(const ResizeQ10Params& params, const int8_t* upper, const int8_t* lower,
                      int32_t fraction_q10, int8_t* output) {
  ResizeRow<int32_t>(params, upper, lower, fraction_q10, output);
}

void ResizeBilinearS16(const ResizeQ10Params& params, const int16_t* upper, const int16_t* lower,
                       int32_t fraction_q10, int16_t* output) {
  ResizeRow<int64_t>(params, upper, lower, fraction_q10, output);
}

void ResizeBilinearF32(const ResizeF32Params& params, const float* upper, const float* lower,
                       float fraction, float* output) {
  ResizeRow(params, upper, lower, fraction, 0.f, output);
}

void ResizeBilinearU8(const ResizeF32Params& params, const uint8_t* upper, const uint8_t* lower,
                      float fraction, uint8_t* output) {
  ResizeRow(params, upper, lower, fraction, 0.5f, output);
}

}  // namespace midge::portable
