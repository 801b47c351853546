// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/fully_connect.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void FullyConnectedF32(const FullyConnectedF32Params& params, const float* input,
                       const float* filter, const float* bias, int32_t batches, float* output) {
  FullyConnect(ProductsF32{filter, bias, params.clamp}, params.shape, input, batches, output);
}

}  // namespace midge::portable
