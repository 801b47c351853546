// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

template <typename T>
void Mul(const MulS8Params& params, Repeat repeat, const T* a, const T* b, int32_t count,
         T* output) {
  const int32_t zero_point_a = params.zero_point_a;
  const int32_t zero_point_b = params.zero_point_b;
  const int32_t output_zero_point = params.output_zero_point;
  const int32_t low = params.clamp.min, high = params.clamp.max;
  const Requantizer requantizer(params.multiplier);
  MapBinary(repeat, a, b, count, output, [=](int32_t x, int32_t y) {
    const int32_t product = (x - zero_point_a) * (y - zero_point_b);
    const int32_t value = output_zero_point + requantizer.Apply(product);
    return static_cast<T>(Clamp(value, low, high));
  });
}

}  // namespace

void MulS8(const MulS8Params& params, Repeat repeat, const int8_t* a, const int8_t* b,
           int32_t count, int8_t* output) {
  Mul(params, repeat, a, b, count, output);
}

void MulU8(const MulS8Params& params, Repeat repeat, const uint8_t* a, const uint8_t* b,
           int32_t count, uint8_t* output) {
  Mul(params, repeat, a, b, count, output);
}

}  // namespace midge::portable
