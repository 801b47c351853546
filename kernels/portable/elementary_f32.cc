// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void AbsF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return std::fabs(x); });
}

void CeilF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return std::ceil(x); });
}

void CosF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return std::cos(x); });
}

void EluF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return Elu(x); });
}

void ExpF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return std::exp(x); });
}

void FloorF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return std::floor(x); });
}

void GeluF32(const GeluParams& params, const float* input, int32_t count, float* output) {
  if (params.approximate) {
    MapUnary(input, count, output, [](float x) { return GeluApproximate(x); });
  } else {
    MapUnary(input, count, output, [](float x) { return Gelu(x); });
  }
}

void HardSwishF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) {
    const float shifted = x + 3.f;
    return x * (shifted < 0.f ? 0.f : shifted > 6.f ? 6.f : shifted) / 6.f;
  });
}

void LogF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return std::log(x); });
}

void LogisticF32(const NoParams&, const float* input, int32_t count, float* output) {
  // exp of a negative number neither overflows nor cancels.
  MapUnary(input, count, output, [](float x) {
    const float e = std::exp(-std::fabs(x));
    return (x < 0.f ? e : 1.f) / (1.f + e);
  });
}

void NegF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return -x; });
}

void RoundF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return Round(x); });
}

void RsqrtF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return 1.f / std::sqrt(x); });
}

void SinF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return std::sin(x); });
}

void SqrtF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return std::sqrt(x); });
}

void SquareF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return x * x; });
}

void TanhF32(const NoParams&, const float* input, int32_t count, float* output) {
  MapUnary(input, count, output, [](float x) { return std::tanh(x); });
}

}  // namespace midge::portable
