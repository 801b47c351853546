// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

template <typename T, typename Sum>
void Accumulate(const T* input, int32_t count, Sum* sums) {
  for (int32_t i = 0; i < count; ++i)
    sums[i] = static_cast<Sum>(sums[i] + static_cast<Sum>(input[i]));
}
template void Accumulate(const float* input, int32_t count, float* sums);
template void Accumulate(const int8_t* input, int32_t count, int32_t* sums);
template void Accumulate(const int32_t* input, int32_t count, uint32_t* sums);

void AddNS8(const AddNS8Params& params, const int32_t* sums, int32_t count, int8_t* output) {
  const AddNS8Params p = params;
  MapUnary(sums, count, output, [=](int32_t sum) {
    // Requantize(difference * 2^19), where the product may need more than 32 bits.
    const int64_t difference = sum - p.input_zero_points;
    const int64_t y = (difference * p.multiplier.multiplier_q31 + (1 << 11)) >> 12;
    const int32_t shift = -p.multiplier.exponent;
    const int64_t half = shift == 0 ? 0 : int64_t{1} << (shift - 1);
    const int64_t rounded = (y + (shift == 0 || y >= 0 ? 0 : -1) + half) >> shift;
    const int64_t value = p.output_zero_point + rounded;
    return static_cast<int8_t>(value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value);
  });
}

}  // namespace midge::portable
