// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/fully_connect.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void FullyConnectedF32S8(const FullyConnectedF32Params& params, const ChannelScales& scales,
                         const DynamicRange& range, const int8_t* input, const int8_t* filter,
                         const float* bias, float* output) {
  FullyConnect(ProductsF32S8{filter, bias, scales, range, params.clamp}, params.shape, input, 1,
               output);
}

}  // namespace midge::portable
