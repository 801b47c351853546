// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/window_words.h"

namespace midge::arm_dsp {

static_assert(std::is_same_v<decltype(MaxPool2DS8), decltype(portable::MaxPool2DS8)>);

void MaxPool2DS8(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                 const RowView<int8_t>& output) {
  const uint32_t min = Splat8(params.clamp.min), max = Splat8(params.clamp.max);
  const int32_t channels = params.shape.input_channels, size = GroupSize(channels);
  ForEachWindow(params.shape, input, rows, output, [=](const auto& taps, int32_t) {
    uint32_t most = min;
    taps([&](const int8_t* at, int32_t columns) {
      for (; columns > 0; --columns, at += channels) most = Max4S8(most, LoadGroup(at, size));
    });
    return Min4S8(most, max);
  });
}

}  // namespace midge::arm_dsp
