// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"
#include "kernels/portable/products.h"

namespace midge::portable {
namespace {

struct Kernel {
  using Sum = int32_t;
  static constexpr bool kHasWeights = true;
  ProductsF32S8 products;

  Sum First(int32_t) const { return 0; }
  Sum Next(Sum sum, int8_t x, int32_t w) const {
    return AddWrapping(sum, (x - products.range.zero_point) * products.weights[w]);
  }
  float Last(Sum sum, int32_t o, int32_t) const { return products.End(sum, o); }
};

}  // namespace

void DepthwiseConv2DF32S8(const ConvolutionF32Params& params, const ChannelScales& scales,
                          const DynamicRange& range, const RowView<const int8_t>& input,
                          const int8_t* filter, const float* bias, Rows rows,
                          const RowView<float>& output) {
  const Kernel kernel = {{filter, bias, scales, range, params.clamp}};
  ReduceChannelwise(kernel, params.shape, input, rows, output);
}

}  // namespace midge::portable
