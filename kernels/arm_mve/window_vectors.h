// SPDX-License-Identifier: Apache-2.0
//
// The loops of pools: a run of channels of all taps of a pixel.
#pragma once

#include <cstdint>

#include "kernels/arm_mve/helium.h"
#include "kernels/window_2d.h"

namespace midge::arm_mve {

// The taps of one output pixel that lie inside the image.
struct PixelTaps {
  const RowView<const int8_t>& input;
  int32_t first_row, rows;
  int32_t first_element, columns;  // of a row
  int32_t channels;

  int32_t count() const { return rows * columns; }
  // Calls f(p) at channel c of each.
  template <typename F>
  void ForEach(int32_t c, const F& f) const {
    for (int32_t y = 0; y < rows; ++y) {
      const int8_t* p = input.Row(first_row + y) + first_element + c;
      for (int32_t n = columns; n > 0; --n, p += channels) f(p);
    }
  }
};

// The taps of one output coordinate that lie inside the image; the first sees input `origin`. In
// the windows of pools taps are neighbours.
inline Window2D::Taps ClipTaps(int32_t origin, int32_t filter, int32_t size) {
  const int32_t begin = origin < 0 ? -origin : 0;
  const int32_t end = filter < size - origin ? filter : size - origin;
  return {begin, end < begin ? begin : end, origin};
}

// Calls f(taps, output of the pixel) for each pixel of `rows`.
template <typename F>
inline void ForEachWindow(const WindowedShape& shape, const RowView<const int8_t>& input, Rows rows,
                          const RowView<int8_t>& output, const F& f) {
  const Window2D& window = shape.window;
  const int32_t channels = shape.input_channels;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows =
        ClipTaps(y * window.stride_h - window.pad_top, window.filter_h, window.input_h);
    int8_t* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x, out += channels) {
      const Window2D::Taps columns =
          ClipTaps(x * window.stride_w - window.pad_left, window.filter_w, window.input_w);
      const PixelTaps taps = {input,
                              tap_rows.origin + tap_rows.begin,
                              tap_rows.end - tap_rows.begin,
                              (columns.origin + columns.begin) * channels,
                              columns.end - columns.begin,
                              channels};
      f(taps, out);
    }
  }
}

}  // namespace midge::arm_mve
