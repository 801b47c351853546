// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/convolve.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void Conv2DF32S8(const ConvolutionF32Params& params, const ChannelScales& scales,
                 const DynamicRange& range, const RowView<const int8_t>& input,
                 const int8_t* filter, const float* bias, Rows rows, const RowView<float>& output) {
  Convolve(ProductsF32S8{filter, bias, scales, range, params.clamp}, params.shape, input, rows,
           output);
}

}  // namespace midge::portable
