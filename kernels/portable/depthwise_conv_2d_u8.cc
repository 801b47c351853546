// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

struct Kernel {
  using Sum = int32_t;
  static constexpr bool kHasWeights = true;
  const uint8_t* filter;
  const int32_t* bias;
  int32_t zero_point, filter_zero_point;
  QuantizedOutput output;

  int32_t First(int32_t o) const { return bias != nullptr ? bias[o] : 0; }
  int32_t Next(int32_t sum, uint8_t x, int32_t w) const {
    return AddWrapping(sum, (x - zero_point) * (filter[w] - filter_zero_point));
  }
  uint8_t Last(int32_t sum, int32_t o, int32_t) const { return output.U8(sum, o); }
};

}  // namespace

void DepthwiseConv2DU8(const ConvolutionU8Params& params, const ChannelMultipliers& multipliers,
                       const RowView<const uint8_t>& input, const uint8_t* filter,
                       const int32_t* bias, Rows rows, const RowView<uint8_t>& output) {
  const Kernel kernel = {filter, bias, params.input_zero_point, params.filter_zero_point,
                         params.output(multipliers)};
  ReduceChannelwise(kernel, params.shape, input, rows, output);
}

}  // namespace midge::portable
