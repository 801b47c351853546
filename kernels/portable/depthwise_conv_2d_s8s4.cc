// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"
#include "kernels/portable/products.h"

namespace midge::portable {
namespace {

struct Kernel {
  using Sum = int32_t;
  static constexpr bool kHasWeights = true;
  ProductsS8S4 products;

  Sum First(int32_t o) const { return products.Begin(o); }
  Sum Next(Sum sum, int8_t x, int32_t w) const {
    return AddWrapping(sum, (x - products.zero_point) * WeightS4(products.weights, w));
  }
  int8_t Last(Sum sum, int32_t o, int32_t) const { return products.End(sum, o); }
};

}  // namespace

void DepthwiseConv2DS8S4(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                         const RowView<const int8_t>& input, const uint8_t* filter,
                         const int32_t* bias, Rows rows, Scratch, const RowView<int8_t>& output) {
  const Kernel kernel = {{filter, bias, params.input_zero_point, params.output(multipliers)}};
  ReduceChannelwise(kernel, params.shape, input, rows, output);
}

}  // namespace midge::portable
