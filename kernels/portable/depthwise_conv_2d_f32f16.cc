// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"
#include "kernels/portable/products.h"

namespace midge::portable {
namespace {

struct Kernel {
  using Sum = float;
  static constexpr bool kHasWeights = true;
  ProductsF32F16 products;

  Sum First(int32_t) const { return 0.f; }
  Sum Next(Sum sum, float x, int32_t w) const {
    return sum + x * Float16ToFloat32(products.weights[w]);
  }
  float Last(Sum sum, int32_t o, int32_t) const { return products.End(sum, o); }
};

}  // namespace

void DepthwiseConv2DF32F16(const ConvolutionF32Params& params, const RowView<const float>& input,
                           const uint16_t* filter, const Float16Bias& bias, Rows rows,
                           const RowView<float>& output) {
  const Kernel kernel = {{filter, bias, params.clamp}};
  ReduceChannelwise(kernel, params.shape, input, rows, output);
}

}  // namespace midge::portable
