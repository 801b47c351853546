// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/units_s16.h"
#include "kernels/portable/dot.h"

namespace midge::arm_v6m {

template <typename Bias>
void FullyConnectedS16(const FullyConnectedS16Params& params, const ChannelMultipliers& multipliers,
                       const int16_t* input, const int8_t* filter, const Bias* bias,
                       int32_t batches, int16_t* output) {
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const UnitsS16<Bias> all = {filter,
                              bias,
                              depth,
                              units,
                              params.input_zero_point,
                              {multipliers, params.output_zero_point, params.clamp}};
  for (; batches > 0; --batches, input += depth, output += units) {
    const auto more = portable::WeightsZeroPointOffset<SumS16<Bias>>(
        params.filter_zero_point, params.input_zero_point, input, depth);
    for (int32_t u = 0; u < units; u += UnitSumsS16<Bias>::kMost) {
      UnitSumsS16<Bias> sums(all, u, more);
      sums.Add(input, depth, 0);
      sums.Finish(output + u);
    }
  }
}

static_assert(std::is_same_v<decltype(FullyConnectedS16<int32_t>),
                             decltype(portable::FullyConnectedS16<int32_t>)>);
template FullyConnectedS16Kernel<int32_t> FullyConnectedS16<int32_t>;
template FullyConnectedS16Kernel<PackedInt64> FullyConnectedS16<PackedInt64>;

}  // namespace midge::arm_v6m
