// SPDX-License-Identifier: Apache-2.0
#include "kernels/window_2d.h"

#include <type_traits>
#include <utility>

namespace midge {
namespace {

// One axis: the padding before the image. False if the extents do not fit each other.
bool PadBefore(Padding padding, int32_t input, int32_t output, int32_t filter, int32_t stride,
               int32_t dilation, uint16_t* before) {
  // Filters, strides and dilations are at most INT16_MAX.
  const int32_t span = (filter - 1) * dilation + 1;
  *before = 0;
  if (padding == Padding::kValid) {
    return output == 0 || (span <= input && output - 1 <= internal::Quotient(input - span, stride));
  }
  // SAME: every stride-th input pixel has an output; what is missing is split, the odd pixel after.
  if (output != internal::Quotient(input + stride - 1, stride)) return false;
  const int32_t missing = (output - 1) * stride + span - input;
  if (missing <= 0) return true;
  *before = static_cast<uint16_t>(missing / 2);
  return missing / 2 <= INT16_MAX;
}

}  // namespace

Window2D::Taps Window2D::ClipAtBorder(int32_t origin, int32_t dilation, int32_t filter,
                                      int32_t size) {
  // First tap with origin + tap * dilation >= 0, first with >= size.
  const int32_t begin = origin < 0 ? internal::Quotient(-origin + dilation - 1, dilation) : 0;
  const int32_t end =
      origin < size ? internal::Quotient(size - origin + dilation - 1, dilation) : 0;
  if (begin >= filter || end <= begin) return {0, 0, 0};
  return {begin, end < filter ? end : filter, origin};
}

namespace {

// All but the padding.
void SetShape(const Shape& input, const Shape& output, const WindowOptions& options,
              WindowedShape& shape) {
  shape.images = input[0];
  shape.input_channels = input[3];
  shape.output_channels = output[3];
  Window2D& w = shape.window;
  w.input_h = input[1];
  w.input_w = input[2];
  w.output_h = output[1];
  w.output_w = output[2];
  w.filter_h = static_cast<uint16_t>(options.filter_h);
  w.filter_w = static_cast<uint16_t>(options.filter_w);
  w.stride_h = static_cast<uint16_t>(options.stride_h);
  w.stride_w = static_cast<uint16_t>(options.stride_w);
  w.dilation_h = static_cast<uint16_t>(options.dilation_h);
  w.dilation_w = static_cast<uint16_t>(options.dilation_w);
  w.pad_top = w.pad_left = 0;
}

}  // namespace

Status MakeWindow(const PrepareContext& context, int operand, const WindowOptions& options,
                  WindowedShape* shape) {
  MIDGE_TRY(context.ExpectRank(Operand::Input(operand), 4, 4));
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), 4, 4));
  const Shape input = context.input_shape(operand);
  const Shape output = context.output_shape(0);
  SetShape(input, output, options, *shape);
  Window2D& w = shape->window;
  const bool fits = input[0] == output[0] && options.filter_h <= INT16_MAX &&
                    options.filter_w <= INT16_MAX &&
                    PadBefore(options.padding, w.input_h, w.output_h, options.filter_h,
                              options.stride_h, options.dilation_h, &w.pad_top) &&
                    PadBefore(options.padding, w.input_w, w.output_w, options.filter_w,
                              options.stride_w, options.dilation_w, &w.pad_left);
  if (!fits) return context.Error(StatusCode::kBadShape, Operand::Output(0));

  if (w.input_h == 1 && w.output_h == 1 && w.filter_h == 1 && w.pad_top == 0) {
    std::swap(w.input_h, w.input_w);
    std::swap(w.output_h, w.output_w);
    std::swap(w.filter_h, w.filter_w);
    std::swap(w.stride_h, w.stride_w);
    std::swap(w.dilation_h, w.dilation_w);
    std::swap(w.pad_top, w.pad_left);
  }
  return {};
}

// The field pads as for the convolution that goes the other way, from the output's extents; input
// beyond the windows that these allow is not seen.
Status MakeTransposedWindow(const PrepareContext& context, int operand,
                            const WindowOptions& options, WindowedShape* shape) {
  MIDGE_TRY(context.ExpectRank(Operand::Input(operand), 4, 4));
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), 4, 4));
  const Shape input = context.input_shape(operand), output = context.output_shape(0);
  SetShape(input, output, options, *shape);
  Window2D& w = shape->window;
  const auto pad_before = [&](int32_t size, int32_t filter, int32_t stride) {
    const int32_t rest = size % stride == 0 ? stride : size % stride;
    const int32_t missing = filter - rest;
    return static_cast<uint16_t>(options.padding == Padding::kSame && missing > 0 ? missing / 2
                                                                                  : 0);
  };
  w.pad_top = pad_before(w.output_h, options.filter_h, options.stride_h);
  w.pad_left = pad_before(w.output_w, options.filter_w, options.stride_w);
  const bool fits =
      input[0] == output[0] && options.filter_h <= INT16_MAX && options.filter_w <= INT16_MAX;
  return fits ? Status() : context.Error(StatusCode::kBadShape, Operand::Output(0));
}

namespace {

// The C library's memcmp is larger.
bool AreSame(const WindowedShape& a, const WindowedShape& b) {
  static_assert(std::has_unique_object_representations_v<WindowedShape>);
  const auto* const bytes_a = reinterpret_cast<const uint8_t*>(&a);
  const auto* const bytes_b = reinterpret_cast<const uint8_t*>(&b);
  size_t i = 0;
  while (i < sizeof a && bytes_a[i] == bytes_b[i]) ++i;
  return i == sizeof a;
}

}  // namespace

void PackedShape::Keep(PrepareContext& context, const WindowedShape& shape) {
  const Window2D& w = shape.window;
  input_h = static_cast<uint16_t>(w.input_h);
  input_w = static_cast<uint16_t>(w.input_w);
  output_h = static_cast<uint16_t>(w.output_h);
  output_w = static_cast<uint16_t>(w.output_w);
  input_channels = static_cast<uint16_t>(shape.input_channels);
  output_channels = static_cast<uint16_t>(shape.output_channels);
  filter_h = static_cast<uint8_t>(w.filter_h);
  filter_w = static_cast<uint8_t>(w.filter_w);
  stride_h = static_cast<uint8_t>(w.stride_h);
  stride_w = static_cast<uint8_t>(w.stride_w);
  pad_top = static_cast<uint8_t>(w.pad_top);
  pad_left = static_cast<uint8_t>(w.pad_left);
  dilations = static_cast<uint8_t>((w.dilation_h & 0xf) | w.dilation_w << 4);
  bits = kIsPacked;

  WindowedShape unpacked;
  Unpack(&unpacked);
  if (AreSame(unpacked, shape)) return;
  *this = {};
  if (auto* const whole = context.NewArray<WindowedShape>(1)) *whole = shape;
}

[[gnu::noinline]] void PackedShape::Unpack(WindowedShape* shape) const {
  *shape = {{input_h, input_w, output_h, output_w, filter_h, filter_w, stride_h, stride_w,
             static_cast<uint16_t>(dilations & 0xf), static_cast<uint16_t>(dilations >> 4), pad_top,
             pad_left},
            1,
            input_channels,
            output_channels};
}

[[gnu::noinline]] void PackedShape::Read(const EvalContext& context, uint32_t state_bytes,
                                         WindowedShape* shape) const {
  if (is_packed()) {
    Unpack(shape);
  } else {
    *shape = *context.StateArray<WindowedShape>(state_bytes);
  }
}

}  // namespace midge
