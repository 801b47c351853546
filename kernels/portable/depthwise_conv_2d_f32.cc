// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

struct Kernel {
  using Sum = float;
  static constexpr bool kHasWeights = true;
  const float* filter;
  const float* bias;
  FloatClampRange clamp;

  float First(int32_t o) const { return bias != nullptr ? bias[o] : 0.f; }
  float Next(float sum, float x, int32_t w) const { return sum + x * filter[w]; }
  float Last(float sum, int32_t, int32_t) const { return ClampFloat(sum, clamp); }
};

}  // namespace

void DepthwiseConv2DF32(const ConvolutionF32Params& params, const RowView<const float>& input,
                        const float* filter, const float* bias, Rows rows,
                        const RowView<float>& output) {
  ReduceChannelwise(Kernel{filter, bias, params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
