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
  // coordinate of tap 0, which may be negative. Where no tap is inside, all are 0.
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

  // Of a transposed window, which moves over the output: input coordinate q adds to output
  // coordinates q * stride - pad + i, so output y has taps i = first + t * stride and sees input
  // origin - t, for t in [begin, end).
  struct TransposedTaps {
    int32_t begin, end;
    int32_t first, origin;
  };
  TransposedTaps TransposedRowTaps(int32_t y) const {
    return Transposed(y + pad_top, stride_h, filter_h, input_h);
  }
  TransposedTaps TransposedColumnTaps(int32_t x) const {
    return Transposed(x + pad_left, stride_w, filter_w, input_w);
  }

 private:
  static Taps Clip(int32_t origin, int32_t dilation, int32_t filter, int32_t size) {
    if (origin >= 0 && origin + (filter - 1) * dilation < size) return {0, filter, origin};
    return ClipAtBorder(origin, dilation, filter, size);
  }
  static Taps ClipAtBorder(int32_t origin, int32_t dilation, int32_t filter, int32_t size);
  static TransposedTaps Transposed(int32_t position, int32_t stride, int32_t filter, int32_t size) {
    const int32_t origin = position / stride, first = position - origin * stride;
    const int32_t taps = first < filter ? (filter - first + stride - 1) / stride : 0;
    return {origin < size ? 0 : origin - size + 1, taps <= origin ? taps : origin + 1, first,
            origin};
  }
};

// A window moving over images [input_h, input_w, input_channels], from which it makes images
// [output_h, output_w, output_channels].
struct WindowedShape {
  Window2D window;
  int32_t images;  // N
  int32_t input_channels, output_channels;

  int32_t input_row_elements() const { return window.input_w * input_channels; }
  int32_t output_row_elements() const { return window.output_w * output_channels; }

  // The row window for the planner; whole where rows of the window are not those of RowGeometry (a
  // line of pixels under a filter of several rows), or do not continue from image to image.
  RowWindow row_window() const {
    const int32_t span = (window.filter_h - 1) * window.dilation_h + 1;
    if (images != 1 || span > UINT16_MAX || (window.input_h == 1 && window.input_w != 1) ||
        (window.output_h == 1 && window.output_w != 1)) {
      return RowWindow::Whole();
    }
    return {window.stride_h, static_cast<uint16_t>(span), window.pad_top};
  }
};

// What the options of a convolution or pool say about its window.
struct WindowOptions {
  Padding padding;
  int32_t filter_h, filter_w;
  int32_t stride_h, stride_w;
  int32_t dilation_h, dilation_w;
};

// The window from input `operand` to output 0, both [N, H, W, C]. The output extents come from the
// file; kBadShape if the windows of some output pixels lie outside the padded input, or if N
// differs. An image of one row under a filter of one row is turned: its W pixels become rows of one
// pixel, as RowGeometry sees them, which moves no data.
Status MakeWindow(const PrepareContext& context, int operand, const WindowOptions& options,
                  WindowedShape* shape);

// A WindowedShape as nodes keep it: in a few bytes where its numbers are of the usual size.
struct PackedShape {
  uint16_t input_h, input_w, output_h, output_w;
  uint16_t input_channels, output_channels;
  uint8_t filter_h, filter_w;
  uint8_t stride_h, stride_w;
  uint8_t pad_top, pad_left;
  uint8_t dilations;  // of h in the lower half
  uint8_t bits;       // kIsPacked, else all the rest is 0; the others are the op's

  static constexpr uint8_t kIsPacked = 0x80;
  bool is_packed() const { return (bits & kIsPacked) != 0; }
  void Unpack(WindowedShape* shape) const;

  // Of a node's state, of whose `state_bytes` this is the beginning.
  void Keep(PrepareContext& context, const WindowedShape& shape);
  void Read(const EvalContext& context, uint32_t state_bytes, WindowedShape* shape) const;
};
static_assert(sizeof(PackedShape) == 20);

// The state of an op with a window. A shape that cannot be packed follows as it is; then come the
// op's own arrays.
template <typename T>
struct WindowedState {
  PackedShape shape;
  T of_op;

  static WindowedState& New(PrepareContext& context, const WindowedShape& shape, const T& of_op) {
    auto& state = context.NewState<WindowedState>();
    state.of_op = of_op;
    state.shape.Keep(context, shape);
    return state;
  }
  static void ReadShape(const EvalContext& context, WindowedShape* whole) {
    context.state<WindowedState>().shape.Read(context, sizeof(WindowedState), whole);
  }
  uint32_t bytes_before_arrays() const {
    return sizeof(WindowedState) + (shape.is_packed() ? 0 : uint32_t{sizeof(WindowedShape)});
  }
};

// The window of a transposed convolution, from input `input` to output 0: it moves over the output.
Status MakeTransposedWindow(const PrepareContext& context, int input, const WindowOptions& options,
                            WindowedShape* shape);

// Calls f(input rows, rows, output rows) for each image that `rows`, counted through all N images,
// has a part in, all three counted from the image's own row 0. The images are input `operand` and
// output 0.
template <typename T, typename F>
void ForEachImage(const EvalContext& context, int operand, const WindowedShape& shape, Rows rows,
                  const F& f) {
  const RowView<const T> input = context.InputRows<T>(operand, shape.input_row_elements());
  const RowView<T> output = context.OutputRows<T>(0, shape.output_row_elements());
  const int32_t height = shape.window.output_h;
  rows = rows.Clip(shape.images * height);
  while (rows.begin < rows.end) {
    const int32_t image = internal::Quotient(rows.begin, height);
    const int32_t first = image * height;
    const Rows part = Rows{rows.begin - first, rows.end - first}.Clip(height);
    f(input.Skip(image * shape.window.input_h), part, output.Skip(first));
    rows.begin = first + part.end;
  }
}

}  // namespace midge
