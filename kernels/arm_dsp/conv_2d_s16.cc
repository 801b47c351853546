// SPDX-License-Identifier: Apache-2.0
//
// As Conv2DS8, with inputs taken apart instead of widened: each output channel's weights meet the
// columns of four output pixels; with less memory for columns, blocks of channels meet one.
#include <cstring>
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/columns.h"
#include "kernels/arm_dsp/quads_s16.h"

namespace midge::arm_dsp {
namespace {

// Columns of what output pixels see, taps outside the image 0: as columns.h has them.
struct Columns {
  const WindowedShape& shape;
  int32_t elements;    // K: of one output channel's filter
  int32_t quads;       // K / 4, rounded up
  int32_t quad_words;  // 2 * columns
  uint32_t* words;     // [quads][columns][2]
  int16_t* gathered;   // [4 * quads]: a column before it is taken apart, where that is needed
};

// memcpy for runs so short that a call would count.
inline void CopyRun(const int16_t* from, int32_t count, int16_t* to) {
  for (; count >= 2; count -= 2, from += 2, to += 2) Store32(to, Load32(from));
  if (count > 0) *to = *from;
}

void Fill(const Columns& columns, const RowView<const int16_t>& input, const Window2D::Taps& rows,
          const Window2D::Taps& taps, uint32_t* column) {
  const Window2D& window = columns.shape.window;
  const int32_t channels = columns.shape.input_channels;
  const int32_t count = taps.end - taps.begin;
  const bool one_run = window.dilation_w == 1;
  const int32_t run = (one_run ? count : 1) * channels;
  const int32_t filter_row = window.filter_w * channels;
  const bool gather = NeedsGathering(columns.shape);
  if (rows.end - rows.begin < window.filter_h || count < window.filter_w) {
    if (gather) {
      std::memset(columns.gathered, 0, static_cast<size_t>(columns.quads) * 8);
    } else {
      for (int32_t i = 0; i < columns.quads; ++i) {
        column[i * columns.quad_words] = column[i * columns.quad_words + 1] = 0;
      }
    }
  }
  const int32_t first = (taps.origin + taps.begin * window.dilation_w) * channels;
  for (int32_t i = rows.begin; i < rows.end; ++i) {
    const int16_t* from = input.Row(rows.origin + i * window.dilation_h) + first;
    int32_t at = i * filter_row + taps.begin * channels;
    for (int32_t left = one_run ? 1 : count; left > 0; --left) {
      if (gather) {
        CopyRun(from, run, columns.gathered + at);
      } else {
        SplitQuads(from, run >> 2, column + (at >> 2) * columns.quad_words, columns.quad_words);
      }
      from += window.dilation_w * channels;
      at += run;
    }
  }
  if (gather) SplitQuads(columns.gathered, columns.quads, column, columns.quad_words);
}

// sums[p] = sum_k w[k] * x[k][p] for the 4 * quads first k of kColumns pixels. quads > 0.
#if MIDGE_ARM_DSP_ASM

[[gnu::noinline]] void MultiplyFour(const int8_t* w, const uint32_t* x, int32_t quads,
                                    int32_t* sums) {
  const uint32_t* const end = x + quads * kQuadWords;
  int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  uint32_t even, odd;
#define MIDGE_QUAD                       \
  "ldr    %[odd], [%[w]], #4\n\t"        \
  "ldm    %[x]!, {r3, r4, r5, r6}\n\t"   \
  "sxtb16 %[even], %[odd]\n\t"           \
  "sxtb16 %[odd], %[odd], ror #8\n\t"    \
  "smlad  %[s0], %[even], r3, %[s0]\n\t" \
  "smlad  %[s0], %[odd], r4, %[s0]\n\t"  \
  "smlad  %[s1], %[even], r5, %[s1]\n\t" \
  "smlad  %[s1], %[odd], r6, %[s1]\n\t"  \
  "ldm    %[x]!, {r3, r4, r5, r6}\n\t"   \
  "smlad  %[s2], %[even], r3, %[s2]\n\t" \
  "smlad  %[s2], %[odd], r4, %[s2]\n\t"  \
  "smlad  %[s3], %[even], r5, %[s3]\n\t" \
  "smlad  %[s3], %[odd], r6, %[s3]\n"
  asm volatile(
      "tst    %[bytes], #32\n\t"  // an odd number of quads
      "bne    2f\n"
      "1:\n\t" MIDGE_QUAD "2:\n\t" MIDGE_QUAD
      "\tcmp    %[x], %[end]\n\t"
      "bne    1b"
      : [w] "+r"(w), [x] "+r"(x), [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3),
        [even] "=&r"(even), [odd] "=&r"(odd)
      : [end] "r"(end), [bytes] "r"(quads * 32)
      : "r3", "r4", "r5", "r6", "cc", "memory");
#undef MIDGE_QUAD
  sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
}

#else

void MultiplyFour(const int8_t* w, const uint32_t* x, int32_t quads, int32_t* sums) {
  for (int32_t p = 0; p < kColumns; ++p) {
    sums[p] = MultiplyQuads(w, x + 2 * p, quads, kQuadWords, 0);
  }
}

#endif

// All output channels of the first `pixels` of four columns; the pixels' outputs follow each other.
template <typename Bias>
void ComputeFour(const Columns& columns, const QuantizedOutput& quantized, const int8_t* filter,
                 const Bias* bias, int32_t pixels, int16_t* out) {
  const int32_t channels = columns.shape.output_channels;
  const int32_t rest = columns.elements % 4;
  const int8_t* w = filter;
  for (int32_t o = 0; o < channels; ++o, ++out) {
    const ChannelOutputS16<Bias> channel(quantized, bias, o);
    SumS16<Bias> sums[kColumns];
    for (SumS16<Bias>& sum : sums) sum = channel.Begin();
    const uint32_t* x = columns.words;
    int32_t parts[kColumns] = {};
    for (int32_t left = columns.elements >> 2;;) {
      const int32_t quads = left < kMostProducts / 4 ? left : kMostProducts / 4;
      if (pixels == 1) {  // four would take longer
        parts[0] = MultiplyQuads(w, x, quads, kQuadWords, 0);
      } else if (quads > 0) {
        MultiplyFour(w, x, quads, parts);
      }
      w += 4 * quads;
      x += quads * kQuadWords;
      left -= quads;
      if (left == 0) break;
      for (int p = 0; p < kColumns; ++p) sums[p] = channel.Add(sums[p], parts[p]);
    }
    for (int32_t p = 0; p < pixels; ++p) {
      if (rest != 0) parts[p] = AddLastQuad(x + 2 * p, w, rest, parts[p]);
      out[p * channels] = channel.End(channel.Add(sums[p], parts[p]));
    }
    w += rest;
  }
}

// All output channels of the only column.
template <typename Bias>
void ComputeOne(const Columns& columns, const QuantizedOutput& quantized, const int8_t* filter,
                const Bias* bias, int16_t* out) {
  const int32_t channels = columns.shape.output_channels, elements = columns.elements;
  for (int32_t o = 0; o < channels; o += kMostRows) {
    const int32_t count = channels - o < kMostRows ? channels - o : kMostRows;
    SumS16<Bias> sums[kMostRows] = {};  // but for the last part
    int32_t parts[kMostRows];
    for (int32_t i = 0;;) {
      const int32_t products = elements - i < kMostProducts ? elements - i : kMostProducts;
      MultiplyRows(columns.words + i / 2, products, filter + o * elements + i, elements, count,
                   parts);
      i += products;
      if (i == elements) break;
      for (int32_t k = 0; k < count; ++k) sums[k] = AddWrapping(sums[k], SumS16<Bias>{parts[k]});
    }
    FinishRows(quantized, bias, o, count, parts, elements > kMostProducts ? sums : nullptr,
               out + o);
  }
}

}  // namespace

ScratchRequest Conv2DS16ScratchBytes(const ConvolutionS16Params& params) {
  const auto column = static_cast<uint32_t>((FilterElements(params.shape) + 3) >> 2) * 8;
  return {NeedsGathering(params.shape) ? 2 * column : column, 3 * column, 1};
}

template <typename Bias>
void Conv2DS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
               const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
               Rows rows, Scratch scratch, const RowView<int16_t>& output) {
  const Window2D& window = params.shape.window;
  // Two pixels take less one by one.
  const bool few = (rows.end - rows.begin) * window.output_w < 3;
  const int32_t column_count = kSmall || scratch.units == 0 || few ? 1 : kColumns;
  const int32_t elements = FilterElements(params.shape), quads = (elements + 3) >> 2;
  auto* const words = reinterpret_cast<uint32_t*>(scratch.data);
  const Columns columns = {
      params.shape,     elements, quads,
      2 * column_count, words,    reinterpret_cast<int16_t*>(words + quads * 2 * column_count)};
  if (NeedsGathering(params.shape)) {  // behind the last element, too
    std::memset(columns.gathered, 0, static_cast<size_t>(quads) * 8);
  }
  const QuantizedOutput quantized = params.output(multipliers);
  int16_t* out = nullptr;  // of the first column's pixel
  int32_t pixels = 0;      // columns filled
  const auto compute = [&] {
    if (column_count == 1) {
      ComputeOne(columns, quantized, filter, bias, out);
    } else {
      ComputeFour(columns, quantized, filter, bias, pixels, out);
    }
    out += pixels * params.shape.output_channels;
    pixels = 0;
  };
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    if (pixels == 0) out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x) {
      Fill(columns, input, tap_rows, window.ColumnTaps(x), words + 2 * pixels);
      if (++pixels == column_count) compute();
    }
    // Rows make no difference to pixels whose outputs follow each other.
    if (y + 1 < rows.end && output.Row(y + 1) == out + pixels * params.shape.output_channels) {
      continue;
    }
    if (pixels != 0) compute();
  }
}

static_assert(std::is_same_v<decltype(Conv2DS16<int32_t>), ConvolutionS16<int32_t>>);
template ConvolutionS16<int32_t> Conv2DS16<int32_t>;
template ConvolutionS16<PackedInt64> Conv2DS16<PackedInt64>;

}  // namespace midge::arm_dsp
