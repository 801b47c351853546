// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/channelwise.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

struct Kernel {
  using Sum = int32_t;
  static constexpr bool kHasWeights = false;
  ClampRange clamp;

  int32_t First(int32_t) const { return INT16_MIN; }
  int32_t Next(int32_t most, int16_t x, int32_t) const { return x > most ? x : most; }
  int16_t Last(int32_t most, int32_t, int32_t) const {
    return static_cast<int16_t>(Clamp(most, clamp.min, clamp.max));
  }
};

}  // namespace

void MaxPool2DS16(const Pool2DS16Params& params, RowView<const int16_t> input, Rows rows,
                  RowView<int16_t> output) {
  ReduceChannelwise(Kernel{params.clamp}, params.shape, input, rows, output);
}

}  // namespace midge::portable
