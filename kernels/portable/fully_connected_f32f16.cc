// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/fully_connect.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void FullyConnectedF32F16(const FullyConnectedF32Params& params, const float* input,
                          const uint16_t* filter, const Float16Bias& bias, int32_t batches,
                          float* output) {
  FullyConnect(ProductsF32F16{filter, bias, params.clamp}, params.shape, input, batches, output);
}

}  // namespace midge::portable
