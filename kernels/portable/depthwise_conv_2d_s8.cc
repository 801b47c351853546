// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

struct Kernel {
  using Sum = int32_t;
  static constexpr bool kHasWeights = true;
  const int8_t* filter;
  const int32_t* bias;
  int32_t zero_point;
  QuantizedOutput output;

  int32_t First(int32_t o) const { return bias != nullptr ? bias[o] : 0; }
  int32_t Next(int32_t sum, int8_t x, int32_t w) const {
    return AddWrapping(sum, (x - zero_point) * filter[w]);
  }
  int8_t Last(int32_t sum, int32_t o, int32_t) const { return output.S8(sum, o); }
};

}  // namespace

void DepthwiseConv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                       const RowView<const int8_t>& input, const int8_t* filter,
                       const int32_t* bias, Rows rows, Scratch, const RowView<int8_t>& output) {
  const Kernel kernel = {filter, bias, params.input_zero_point, params.output(multipliers)};
  ReduceChannelwise(kernel, params.shape, input, rows, output);
}

}  // namespace midge::portable
