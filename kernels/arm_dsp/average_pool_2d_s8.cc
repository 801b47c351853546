// SPDX-License-Identifier: Apache-2.0
//
// Sums of four channels in int16 lanes, which hold up to 255 taps of -128.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/window_words.h"

namespace midge::arm_dsp {
namespace {

constexpr int32_t kMostTaps = 255;

// The byte of a mean. sum is of `count` taps, so the quotient is within int8.
inline uint32_t Mean(int32_t sum, int32_t count, ClampRange clamp) {
  const int32_t half = count / 2;
  const int32_t mean = (sum > 0 ? sum + half : sum - half) / count;
  return static_cast<uint8_t>(Clamp(mean, clamp.min, clamp.max));
}

}  // namespace

static_assert(std::is_same_v<decltype(AveragePool2DS8), decltype(portable::AveragePool2DS8)>);

void AveragePool2DS8(const Pool2DS8Params& params, RowView<const int8_t> input, Rows rows,
                     RowView<int8_t> output) {
  const Window2D& window = params.shape.window;
  if (params.shape.input_channels % 4 != 0 || window.filter_h * window.filter_w > kMostTaps) {
    portable::AveragePool2DS8(params, input, rows, output);
    return;
  }
  const ClampRange clamp = params.clamp;
  ForEachWindow(params.shape, input, rows, output, [=](const auto& taps, int32_t count) {
    uint32_t even = 0, odd = 0;  // channels (0, 2), (1, 3)
    taps([&](uint32_t word) {
      even = Sxtab16(even, word);
      odd = Sxtab16Ror8(odd, word);
    });
    return Mean(static_cast<int16_t>(even), count, clamp) |
           Mean(static_cast<int16_t>(odd), count, clamp) << 8 |
           Mean(static_cast<int32_t>(even) >> 16, count, clamp) << 16 |
           Mean(static_cast<int32_t>(odd) >> 16, count, clamp) << 24;
  });
}

}  // namespace midge::arm_dsp
