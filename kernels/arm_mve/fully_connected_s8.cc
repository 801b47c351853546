// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/dot_s8.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {

static_assert(std::is_same_v<decltype(FullyConnectedS8), decltype(portable::FullyConnectedS8)>);

void FullyConnectedS8(const FullyConnectedS8Params& params, const ChannelMultipliers& multipliers,
                      const int8_t* input, const int8_t* filter, const int32_t* bias,
                      int32_t batches, int8_t* output) {
  constexpr int32_t kBlock = 96;  // units
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const Requantization to = {multipliers, params.output_zero_point, params.clamp};
  for (int32_t b = 0; b < batches; ++b, input += depth, output += units) {
    const DotInput x(input, params.input_zero_point, depth);
    // The filter's zero point: -zf * sum (x - zi).
    int32_t first = 0;
    if (params.filter_zero_point != 0) {
      const uint32_t sum =
          static_cast<uint32_t>(Sum(input, depth, 0)) -
          static_cast<uint32_t>(depth) * static_cast<uint32_t>(params.input_zero_point);
      first = MultiplyWrapping(-params.filter_zero_point, static_cast<int32_t>(sum));
    }
    for (int32_t u = 0; u < units; u += kBlock) {
      const int32_t count = units - u < kBlock ? units - u : kBlock;
      int32_t sums[kBlock], own[kBlock];
      const int32_t* from = own;
      if (bias != nullptr && first == 0) {
        from = bias + u;
      } else {
        for (int32_t k = 0; k < count; ++k) {
          own[k] = AddWrapping(bias != nullptr ? bias[u + k] : 0, first);
        }
      }
      x.Products(from, filter + u * depth, count, sums);
      RequantizeS8(to, sums, u, count, output + u);
    }
  }
}

}  // namespace midge::arm_mve
