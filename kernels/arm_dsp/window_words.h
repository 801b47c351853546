// SPDX-License-Identifier: Apache-2.0
//
// The loops of pools: four channels of a window are one word per tap.
#pragma once

#include <cstdint>

#include "kernels/arm_dsp/channel_groups.h"
#include "kernels/window_2d.h"

namespace midge::arm_dsp {

// Stores f(taps, n) at the channels of each group of each output pixel of `rows`; taps(g) calls
// g(at, columns) for each row of the pixel's n taps inside the image: the group in the row's first
// column is at `at`, its next column input_channels behind.
template <typename F>
inline void ForEachWindow(const WindowedShape& shape, const RowView<const int8_t>& input, Rows rows,
                          const RowView<int8_t>& output, const F& f) {
  const Window2D& window = shape.window;
  const int32_t channels = shape.input_channels, size = GroupSize(channels);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    int8_t* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x, out += channels) {
      const Window2D::Taps tap_columns = window.ColumnTaps(x);
      const int32_t columns = tap_columns.end - tap_columns.begin;
      const int32_t first = (tap_columns.origin + tap_columns.begin) * channels;
      for (int32_t c = 0; c < channels; c = NextGroup(c, channels)) {
        const auto taps = [&](const auto& g) {
          for (int32_t i = tap_rows.begin; i < tap_rows.end; ++i) {
            g(input.Row(tap_rows.origin + i) + first + c, columns);
          }
        };
        StoreGroup(out + c, size, f(taps, (tap_rows.end - tap_rows.begin) * columns));
      }
    }
  }
}

}  // namespace midge::arm_dsp
