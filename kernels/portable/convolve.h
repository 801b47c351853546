// SPDX-License-Identifier: Apache-2.0
//
// The loops of CONV_2D, for every type: see products.h.
#pragma once

#include "kernels/portable/products.h"
#include "kernels/window_2d.h"

namespace midge::portable {

// The channels [o, o + kCount) of one output pixel.
template <int kCount, typename Products>
inline void ConvolvePixel(const Products& products, const Window2D& window, int32_t channels,
                          const Window2D::Taps& tap_rows, const Window2D::Taps& taps,
                          const RowView<const typename Products::Element>& input, int32_t o,
                          typename Products::Output* out) {
  const int32_t filter_row = window.filter_w * channels;     // elements of filter[o, i]
  const int32_t filter_size = window.filter_h * filter_row;  // elements of filter[o]
  // Without dilation the taps of one filter row are one run in memory; else one run per tap.
  const bool one_run = window.dilation_w == 1;
  const int32_t runs = one_run ? (taps.begin < taps.end ? 1 : 0) : taps.end - taps.begin;
  const int32_t run = one_run ? (taps.end - taps.begin) * channels : channels;
  const int32_t run_step = window.dilation_w * channels;
  const int32_t first_pixel = (taps.origin + taps.begin * window.dilation_w) * channels;

  typename Products::Sum sums[kCount];
  for (int32_t k = 0; k < kCount; ++k) sums[k] = products.Begin(o + k);
  for (int32_t i = tap_rows.begin; i < tap_rows.end; ++i) {
    const auto* in = input.Row(tap_rows.origin + i * window.dilation_h) + first_pixel;
    int32_t w = o * filter_size + i * filter_row + taps.begin * channels;
    for (int32_t r = 0; r < runs; ++r) {
      products.template Add<kCount>(in, w, filter_size, run, sums);
      in += run_step;
      w += channels;
    }
  }
  for (int32_t k = 0; k < kCount; ++k) out[k] = products.End(sums[k], o + k);
}

template <typename Products>
void Convolve(const Products& products, const WindowedShape& shape,
              const RowView<const typename Products::Element>& input, Rows rows,
              const RowView<typename Products::Output>& output) {
  const Window2D& window = shape.window;
  const int32_t channels = shape.input_channels, output_channels = shape.output_channels;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    auto* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x, out += output_channels) {
      const Window2D::Taps taps = window.ColumnTaps(x);
      int32_t o = 0;
      for (; o + kDotChannels <= output_channels; o += kDotChannels) {
        ConvolvePixel<kDotChannels>(products, window, channels, tap_rows, taps, input, o, out + o);
      }
      for (; o < output_channels; ++o) {
        ConvolvePixel<1>(products, window, channels, tap_rows, taps, input, o, out + o);
      }
    }
  }
}

}  // namespace midge::portable
