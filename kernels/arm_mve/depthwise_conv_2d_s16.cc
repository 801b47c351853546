// SPDX-License-Identifier: Apache-2.0
//
// Sixteen channels at a time, and eight where there are not as many: products of even and of odd
// channels are vectors of their own (VMULLB, VMULLT). Outputs of two pixels are requantized
// together.
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/dot_s16.h"
#include "kernels/arm_mve/helium.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kLeastChannels = 4;  // fewer leave vectors empty
constexpr int32_t kMostFilterRows = 16;

// The taps of one output pixel that lie inside the image.
struct PixelTaps {
  const int16_t* const* rows;  // of inputs
  const int16_t* const* end;
  int32_t columns;                  // at least 1, if there are rows
  int32_t first_input, input_step;  // of a row's first tap; from tap to tap
  int32_t weight_step, weight_row;  // from tap to tap, from row to row
};

// Sums of eight channels.
struct Eight {
  S32x4 even = SplatS32(0), odd = SplatS32(0);

  void Store(int32_t* sums) const { StoreInterleaved(sums, even, odd); }
};

#if MIDGE_ARM_MVE_ASM
#define MIDGE_MVE_ADD(even, odd)               \
  "vmullb.s16   %q[product], %q[v], %q[u]\n\t" \
  "vadd.i32     %q[" even "], %q[" even        \
  "], %q[product]\n\t"                         \
  "vmullt.s16   %q[product], %q[v], %q[u]\n\t" \
  "vadd.i32     %q[" odd "], %q[" odd "], %q[product]\n\t"
#else
void AddProducts(const int16_t* x, const int8_t* w, int32_t channels, Eight& sums) {
  for (int32_t k = 0; k < channels && k < 8; ++k) {
    int32_t& sum = (k % 2 == 0 ? sums.even : sums.odd).lane[k / 2];
    sum = AddWrapping(sum, x[k] * w[k]);
  }
}
#endif

// sums[k] = sum over taps of x[c + k] * w[c + k], for k < 16.
[[gnu::noinline]] void MultiplySixteen(const PixelTaps& taps, const int8_t* w, int32_t c,
                                       int32_t* sums) {
  w += c;
  Eight low, high;
  const int32_t gap = taps.weight_row - taps.columns * taps.weight_step;
  for (const int16_t* const* row = taps.rows; row != taps.end; w += gap) {
    const int16_t* x = *row++ + taps.first_input + c;
#if MIDGE_ARM_MVE_ASM
    S16x8 v, u;
    S32x4 product;
    asm volatile(
        "dls          lr, %[columns]\n"
        "1:\n\t"
        "vldrh.16     %q[v], [%[x]]\n\t"
        "vldrb.s16    %q[u], [%[w]]\n\t" MIDGE_MVE_ADD("even", "odd")
        "vldrh.16     %q[v], [%[x], #16]\n\t"
        "vldrb.s16    %q[u], [%[w], #8]\n\t" MIDGE_MVE_ADD("high_even", "high_odd")
        "add          %[x], %[x], %[input_step]\n\t"
        "add          %[w], %[w], %[weight_step]\n\t"
        "le           lr, 1b"
        : [x] "+r"(x), [w] "+l"(w), [even] "+&w"(low.even), [odd] "+&w"(low.odd),
          [high_even] "+&w"(high.even), [high_odd] "+&w"(high.odd), [v] "=&w"(v), [u] "=&w"(u),
          [product] "=&w"(product)
        : [columns] "r"(taps.columns), [input_step] "r"(taps.input_step * 2),
          [weight_step] "r"(taps.weight_step)
        : "lr", "memory");
#else
    for (int32_t j = 0; j < taps.columns; ++j, x += taps.input_step, w += taps.weight_step) {
      AddProducts(x, w, 8, low);
      AddProducts(x + 8, w + 8, 8, high);
    }
#endif
  }
  low.Store(sums);
  high.Store(sums + 8);
}

// The same for k < channels, or eight if these are more; other sums up to the eighth are 0.
[[gnu::noinline]] void MultiplyEight(const PixelTaps& taps, const int8_t* w, int32_t c,
                                     int32_t channels, int32_t* sums) {
  w += c;
  Eight eight;
  const int32_t gap = taps.weight_row - taps.columns * taps.weight_step;
  for (const int16_t* const* row = taps.rows; row != taps.end; w += gap) {
    const int16_t* x = *row++ + taps.first_input + c;
#if MIDGE_ARM_MVE_ASM
    S16x8 v, u;
    S32x4 product;
    asm volatile(
        "vctp.16      %[channels]\n\t"
        "dls          lr, %[columns]\n"
        "1:\n\t"
        "vpstt\n\t"
        "vldrht.16    %q[v], [%[x]]\n\t"
        "vldrbt.s16   %q[u], [%[w]]\n\t" MIDGE_MVE_ADD("even", "odd")
        "add          %[x], %[x], %[input_step]\n\t"
        "add          %[w], %[w], %[weight_step]\n\t"
        "le           lr, 1b"
        : [x] "+r"(x), [w] "+l"(w), [even] "+&w"(eight.even), [odd] "+&w"(eight.odd),
          [v] "=&w"(v), [u] "=&w"(u), [product] "=&w"(product)
        : [channels] "r"(channels), [columns] "r"(taps.columns),
          [input_step] "r"(taps.input_step * 2), [weight_step] "r"(taps.weight_step)
        : "lr", "p0", "memory");
#else
    for (int32_t j = 0; j < taps.columns; ++j, x += taps.input_step, w += taps.weight_step) {
      AddProducts(x, w, channels, eight);
    }
#endif
  }
  eight.Store(sums);
}

#if MIDGE_ARM_MVE_ASM
#undef MIDGE_MVE_ADD
#endif

// sums[k] = sum over taps of x[k] * w[k], for k < channels; also writes sums up to a multiple of
// eight.
void MultiplyTaps(const PixelTaps& taps, const int8_t* w, int32_t channels, int32_t* sums) {
  int32_t c = 0;
  for (; c + 16 <= channels; c += 16) MultiplySixteen(taps, w, c, sums + c);
  for (; c < channels; c += 8) MultiplyEight(taps, w, c, channels - c, sums + c);
}

}  // namespace

template <typename Bias>
void DepthwiseConv2DS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
                        const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
                        Rows rows, Scratch scratch, const RowView<int16_t>& output) {
  constexpr int32_t kBlock = kBlockS16;
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.output_channels;
  if (params.shape.input_channels != channels || channels < kLeastChannels ||
      window.filter_h > kMostFilterRows || window.filter_h * window.filter_w > kMostProducts) {
    return portable::DepthwiseConv2DS16(params, multipliers, input, filter, bias, rows, scratch,
                                        output);
  }
  const OutputsS16<Bias> outputs(params.output(multipliers), bias, channels);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    const int16_t* inputs[kMostFilterRows];
    for (int32_t i = tap_rows.begin; i < tap_rows.end; ++i) {
      inputs[i] = input.Row(tap_rows.origin + i * window.dilation_h);
    }
    PixelTaps taps = {inputs + tap_rows.begin,
                      inputs + tap_rows.end,
                      0,
                      0,
                      window.dilation_w * channels,
                      channels,
                      window.filter_w * channels};
    const int8_t* const weights = filter + tap_rows.begin * taps.weight_row;
    for (int32_t c = 0; c < channels; c += kBlock) {
      const int32_t count = channels - c < kBlock ? channels - c : kBlock;
      int32_t sums[2 * kBlock];
      int16_t* out = output.Row(y) + c;
      const auto multiply = [&](int32_t x, int32_t* to) {
        const Window2D::Taps columns = window.ColumnTaps(x);
        taps.columns = columns.end - columns.begin;
        taps.end = inputs + (taps.columns > 0 ? tap_rows.end : tap_rows.begin);
        taps.first_input = (columns.origin + columns.begin * window.dilation_w) * channels + c;
        MultiplyTaps(taps, weights + columns.begin * channels + c, count, to);
      };
      int32_t x = 0;
      for (; x + 2 <= window.output_w; x += 2, out += 2 * channels) {
        multiply(x, sums);
        multiply(x + 1, sums + kBlock);
        outputs.template Finish<2>(c, count, sums, {out, out + channels});
      }
      if (x < window.output_w) {
        multiply(x, sums);
        outputs.template Finish<1>(c, count, sums, {out});
      }
    }
  }
}

static_assert(std::is_same_v<decltype(DepthwiseConv2DS16<int32_t>), ConvolutionS16<int32_t>>);
template ConvolutionS16<int32_t> DepthwiseConv2DS16<int32_t>;
template ConvolutionS16<PackedInt64> DepthwiseConv2DS16<PackedInt64>;

}  // namespace midge::arm_mve
