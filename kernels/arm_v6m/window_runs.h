// SPDX-License-Identifier: Apache-2.0
//
// The loops of pools, one channel of one output pixel after the other: an input is a load and an
// addition of its place, and a window as wide as the image is one run, however many rows it has.
#pragma once

#include "kernels/pool_2d.h"

namespace midge::arm_v6m {

// A Pool class says
//
//   First()                       what a channel's reduction begins with
//   Run(x, end, step, reduced)    goes on with x[0], x[step], … up to x[end]; end > 0
//   Last(reduced, count)          the output of a channel of `count` inputs
template <typename Pool>
void ReduceWindows(const Pool& pool, const Pool2DS8Params& params,
                   const RowView<const int8_t>& input, Rows rows, const RowView<int8_t>& output) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.input_channels;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    const int32_t first_row = tap_rows.origin + tap_rows.begin;
    int8_t* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x) {
      const Window2D::Taps columns = window.ColumnTaps(x);
      const int32_t width = columns.end - columns.begin, height = tap_rows.end - tap_rows.begin;
      const int32_t count = width * height;
      const bool one_run = width == window.input_w && input.contiguous();
      const int32_t runs = one_run ? 1 : height;
      const int32_t end = (one_run ? count : width) * channels;
      const int32_t first = (columns.origin + columns.begin) * channels;
      for (int32_t c = first; c < first + channels; ++c) {
        int32_t reduced = pool.First();
        for (int32_t i = first_row; i < first_row + runs; ++i) {
          reduced = pool.Run(input.Row(i) + c, end, channels, reduced);
        }
        *out++ = static_cast<int8_t>(
            Clamp(pool.Last(reduced, count), params.clamp.min, params.clamp.max));
      }
    }
  }
}

}  // namespace midge::arm_v6m
