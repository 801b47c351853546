// SPDX-License-Identifier: Apache-2.0
//
// The loops of ops in which an output channel depends on one input channel alone: depthwise
// convolutions and pools. Taps are clipped once per pixel; the inner loop steps four neighbouring
// channels through them at once.
#pragma once

#include <cstdint>

#include "kernels/window_2d.h"

namespace midge::portable {

// What one output pixel sees: the taps inside the image.
template <typename Element>
struct PixelTaps {
  RowView<const Element> input;
  Window2D::Taps rows;
  int32_t row_dilation;
  int32_t columns;
  int32_t first_input, input_step;                // of a row's first tap; from tap to tap
  int32_t first_weight, weight_step, weight_row;  // of tap (0, first); from tap to tap, row to row
};

// Reduces the taps of output channels [o, o + 4), whose inputs begin at channel c and are
// kInputStep (0 or 1) apart. A function of its own, so that the inner loop has all registers.
template <int kInputStep, typename Kernel, typename Element>
[[gnu::noinline]] void Reduce4(const Kernel& kernel_fields, const PixelTaps<Element>& taps,
                               int32_t c, int32_t o, typename Kernel::Sum* sums) {
  const Kernel kernel = kernel_fields;
  auto a0 = kernel.First(o), a1 = kernel.First(o + 1);
  auto a2 = kernel.First(o + 2), a3 = kernel.First(o + 3);
  for (int32_t i = taps.rows.begin; i < taps.rows.end; ++i) {
    const Element* x =
        taps.input.Row(taps.rows.origin + i * taps.row_dilation) + taps.first_input + c;
    int32_t w = taps.first_weight + i * taps.weight_row + o;
    for (int32_t j = taps.columns; j > 0; --j) {
      a0 = kernel.Next(a0, x[0], w);
      a1 = kernel.Next(a1, x[kInputStep], w + 1);
      a2 = kernel.Next(a2, x[2 * kInputStep], w + 2);
      a3 = kernel.Next(a3, x[3 * kInputStep], w + 3);
      x += taps.input_step;
      w += taps.weight_step;
    }
  }
  sums[0] = a0, sums[1] = a1, sums[2] = a2, sums[3] = a3;
}

// The same for one output channel.
template <typename Kernel, typename Element>
[[gnu::noinline]] typename Kernel::Sum Reduce1(const Kernel& kernel_fields,
                                               const PixelTaps<Element>& taps, int32_t c,
                                               int32_t o) {
  const Kernel kernel = kernel_fields;
  auto a = kernel.First(o);
  for (int32_t i = taps.rows.begin; i < taps.rows.end; ++i) {
    const Element* x =
        taps.input.Row(taps.rows.origin + i * taps.row_dilation) + taps.first_input + c;
    int32_t w = taps.first_weight + i * taps.weight_row + o;
    for (int32_t j = taps.columns; j > 0; --j) {
      a = kernel.Next(a, *x, w);
      x += taps.input_step;
      w += taps.weight_step;
    }
  }
  return a;
}

// Computes output[y, x, o] for rows y of one image as Last(a, o, n), where a is First(o) after
// a = Next(a, input element, w) for each of the n taps inside the image, and w is the index of the
// tap's weight in a filter [Kh, Kw, O]. Output channel o sees input channel o / M, where M is the
// number of output channels to an input channel.
template <typename Kernel, typename Element, typename Output>
void ReduceChannelwise(const Kernel kernel, const WindowedShape& shape,
                       const RowView<const Element>& input, Rows rows,
                       const RowView<Output>& output) {
  const Window2D& window = shape.window;
  const int32_t inputs = shape.input_channels, outputs = shape.output_channels;
  const int32_t weights = Kernel::kHasWeights ? outputs : 0;  // of one tap
  // Output channels whose inputs are neighbours or, with a multiplier, the same.
  const bool neighbours = inputs == outputs;
  const int32_t group = neighbours ? outputs : outputs / inputs;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    Output* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x) {
      const Window2D::Taps columns = window.ColumnTaps(x);
      const PixelTaps<Element> taps = {
          input,
          tap_rows,
          window.dilation_h,
          columns.end - columns.begin,
          (columns.origin + columns.begin * window.dilation_w) * inputs,
          window.dilation_w * inputs,
          columns.begin * weights,
          weights,
          window.filter_w * weights};
      const int32_t count = (tap_rows.end - tap_rows.begin) * taps.columns;
      for (int32_t c = 0, o = 0; o < outputs; ++c) {
        const int32_t end = o + group;
        while (o + 4 <= end) {
          typename Kernel::Sum sums[4];
          if (neighbours) {
            Reduce4<1>(kernel, taps, o, o, sums);
          } else {
            Reduce4<0>(kernel, taps, c, o, sums);
          }
          for (const auto sum : sums) *out++ = kernel.Last(sum, o++, count);
        }
        for (; o < end; ++o) {
          *out++ = kernel.Last(Reduce1(kernel, taps, neighbours ? o : c, o), o, count);
        }
      }
    }
  }
}

}  // namespace midge::portable
