// SPDX-License-Identifier: Apache-2.0
//
// Sums of four channels at a time.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/window_words.h"

namespace midge::arm_dsp {
namespace {

// Adds a group of channels in `columns` columns to its sums: apart, so that they are in registers.
[[gnu::noinline]] void AddColumns(const int8_t* at, int32_t columns, int32_t channels,
                                  int32_t* sums) {
  const int32_t size = GroupSize(channels);
  int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
  for (; columns > 0; --columns, at += channels) {
    const uint32_t word = LoadGroup(at, size);
    a = Sxtab(a, word);
    b = SxtabRor8(b, word);
    c = SxtabRor16(c, word);
    d = SxtabRor24(d, word);
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
}

}  // namespace

static_assert(std::is_same_v<decltype(AveragePool2DS8), decltype(portable::AveragePool2DS8)>);

void AveragePool2DS8(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                     const RowView<int8_t>& output) {
  const ClampRange clamp = params.clamp;
  const int32_t channels = params.shape.input_channels;
  ForEachWindow(params.shape, input, rows, output, [=](const auto& taps, int32_t count) {
    int32_t sums[kGroup] = {};
    taps([&](const int8_t* at, int32_t columns) { AddColumns(at, columns, channels, sums); });
    uint32_t means = 0;
    const int32_t half = count / 2;
    for (int k = kGroup; k-- > 0;) {
      const int32_t sum = sums[k];
      const int32_t mean = (sum > 0 ? sum + half : sum - half) / count;  // within int8
      means = means << 8 | static_cast<uint8_t>(Clamp(mean, clamp.min, clamp.max));
    }
    return means;
  });
}

}  // namespace midge::arm_dsp
