// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/convolve.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void Conv2DF32(const ConvolutionF32Params& params, const RowView<const float>& input,
               const float* filter, const float* bias, Rows rows, const RowView<float>& output) {
  Convolve(ProductsF32{filter, bias, params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
