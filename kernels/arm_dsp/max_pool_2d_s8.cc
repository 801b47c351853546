// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/window_words.h"

namespace midge::arm_dsp {

static_assert(std::is_same_v<decltype(MaxPool2DS8), decltype(portable::MaxPool2DS8)>);

void MaxPool2DS8(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                 const RowView<int8_t>& output) {
  const uint32_t min = Splat8(params.clamp.min), max = Splat8(params.clamp.max);
  ForEachWindow(params.shape, input, rows, output, [=](const auto& taps, int32_t) {
    uint32_t most = min;
    taps([&](uint32_t word) { most = Max4S8(most, word); });
    return Min4S8(most, max);
  });
}

}  // namespace midge::arm_dsp
