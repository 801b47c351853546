// SPDX-License-Identifier: Apache-2.0
//
// Sums of four channels at a time.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/window_words.h"

namespace midge::arm_dsp {

static_assert(std::is_same_v<decltype(AveragePool2DS8), decltype(portable::AveragePool2DS8)>);

void AveragePool2DS8(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                     const RowView<int8_t>& output) {
  const ClampRange clamp = params.clamp;
  ForEachWindow(params.shape, input, rows, output, [=](const auto& taps, int32_t count) {
    int32_t a = 0, b = 0, c = 0, d = 0;
    taps([&](uint32_t word) {
      a = Sxtab(a, word);
      b = SxtabRor8(b, word);
      c = SxtabRor16(c, word);
      d = SxtabRor24(d, word);
    });
    uint32_t means = 0;
    const int32_t half = count / 2;
    const int32_t sums[kGroup] = {d, c, b, a};
    for (const int32_t sum : sums) {
      const int32_t mean = (sum > 0 ? sum + half : sum - half) / count;  // within int8
      means = means << 8 | static_cast<uint8_t>(Clamp(mean, clamp.min, clamp.max));
    }
    return means;
  });
}

}  // namespace midge::arm_dsp
