// SPDX-License-Identifier: Apache-2.0
//
// How a 2-D window moves over an image: what convolutions and pools share.
#pragma once

#include <cstdint>

#include "midge/op.h"

namespace midge {

// Output pixel (y, x) sees input pixels (y * stride_h - pad_top + i * dilation_h,
// x * stride_w - pad_left + j * dilation_w) for i < filter_h, j < filter_w, as far as they exist.
struct Window2D {
  int32_t input_h, input_w;    // pixels
  int32_t output_h, output_w;  // pixels
  uint16_t filter_h, filter_w;
  uint16_t stride_h, stride_w;
  uint16_t dilation_h, dilation_w;
  uint16_t pad_top, pad_left;

  // The taps [begin, end) of one output coordinate that lie inside the image, and the input
  // coordinate of tap 0, which may be negative.
  struct Taps {
    int32_t begin, end;
    int32_t origin;
  };
  Taps RowTaps(int32_t y) const {
    return Clip(y * stride_h - pad_top, dilation_h, filter_h, input_h);
  }
  Taps ColumnTaps(int32_t x) const {
    return Clip(x * stride_w - pad_left, dilation_w, filter_w, input_w);
  }

  // The row window for the planner.
  RowWindow row_window() const {
    const int32_t span = (filter_h - 1) * dilation_h + 1;
    if (span > UINT16_MAX) return RowWindow::Whole();
    return {stride_h, static_cast<uint16_t>(span), pad_top};
  }

 private:
  static Taps Clip(int32_t origin, int32_t dilation, int32_t filter, int32_t size) {
    if (origin >= 0 && origin + (filter - 1) * dilation < size) return {0, filter, origin};
    // First tap with origin + tap * dilation >= 0, first with >= size.
    const int32_t begin = origin < 0 ? (-origin + dilation - 1) / dilation : 0;
    const int32_t end = origin < size ? (size - origin + dilation - 1) / dilation : 0;
    return {begin < filter ? begin : filter, end < filter ? end : filter, origin};
  }
};

// What the options of a convolution or pool say about its window.
struct WindowOptions {
  Padding padding;
  int32_t filter_h, filter_w;
  int32_t stride_h, stride_w;
  int32_t dilation_h, dilation_w;
};

// The window from image `input` to image `output`, both [N, H, W, C]. The output extents come from
// the file; kBadShape if the windows of some output pixels lie outside the padded input, or if N
// differs. An image of one row under a filter of one row is turned: its W pixels become rows of one
// pixel, as RowGeometry sees them, which moves no data.
Result<Window2D> MakeWindow(const PrepareContext& context, const WindowOptions& options,
                            const Shape& input, const Shape& output);

// Calls f(image, rows) for each image that `rows`, counted through all N images, has a part in.
template <typename F>
void ForEachImage(Rows rows, int32_t images, int32_t rows_per_image, const F& f) {
  rows = rows.Clip(images * rows_per_image);
  while (rows.begin < rows.end) {
    const int32_t image = rows.begin / rows_per_image;
    const int32_t first = image * rows_per_image;
    const Rows part = Rows{rows.begin - first, rows.end - first}.Clip(rows_per_image);
    f(image, part);
    rows.begin = first + part.end;
  }
}

}  // namespace midge
