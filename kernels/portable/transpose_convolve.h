// SPDX-License-Identifier: Apache-2.0
//
// The loops of TRANSPOSE_CONV, for every type: see products.h. Each output gathers what would be
// scattered to it.
#pragma once

#include "kernels/portable/products.h"
#include "kernels/window_2d.h"

namespace midge::portable {

// The channels [o, o + kCount) of one output pixel.
template <int kCount, typename Products>
inline void GatherPixel(const Products& products, const Window2D& window, int32_t channels,
                        const Window2D::TransposedTaps& tap_rows,
                        const Window2D::TransposedTaps& taps,
                        const RowView<const typename Products::Element>& input, int32_t o,
                        typename Products::Output* out) {
  const int32_t filter_row = window.filter_w * channels;     // elements of filter[o, i]
  const int32_t filter_size = window.filter_h * filter_row;  // elements of filter[o]
  typename Products::Sum sums[kCount];
  for (int32_t k = 0; k < kCount; ++k) sums[k] = products.Begin(o + k);
  for (int32_t t = tap_rows.begin; t < tap_rows.end; ++t) {
    const auto* const row = input.Row(tap_rows.origin - t);
    const int32_t w_row = o * filter_size + (tap_rows.first + t * window.stride_h) * filter_row;
    for (int32_t u = taps.begin; u < taps.end; ++u) {
      products.template Add<kCount>(row + (taps.origin - u) * channels,
                                    w_row + (taps.first + u * window.stride_w) * channels,
                                    filter_size, channels, sums);
    }
  }
  for (int32_t k = 0; k < kCount; ++k) out[k] = products.End(sums[k], o + k);
}

template <typename Products>
void TransposeConvolve(const Products& products, const WindowedShape& shape,
                       const RowView<const typename Products::Element>& input, Rows rows,
                       const RowView<typename Products::Output>& output) {
  const Window2D& window = shape.window;
  const int32_t channels = shape.input_channels, output_channels = shape.output_channels;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::TransposedTaps tap_rows = window.TransposedRowTaps(y);
    auto* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x, out += output_channels) {
      const Window2D::TransposedTaps taps = window.TransposedColumnTaps(x);
      int32_t o = 0;
      for (; o + kDotChannels <= output_channels; o += kDotChannels) {
        GatherPixel<kDotChannels>(products, window, channels, tap_rows, taps, input, o, out + o);
      }
      for (; o < output_channels; ++o) {
        GatherPixel<1>(products, window, channels, tap_rows, taps, input, o, out + o);
      }
    }
  }
}

}  // namespace midge::portable
