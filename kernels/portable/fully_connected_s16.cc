// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/fully_connect.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

template <typename Bias>
void FullyConnectedS16(const FullyConnectedS16Params& params, const ChannelMultipliers& multipliers,
                       const int16_t* input, const int8_t* filter, const Bias* bias,
                       int32_t batches, int16_t* output) {
  using Products = ProductsS16<Bias>;
  const int32_t zero_point = params.input_zero_point;
  const QuantizedOutput quantized = {multipliers, params.output_zero_point, params.clamp};
  FullyConnect(Products{filter, bias, zero_point, quantized}, params.shape, input, batches, output,
               [&](const int16_t* x) {
                 return WeightsZeroPointOffset<typename Products::Sum>(
                     params.filter_zero_point, zero_point, x, params.shape.depth);
               });
}

template FullyConnectedS16Kernel<int32_t> FullyConnectedS16<int32_t>;
template FullyConnectedS16Kernel<PackedInt64> FullyConnectedS16<PackedInt64>;

}  // namespace midge::portable
