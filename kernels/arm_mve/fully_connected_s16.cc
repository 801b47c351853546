// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/dot_s16.h"

namespace midge::arm_mve {

template <typename Bias>
void FullyConnectedS16(const FullyConnectedS16Params& params, const ChannelMultipliers& multipliers,
                       const int16_t* input, const int8_t* filter, const Bias* bias,
                       int32_t batches, int16_t* output) {
  if (params.input_zero_point != 0 || params.filter_zero_point != 0) {  // no converter makes them
    return portable::FullyConnectedS16(params, multipliers, input, filter, bias, batches, output);
  }
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const ChannelsS16<Bias> channels({multipliers, params.output_zero_point, params.clamp}, filter,
                                   bias, depth, units);
  for (; batches > 0; --batches, input += depth, output += units) {
    channels.template Compute<1>({input}, {output});
  }
}

static_assert(std::is_same_v<decltype(FullyConnectedS16<int32_t>),
                             decltype(portable::FullyConnectedS16<int32_t>)>);
template FullyConnectedS16Kernel<int32_t> FullyConnectedS16<int32_t>;
template FullyConnectedS16Kernel<PackedInt64> FullyConnectedS16<PackedInt64>;

}  // namespace midge::arm_mve
