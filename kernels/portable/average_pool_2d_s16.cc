// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

struct Kernel {
  using Sum = int32_t;
  static constexpr bool kHasWeights = false;
  ClampRange clamp;

  int32_t First(int32_t) const { return 0; }
  int32_t Next(int32_t sum, int16_t x, int32_t) const { return sum + x; }
  int16_t Last(int32_t sum, int32_t, int32_t count) const {
    const int32_t half = count / 2;
    const int32_t mean = (sum > 0 ? sum + half : sum - half) / count;
    return static_cast<int16_t>(Clamp(mean, clamp.min, clamp.max));
  }
};

}  // namespace

void AveragePool2DS16(const Pool2DS16Params& params, RowView<const int16_t> input, Rows rows,
                      RowView<int16_t> output) {
  ReduceChannelwise(Kernel{params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
