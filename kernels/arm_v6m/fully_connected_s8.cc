// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/units.h"

namespace midge::arm_v6m {

static_assert(std::is_same_v<decltype(FullyConnectedS8), decltype(portable::FullyConnectedS8)>);

void FullyConnectedS8(const FullyConnectedS8Params& params, const ChannelMultipliers& multipliers,
                      const int8_t* input, const int8_t* filter, const int32_t* bias,
                      int32_t batches, int8_t* output) {
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const QuantizedOutput quantized = {multipliers, params.output_zero_point, params.clamp};
  for (; batches > 0; --batches, input += depth, output += units) {
    // sum (w - zf) * v = sum w * v - zf * sum v, where v = input - zi.
    int32_t first = 0;
    if (params.filter_zero_point != 0) {
      int32_t sum = 0;
      for (int32_t d = 0; d < depth; ++d) {
        sum = AddWrapping(sum, input[d] - params.input_zero_point);
      }
      first = static_cast<int32_t>(static_cast<uint32_t>(-params.filter_zero_point) *
                                   static_cast<uint32_t>(sum));
    }
    RunUnits({input, depth, units, params.input_zero_point, filter, bias, first}, quantized,
             output);
  }
}

}  // namespace midge::arm_v6m
