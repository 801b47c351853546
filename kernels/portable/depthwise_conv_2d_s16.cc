// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"
#include "kernels/portable/products.h"

namespace midge::portable {
namespace {

template <typename Bias>
struct Kernel {
  using Sum = typename ProductsS16<Bias>::Sum;
  static constexpr bool kHasWeights = true;
  ProductsS16<Bias> products;

  Sum First(int32_t o) const { return products.Begin(o); }
  Sum Next(Sum sum, int16_t x, int32_t w) const {
    return AddWrapping(sum, Sum{x * products.weights[w]});
  }
  int16_t Last(Sum sum, int32_t o, int32_t) const { return products.End(sum, o); }
};

}  // namespace

template <typename Bias>
void DepthwiseConv2DS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
                        const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
                        Rows rows, Scratch, const RowView<int16_t>& output) {
  const Kernel<Bias> kernel = {{filter, bias, 0, params.output(multipliers)}};
  ReduceChannelwise(kernel, params.shape, input, rows, output);
}

template ConvolutionS16<int32_t> DepthwiseConv2DS16<int32_t>;
template ConvolutionS16<PackedInt64> DepthwiseConv2DS16<PackedInt64>;

}  // namespace midge::portable
