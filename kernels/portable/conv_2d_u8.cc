// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/convolve.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void Conv2DU8(const ConvolutionU8Params& params, const ChannelMultipliers& multipliers,
              const RowView<const uint8_t>& input, const uint8_t* filter, const int32_t* bias,
              Rows rows, const RowView<uint8_t>& output) {
  Convolve(ProductsU8{filter, bias, params.input_zero_point, params.filter_zero_point,
                      params.output(multipliers)},
           params.shape, input, rows, output);
}

}  // namespace midge::portable
