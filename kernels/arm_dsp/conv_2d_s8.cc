// SPDX-License-Identifier: Apache-2.0
//
// Inputs of four output pixels at a time are widened into columns (columns.h); then each output
// channel's weights, taken apart once, meet all four. With less memory for columns, of two or one.
// Rows make no difference to pixels, so where outputs follow each other in memory, blocks of pixels
// run across the ends of rows.
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
  int32_t elements;    // K: of one output channel's filter
  int32_t pixels;      // P: columns that there is room for
  int32_t quad_words;  // 2 * P
  uint32_t* columns;   // [ceil(K / 4)][P][2]
  int8_t* gathered;    // [round up K to 4]: a column before it is widened, where that is needed
};

// Whether taps are not whole quads, so that a column cannot be widened tap by tap.
bool NeedsGathering(const WindowedShape& shape) { return shape.input_channels % 4 != 0; }

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

// Taps of whole quads: those inside the image are widened, the others 0.
void WidenTaps(const Convolution& conv, RowView<const int8_t> input, const Window2D::Taps& rows,
               const Window2D::Taps& columns, bool inside, uint32_t offset, uint32_t* column) {
  const Window2D& window = conv.params.shape.window;
  const int32_t channels = conv.params.shape.input_channels;
  if (!inside) {
    for (int32_t i = 0; i < conv.elements / 4; ++i) {
      column[i * conv.quad_words] = column[i * conv.quad_words + 1] = 0;
    }
  }
  const bool one_run = window.dilation_w == 1;
  const int32_t runs = one_run ? 1 : columns.end - columns.begin;
  const int32_t run_quads = (one_run ? columns.end - columns.begin : 1) * channels / 4;
  const int32_t first = (columns.origin + columns.begin * window.dilation_w) * channels;
  for (int32_t i = rows.begin; i < rows.end; ++i) {
    uint32_t* to = column + (i * window.filter_w + columns.begin) * channels / 4 * conv.quad_words;
    const int8_t* from = input.Row(rows.origin + i * window.dilation_h) + first;
    for (int32_t r = 0; r < runs; ++r, from += window.dilation_w * channels) {
      to = WidenQuads(from, run_quads, offset, to, conv.quad_words);
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
  if (!NeedsGathering(conv.params.shape)) {
    WidenTaps(conv, input, rows, columns, inside, offset, column);
  } else if (inside && filter_row % 4 == 0 && (window.dilation_w == 1 || window.filter_w == 1)) {
    for (int32_t i = 0; i < window.filter_h; ++i) {
      const int8_t* from =
          input.Row(rows.origin + i * window.dilation_h) + columns.origin * channels;
      column = WidenQuads(from, filter_row / 4, offset, column, conv.quad_words);
    }
  } else {
    Gather(conv, input, rows, columns, inside);
    WidenQuads(conv.gathered, (conv.elements + 3) / 4, offset, column, conv.quad_words);
  }
}

// Output channel o of the pixel in the first of `columns`. What the loop over four pixels leaves.
[[gnu::noinline]] void ComputeChannel(const Convolution& conv, const uint32_t* columns, int32_t o,
                                      int8_t* out) {
  const int32_t quads = conv.elements / 4, rest = conv.elements % 4;
  const int8_t* w = conv.filter + o * conv.elements;
  int32_t acc =
      MultiplyQuads(w, columns, quads, conv.quad_words, conv.bias != nullptr ? conv.bias[o] : 0);
  if (rest > 0) {
    // The filter may end here, so no word of it is read. The column's elements behind are 0.
    uint32_t word = 0;
    for (int32_t i = rest; i > 0; --i) {
      word = word << 8 | static_cast<uint8_t>(w[quads * 4 + i - 1]);
    }
    const uint32_t* x = columns + quads * conv.quad_words;
    acc = Smlad(Sxtb16Ror8(word), x[1], Smlad(Sxtb16(word), x[0], acc));
  }
  const ChannelRequantizer requantizer(conv.output, o);
  *out = requantizer.fits() ? requantizer.S8(acc) : conv.output.S8(acc, o);
}

int32_t BiasOf(const Convolution& conv, int32_t o) {
  return conv.bias != nullptr ? conv.bias[o] : 0;
}

inline int8_t Finish(const Convolution& conv, const ChannelRequantizer& requantizer, int32_t acc,
                     int32_t o) {
  return requantizer.fits() ? requantizer.S8(acc) : conv.output.S8(acc, o);
}

// Channels [0, channels) of both pixels of columns of two. The filters may be read to the ends of
// their last quads.
void ComputeTwoPixels(const Convolution& conv, int32_t channels, int8_t* out) {
  const int32_t quads = (conv.elements + 3) / 4;
  const int8_t* w = conv.filter;
  for (int32_t o = 0; o < channels; ++o, w += conv.elements, ++out) {
    int32_t first = BiasOf(conv, o), second = first;
    MultiplyTwoPixels(w, conv.columns, quads, &first, &second);
    const ChannelRequantizer requantizer(conv.output, o);
    out[0] = Finish(conv, requantizer, first, o);
    out[conv.params.shape.output_channels] = Finish(conv, requantizer, second, o);
  }
}

// Channels [0, channels) of the only column, two at a time. The same of the filters.
void ComputeTwoFilters(const Convolution& conv, int32_t channels, int8_t* out) {
  const int32_t quads = (conv.elements + 3) / 4;
  const int8_t* w = conv.filter;
  for (int32_t o = 0; o + 2 <= channels; o += 2, w += 2 * conv.elements) {
    int32_t first = BiasOf(conv, o), second = BiasOf(conv, o + 1);
    MultiplyTwoFilters(w, conv.elements, conv.columns, quads, &first, &second);
    out[o] = Finish(conv, ChannelRequantizer(conv.output, o), first, o);
    out[o + 1] = Finish(conv, ChannelRequantizer(conv.output, o + 1), second, o + 1);
  }
}

// All output channels of the first `pixels` columns; the pixels' outputs follow each other.
void ComputePixels(const Convolution& conv, int32_t pixels, int8_t* out) {
  const int32_t channels = conv.params.shape.output_channels;
  const int32_t padding = (conv.elements + 3) / 4 * 4 - conv.elements;
  // The last quads of all filters but these end within the filter behind.
  const int32_t fast = channels - (padding + conv.elements - 1) / conv.elements;
  int32_t o = 0;
  if (pixels == 2 && conv.pixels == 2 && fast > 0) {
    ComputeTwoPixels(conv, fast, out);
    o = fast;
  } else if (conv.pixels == 1 && fast > 1) {
    ComputeTwoFilters(conv, fast, out);
    o = fast & ~1;
  }
  for (; o < channels; ++o) {
#if MIDGE_ARM_DSP_ASM
    const ChannelMultipliers& multipliers = conv.output.multipliers;
    const int32_t quads = (conv.elements + 3) / 4;
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

// All output channels of the only column, the filter being [K, O].
void ComputePixelByTap(const Convolution& conv, int32_t, int8_t* out) {
  const int32_t channels = conv.params.shape.output_channels;
  const auto multiply_rest = [&](int32_t first, int32_t o, int32_t acc) {
    for (int32_t k = first; k < conv.elements; ++k) {
      const uint32_t word = conv.columns[k / 4 * 2 + k % 2];
      const auto element = static_cast<int16_t>(word >> (k % 4 < 2 ? 0 : 16));
      acc = AddWrapping(acc, element * conv.filter[k * channels + o]);
    }
    return acc;
  };
  int32_t o = 0;
  for (; o + 4 <= channels; o += 4) {
    int32_t acc[4] = {BiasOf(conv, o), BiasOf(conv, o + 1), BiasOf(conv, o + 2),
                      BiasOf(conv, o + 3)};
    const int32_t quads = conv.elements / 4;
    MultiplyFourChannels(conv.filter + o, channels, conv.columns, quads, acc);
    for (int i = 0; i < 4; ++i) {
      if (conv.elements % 4 != 0) acc[i] = multiply_rest(4 * quads, o + i, acc[i]);
      out[o + i] = Finish(conv, ChannelRequantizer(conv.output, o + i), acc[i], o + i);
    }
  }
  for (; o < channels; ++o) {
    const int32_t acc = multiply_rest(0, o, BiasOf(conv, o));
    out[o] = Finish(conv, ChannelRequantizer(conv.output, o), acc, o);
  }
}

// Convolves in `column_count` columns: `compute` makes what the first so many of them give.
void Convolve(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              RowView<const int8_t> input, const int8_t* filter, const int32_t* bias, Rows rows,
              uint8_t* scratch, int32_t column_count, RowView<int8_t> output,
              void (*compute)(const Convolution& conv, int32_t pixels, int8_t* out)) {
  const Window2D& window = params.shape.window;
  const int32_t elements = FilterElements(params.shape);
  auto* const column_words = reinterpret_cast<uint32_t*>(scratch);
  const int32_t quad_words = 2 * column_count;
  const Convolution conv = {
      params,
      params.output(multipliers),
      filter,
      bias,
      elements,
      column_count,
      quad_words,
      column_words,
      reinterpret_cast<int8_t*>(column_words + (elements + 3) / 4 * quad_words)};

  if (NeedsGathering(params.shape)) ClearGathered(conv);  // behind the last element, too
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
        WidenQuads(from, elements / 4, offset, column_words + 2 * pixels, quad_words);
        from += window.stride_w * elements;
      } else {
        FillColumn(conv, input, tap_rows, x, pixels);
      }
      if (++pixels == column_count) {
        compute(conv, pixels, out);
        out += pixels * params.shape.output_channels;
        pixels = 0;
      }
    }
    const int32_t step = params.shape.output_channels;
    if (y + 1 < rows.end && output.Row(y + 1) == out + pixels * step) continue;
    if (pixels != 0) compute(conv, pixels, out);
    pixels = 0;
  }
  if (IsAllOfS8(params.clamp)) return;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    ClampS8(params.clamp, output.Row(y), params.shape.output_row_elements());
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(Conv2DS8), decltype(portable::Conv2DS8)>);

ScratchRequest Conv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const auto padded = static_cast<uint32_t>((FilterElements(params.shape) + 3) & ~3);
  const uint32_t gathered = NeedsGathering(params.shape) ? padded : 0;
  return {gathered + 2 * padded, 2 * padded, kColumns - 1};
}

void Conv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              RowView<const int8_t> input, const int8_t* filter, const int32_t* bias, Rows rows,
              Scratch scratch, RowView<int8_t> output) {
  const int32_t columns = scratch.units == kColumns - 1 ? kColumns : scratch.units == 0 ? 1 : 2;
  Convolve(params, multipliers, input, filter, bias, rows, scratch.data, columns, output,
           ComputePixels);
}

void Conv2DByTapS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                   RowView<const int8_t> input, const int8_t* filter, const int32_t* bias,
                   Rows rows, Scratch scratch, RowView<int8_t> output) {
  Convolve(params, multipliers, input, filter, bias, rows, scratch.data, 1, output,
           ComputePixelByTap);
}

}  // namespace midge::arm_dsp
