// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/window_vectors.h"

namespace midge::arm_mve {

static_assert(std::is_same_v<decltype(MaxPool2DS8), decltype(portable::MaxPool2DS8)>);

void MaxPool2DS8(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                 const RowView<int8_t>& output) {
  const S8x16 min = SplatS8(params.clamp.min), max = SplatS8(params.clamp.max);
  ForEachWindow(params.shape, input, rows, output, [&](const PixelTaps& taps, int8_t* out) {
    int32_t c = 0;
    for (; c + 16 <= taps.channels; c += 16) {
      S8x16 most = min;
      taps.ForEach(c, [&](const int8_t* p) { most = Max(most, LoadS8(p)); });
      StoreS8(out + c, Min(most, max));
    }
    if (c == taps.channels) return;
    const int32_t count = taps.channels - c;
    S8x16 most = min;
    taps.ForEach(c, [&](const int8_t* p) { most = Max(most, LoadS8(p, count)); });
    StoreS8(out + c, Min(most, max), count);
  });
}

}  // namespace midge::arm_mve
