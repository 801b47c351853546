// SPDX-License-Identifier: Apache-2.0
//
// Four neighbouring columns at a time, as two words of two int16 sums, which hold kMostNarrow
// elements.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/channel_groups.h"
#include "kernels/portable/mean.h"

namespace midge::arm_dsp {
namespace {

constexpr int32_t kMostNarrow = 256;  // elements whose sum fits an int16
constexpr int32_t kLeastRun = 16;     // elements that repay what a run costs

// Adds to four columns' sums those of `count` elements each, `step` apart.
void AddRun(const int8_t* x, int32_t count, int32_t step, int32_t* sums) {
  while (count > 0) {
    int32_t left = count < kMostNarrow ? count : kMostNarrow;
    count -= left;
    uint32_t even = 0, odd = 0;  // columns 0 and 2, 1 and 3
    for (; left >= 4; left -= 4) {
      Unrolled<4>([&](int) {
        const uint32_t word = Load32(x);
        even = Sxtab16(even, word);
        odd = Sxtab16Ror8(odd, word);
        x += step;
      });
    }
    for (; left > 0; --left, x += step) {
      const uint32_t word = Load32(x);
      even = Sxtab16(even, word);
      odd = Sxtab16Ror8(odd, word);
    }
    sums[0] += static_cast<int16_t>(even);
    sums[1] += static_cast<int16_t>(odd);
    sums[2] += static_cast<int32_t>(even) >> 16;
    sums[3] += static_cast<int32_t>(odd) >> 16;
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(MeanS8), decltype(portable::MeanS8)>);

void MeanS8(const QuantizedMeanParams& params, const Reduced& reduced, const int8_t* input,
            int32_t columns, int8_t* output) {
  if (columns < kGroup || reduced.run < kLeastRun) {
    return portable::MeanS8(params, reduced, input, columns, output);
  }
  for (int32_t c = 0; c < columns; c = NextGroup(c, columns)) {
    int32_t sums[kGroup] = {};
    ForEachIteration(reduced.loops, reduced.loop_count, [&](const Offsets<1>& offsets) {
      AddRun(input + c + offsets.at[0], reduced.run, reduced.run_step, sums);
    });
    for (int k = 0; k < kGroup; ++k) output[c + k] = portable::FinishMean<int8_t>(params, sums[k]);
  }
}

}  // namespace midge::arm_dsp
