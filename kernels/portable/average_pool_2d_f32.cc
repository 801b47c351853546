// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

struct Kernel {
  using Sum = float;
  static constexpr bool kHasWeights = false;
  FloatClampRange clamp;

  float First(int32_t) const { return 0.f; }
  float Next(float sum, float x, int32_t) const { return sum + x; }
  float Last(float sum, int32_t, int32_t count) const {
    return ClampFloat(sum / static_cast<float>(count), clamp);
  }
};

}  // namespace

void AveragePool2DF32(const Pool2DF32Params& params, RowView<const float> input, Rows rows,
                      RowView<float> output) {
  ReduceChannelwise(Kernel{params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
