// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/convolve.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void Conv2DS8S4(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                const RowView<const int8_t>& input, const uint8_t* filter, const int32_t* bias,
                Rows rows, Scratch, const RowView<int8_t>& output) {
  Convolve(ProductsS8S4{filter, bias, params.input_zero_point, params.output(multipliers)},
           params.shape, input, rows, output);
}

}  // namespace midge::portable
