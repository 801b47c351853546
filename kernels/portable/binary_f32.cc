// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void AddF32(const BinaryF32Params& params, Repeat repeat, const float* a, const float* b,
            int32_t count, float* output) {
  MapBinaryF32(params.clamp, repeat, a, b, count, output, [](float x, float y) { return x + y; });
}

void DivF32(const BinaryF32Params& params, Repeat repeat, const float* a, const float* b,
            int32_t count, float* output) {
  MapBinaryF32(params.clamp, repeat, a, b, count, output, [](float x, float y) { return x / y; });
}

void FloorDivF32(const NoParams&, Repeat repeat, const float* a, const float* b, int32_t count,
                 float* output) {
  MapBinary(repeat, a, b, count, output, [](float x, float y) { return std::floor(x / y); });
}

void FloorModF32(const NoParams&, Repeat repeat, const float* a, const float* b, int32_t count,
                 float* output) {
  MapBinary(repeat, a, b, count, output, [](float x, float y) {
    const float rest = std::fmod(x, y);
    return rest != 0.f && (rest < 0.f) != (y < 0.f) ? rest + y : rest;
  });
}

void MulF32(const BinaryF32Params& params, Repeat repeat, const float* a, const float* b,
            int32_t count, float* output) {
  MapBinaryF32(params.clamp, repeat, a, b, count, output, [](float x, float y) { return x * y; });
}

void PowF32(const NoParams&, Repeat repeat, const float* a, const float* b, int32_t count,
            float* output) {
  MapBinary(repeat, a, b, count, output, [](float x, float y) { return std::pow(x, y); });
}

void PreluF32(const NoParams&, Repeat repeat, const float* a, const float* b, int32_t count,
              float* output) {
  MapBinary(repeat, a, b, count, output, [](float x, float y) { return x >= 0.f ? x : x * y; });
}

void SquaredDifferenceF32(const NoParams&, Repeat repeat, const float* a, const float* b,
                          int32_t count, float* output) {
  MapBinary(repeat, a, b, count, output, [](float x, float y) { return (x - y) * (x - y); });
}

void SubF32(const BinaryF32Params& params, Repeat repeat, const float* a, const float* b,
            int32_t count, float* output) {
  MapBinaryF32(params.clamp, repeat, a, b, count, output, [](float x, float y) { return x - y; });
}

}  // namespace midge::portable
