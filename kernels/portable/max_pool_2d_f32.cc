// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

struct Kernel {
  using Sum = float;
  static constexpr bool kHasWeights = false;
  FloatClampRange clamp;

  float First(int32_t) const { return clamp.min; }
  float Next(float most, float x, int32_t) const { return x > most ? x : most; }
  float Last(float most, int32_t, int32_t) const { return ClampFloat(most, clamp); }
};

}  // namespace

void MaxPool2DF32(const Pool2DF32Params& params, RowView<const float> input, Rows rows,
                  RowView<float> output) {
  ReduceChannelwise(Kernel{params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
