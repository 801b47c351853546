// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/portable.h"
#include "kernels/portable/transpose_convolve.h"

namespace midge::portable {

template <typename Bias>
void TransposeConvS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
                      const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
                      Rows rows, Scratch, const RowView<int16_t>& output) {
  TransposeConvolve(
      ProductsS16<Bias>{filter, bias, params.input_zero_point, params.output(multipliers)},
      params.shape, input, rows, output);
}

template ConvolutionS16<int32_t> TransposeConvS16<int32_t>;
template ConvolutionS16<PackedInt64> TransposeConvS16<PackedInt64>;

}  // namespace midge::portable
