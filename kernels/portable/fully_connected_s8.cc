// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/fully_connect.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void FullyConnectedS8(const FullyConnectedS8Params& params, const ChannelMultipliers& multipliers,
                      const int8_t* input, const int8_t* filter, const int32_t* bias,
                      int32_t batches, int8_t* output) {
  const int32_t zero_point = params.input_zero_point;
  const QuantizedOutput quantized = {multipliers, params.output_zero_point, params.clamp};
  FullyConnect(ProductsS8{filter, bias, zero_point, quantized}, params.shape, input, batches,
               output, [&](const int8_t* x) {
                 return WeightsZeroPointOffset<int32_t>(params.filter_zero_point, zero_point, x,
                                                        params.shape.depth);
               });
}

}  // namespace midge::portable
