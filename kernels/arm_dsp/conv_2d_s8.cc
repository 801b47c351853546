// SPDX-License-Identifier: Apache-2.0
//
// Inputs of four output pixels at a time are widened into columns (columns.h); then each output
// channel's weights, taken apart once, meet all four. Rows make no difference to pixels, so where
// outputs follow each other in memory, blocks of four run across the ends of rows.
#include <cstring>
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/columns.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {
namespace {

int32_t FilterElements(const WindowedShape& shape) {
  return shape.window.filter_h * shape.window.filter_w * shape.input_channels;
}

// What all pixels share.
struct Convolution {
  const ConvolutionS8Params& params;
  QuantizedOutput output;
  const int8_t* filter;
  const int32_t* bias;
  int32_t elements;   // K: of one output channel's filter
  uint32_t* columns;  // [ceil(K / 4)][kColumns][2]
  int8_t* gathered;   // [round up K to 4]: a column before it is widened
};

void ClearGathered(const Convolution& conv) {
  std::memset(conv.gathered, conv.params.input_zero_point,
              static_cast<size_t>((conv.elements + 3) & ~3));
}

// memcpy for runs so short that a call would count.
inline void CopyRun(const int8_t* from, int32_t count, int8_t* to) {
  for (; count >= 4; count -= 4, from += 4, to += 4) Store32(to, Load32(from));
  for (; count > 0; --count) *to++ = *from++;
}

// Copies what a pixel sees to `gathered`, the zero point where taps lie outside the image.
void Gather(const Convolution& conv, RowView<const int8_t> input, const Window2D::Taps& rows,
            const Window2D::Taps& columns, bool inside) {
  const Window2D& window = conv.params.shape.window;
  const int32_t channels = conv.params.shape.input_channels;
  if (!inside) ClearGathered(conv);
  const bool one_run = window.dilation_w == 1;
  const int32_t runs = one_run ? 1 : columns.end - columns.begin;
  const int32_t run = (one_run ? columns.end - columns.begin : 1) * channels;
  const int32_t first = (columns.origin + columns.begin * window.dilation_w) * channels;
  int8_t* row = conv.gathered + (rows.begin * window.filter_w + columns.begin) * channels;
  for (int32_t i = rows.begin; i < rows.end; ++i, row += window.filter_w * channels) {
    int8_t* to = row;
    const int8_t* from = input.Row(rows.origin + i * window.dilation_h) + first;
    for (int32_t r = 0; r < runs; ++r, to += run, from += window.dilation_w * channels) {
      CopyRun(from, run, to);
    }
  }
}

// Widens what output pixel (y, x) sees into column `pixel`.
void FillColumn(const Convolution& conv, RowView<const int8_t> input, const Window2D::Taps& rows,
                int32_t x, int32_t pixel) {
  const Window2D& window = conv.params.shape.window;
  const int32_t channels = conv.params.shape.input_channels;
  const uint32_t offset = Splat16(-conv.params.input_zero_point);
  uint32_t* column = conv.columns + 2 * pixel;
  const Window2D::Taps columns = window.ColumnTaps(x);
  const int32_t filter_row = window.filter_w * channels;
  const bool inside =
      rows.end - rows.begin == window.filter_h && columns.end - columns.begin == window.filter_w;
  if (inside && filter_row % 4 == 0 && (window.dilation_w == 1 || window.filter_w == 1)) {
    for (int32_t i = 0; i < window.filter_h; ++i) {
      const int8_t* from =
          input.Row(rows.origin + i * window.dilation_h) + columns.origin * channels;
      column = WidenQuads(from, filter_row / 4, offset, column);
    }
  } else {
    Gather(conv, input, rows, columns, inside);
    WidenQuads(conv.gathered, (conv.elements + 3) / 4, offset, column);
  }
}

// Output channel o of the pixel in the first of `columns`. What the loop over four pixels leaves.
[[gnu::noinline]] void ComputeChannel(const Convolution& conv, const uint32_t* columns, int32_t o,
                                      int8_t* out) {
  const int32_t quads = conv.elements / 4, rest = conv.elements % 4;
  const int8_t* w = conv.filter + o * conv.elements;
  int32_t acc = MultiplyQuads(w, columns, quads, conv.bias != nullptr ? conv.bias[o] : 0);
  if (rest > 0) {
    // The filter may end here, so no word of it is read. The column's elements behind are 0.
    uint32_t word = 0;
    for (int32_t i = rest; i > 0; --i) {
      word = word << 8 | static_cast<uint8_t>(w[quads * 4 + i - 1]);
    }
    const uint32_t* x = columns + quads * kQuadWords;
    acc = Smlad(Sxtb16Ror8(word), x[1], Smlad(Sxtb16(word), x[0], acc));
  }
  const ChannelRequantizer requantizer(conv.output, o);
  *out = requantizer.fits() ? requantizer.S8(acc) : conv.output.S8(acc, o);
}

// All output channels of the first `pixels` columns; the pixels' outputs follow each other.
void ComputePixels(const Convolution& conv, int32_t pixels, int8_t* out) {
  const int32_t channels = conv.params.shape.output_channels;
  for (int32_t o = 0; o < channels; ++o) {
#if MIDGE_ARM_DSP_ASM
    const ChannelMultipliers& multipliers = conv.output.multipliers;
    const int32_t quads = (conv.elements + 3) / 4;
    const int32_t padding = quads * 4 - conv.elements;
    // The last quads of all filters but these end within the filter behind.
    const int32_t fast = channels - (padding + conv.elements - 1) / conv.elements;
    if (pixels == kColumns && o < fast && conv.bias != nullptr && multipliers.step != 0) {
      ChannelLoop loop = {conv.columns,
                          conv.bias + o,
                          quads,
                          multipliers.multiplier_q31 + o,
                          multipliers.exponent + o,
                          out + o,
                          channels,
                          ChannelRequantizer::BiasedZeroPoint(conv.output.zero_point),
                          padding,
                          out + fast,
                          conv.filter + o * conv.elements};
      RunChannels(loop);
      o = loop.out - out;
      if (o == channels) break;
    }
#endif
    for (int32_t p = 0; p < pixels; ++p) {
      ComputeChannel(conv, conv.columns + 2 * p, o, out + p * channels + o);
    }
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(Conv2DS8), decltype(portable::Conv2DS8)>);

uint32_t Conv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const int32_t elements = FilterElements(params.shape);
  const auto padded = static_cast<uint32_t>((elements + 3) & ~3);
  return padded * (kColumns * 2 + 1);  // int16 columns and one of int8
}

void Conv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              RowView<const int8_t> input, const int8_t* filter, const int32_t* bias, Rows rows,
              uint8_t* scratch, RowView<int8_t> output) {
  const Window2D& window = params.shape.window;
  const int32_t elements = FilterElements(params.shape);
  auto* const columns = reinterpret_cast<uint32_t*>(scratch);
  const Convolution conv = {params,
                            params.output(multipliers),
                            filter,
                            bias,
                            elements,
                            columns,
                            reinterpret_cast<int8_t*>(columns + (elements + 3) / 4 * kQuadWords)};

  ClearGathered(conv);  // behind the last element, too
  // Filters of 1 x 1 are so many and so small that what else pixels need would count.
  const bool one_tap = window.filter_h * window.filter_w == 1 && elements % 4 == 0 &&
                       window.pad_top == 0 && window.pad_left == 0;
  const uint32_t offset = Splat16(-params.input_zero_point);
  int8_t* out = nullptr;  // of the first column's pixel
  int32_t pixels = 0;     // columns filled
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    const int8_t* from = one_tap ? input.Row(y * window.stride_h) : nullptr;
    if (pixels == 0) out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x) {
      if (one_tap) {
        WidenQuads(from, elements / 4, offset, columns + 2 * pixels);
        from += window.stride_w * elements;
      } else {
        FillColumn(conv, input, tap_rows, x, pixels);
      }
      if (++pixels == kColumns) {
        ComputePixels(conv, kColumns, out);
        out += kColumns * params.shape.output_channels;
        pixels = 0;
      }
    }
    const int32_t step = params.shape.output_channels;
    if (y + 1 < rows.end && output.Row(y + 1) == out + pixels * step) continue;
    ComputePixels(conv, pixels, out);
    pixels = 0;
  }
  if (IsAllOfS8(params.clamp)) return;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    ClampS8(params.clamp, output.Row(y), params.shape.output_row_elements());
  }
}

}  // namespace midge::arm_dsp
