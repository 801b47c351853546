// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/fully_connect.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void FullyConnectedU8(const FullyConnectedU8Params& params, const ChannelMultipliers& multipliers,
                      const uint8_t* input, const uint8_t* filter, const int32_t* bias,
                      int32_t batches, uint8_t* output) {
  const int32_t zero_point = params.input_zero_point;
  const QuantizedOutput quantized = {multipliers, params.output_zero_point, params.clamp};
  FullyConnect(ProductsU8{filter, bias, zero_point, 0, quantized}, params.shape, input, batches,
               output, [&](const uint8_t* x) {
                 return WeightsZeroPointOffset<int32_t>(params.filter_zero_point, zero_point, x,
                                                        params.shape.depth);
               });
}

}  // namespace midge::portable
