// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/window_vectors.h"

namespace midge::arm_mve {
namespace {

// sum is of `count` taps, so the quotient is within int8.
inline int8_t Mean(int32_t sum, int32_t count, ClampRange clamp) {
  const int32_t half = count / 2;
  const int32_t mean = (sum > 0 ? sum + half : sum - half) / count;
  return static_cast<int8_t>(Clamp(mean, clamp.min, clamp.max));
}

}  // namespace

static_assert(std::is_same_v<decltype(AveragePool2DS8), decltype(portable::AveragePool2DS8)>);

void AveragePool2DS8(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                     const RowView<int8_t>& output) {
  const ClampRange clamp = params.clamp;
  ForEachWindow(params.shape, input, rows, output, [&](const PixelTaps& taps, int8_t* out) {
    int32_t sums[16];
    int32_t c = 0;
    for (; c + 16 <= taps.channels; c += 16) {
      S32x4 s0 = SplatS32(0), s1 = s0, s2 = s0, s3 = s0;
      taps.ForEach(c, [&](const int8_t* p) {
        s0 = Add(s0, LoadS8AsS32(p));
        s1 = Add(s1, LoadS8AsS32(p + 4));
        s2 = Add(s2, LoadS8AsS32(p + 8));
        s3 = Add(s3, LoadS8AsS32(p + 12));
      });
      StoreS32(sums, s0), StoreS32(sums + 4, s1), StoreS32(sums + 8, s2), StoreS32(sums + 12, s3);
      for (int32_t k = 0; k < 16; ++k) out[c + k] = Mean(sums[k], taps.count(), clamp);
    }
    for (; c < taps.channels; c += 4) {
      const int32_t count = taps.channels - c < 4 ? taps.channels - c : 4;
      S32x4 sum = SplatS32(0);
      taps.ForEach(c, [&](const int8_t* p) { sum = Add(sum, LoadS8AsS32(p, count)); });
      StoreS32(sums, sum);
      for (int32_t k = 0; k < count; ++k) out[c + k] = Mean(sums[k], taps.count(), clamp);
    }
  });
}

}  // namespace midge::arm_mve
