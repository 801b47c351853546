// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/portable.h"
#include "kernels/portable/transpose_convolve.h"

namespace midge::portable {

void TransposeConvF32(const ConvolutionF32Params& params, const RowView<const float>& input,
                      const float* filter, const float* bias, Rows rows,
                      const RowView<float>& output) {
  TransposeConvolve(ProductsF32{filter, bias, params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
