// SPDX-License-Identifier: Apache-2.0
//
// Four channels at a time: a tap's two words of inputs meet its word of weights, taken apart. What
// an output channel multiplies its sums with is worked out once for a row of outputs.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/quads_s16.h"

namespace midge::arm_dsp {
namespace {

constexpr int32_t kMostFilterRows = 16;

// sk += x[k] * w[k].
[[gnu::always_inline]] inline void AddTap(const int16_t* x, const int8_t* w, int32_t& s0,
                                          int32_t& s1, int32_t& s2, int32_t& s3) {
#if MIDGE_ARM_DSP_ASM
  uint32_t first, second, even, odd;
  asm volatile(
      "ldr    %[first], [%[x]]\n\t"
      "ldr    %[odd], [%[w]]\n\t"
      "ldr    %[second], [%[x], #4]\n\t"
      "sxtb16 %[even], %[odd]\n\t"
      "sxtb16 %[odd], %[odd], ror #8\n\t"
      "smlabb %[s0], %[first], %[even], %[s0]\n\t"
      "smlatb %[s1], %[first], %[odd], %[s1]\n\t"
      "smlabt %[s2], %[second], %[even], %[s2]\n\t"
      "smlatt %[s3], %[second], %[odd], %[s3]"
      : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [first] "=&r"(first),
        [second] "=&r"(second), [even] "=&r"(even), [odd] "=&r"(odd)
      : [x] "r"(x), [w] "r"(w)
      : "memory");
#else
  const uint32_t first = Load32(x), second = Load32(x + 2), word = Load32(w);
  const uint32_t even = Sxtb16(word), odd = Sxtb16Ror8(word);
  s0 = Smlabb(first, even, s0);
  s1 = Smlatb(first, odd, s1);
  s2 = Smlabt(second, even, s2);
  s3 = Smlatt(second, odd, s3);
#endif
}

// The taps of one output pixel that lie inside the image.
struct PixelTaps {
  const int16_t* const* rows;  // of inputs
  const int16_t* const* end;
  int32_t columns;
  int32_t first_input, input_step;  // of a row's first tap; from tap to tap
  int32_t weight_step, weight_row;  // from tap to tap, from row to row
};

[[gnu::noinline]] void MultiplyTaps(const PixelTaps& taps, const int8_t* w, int32_t* out) {
  int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  const int32_t input_step = taps.input_step, weight_step = taps.weight_step;
  const int32_t columns = taps.columns, first_input = taps.first_input;
  const int32_t gap = taps.weight_row - columns * weight_step;
  const int16_t* const* const end = taps.end;
  for (const int16_t* const* row = taps.rows; row != end; w += gap) {
    const int16_t* x = *row++ + first_input;
    for (int32_t j = columns; j > 0; --j, x += input_step, w += weight_step) {
      AddTap(x, w, s0, s1, s2, s3);
    }
  }
  out[0] = s0, out[1] = s1, out[2] = s2, out[3] = s3;
}

}  // namespace

template <typename Bias>
void DepthwiseConv2DS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
                        const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
                        Rows rows, Scratch scratch, const RowView<int16_t>& output) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.output_channels;
  if (params.shape.input_channels != channels || channels < kGroup ||
      window.filter_h > kMostFilterRows || window.filter_h * window.filter_w > kMostProducts) {
    return portable::DepthwiseConv2DS16(params, multipliers, input, filter, bias, rows, scratch,
                                        output);
  }
  const QuantizedOutput quantized = params.output(multipliers);
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
    for (int32_t c = 0; c < channels; c = NextGroup(c, channels)) {
      const ChannelOutputS16<Bias> of[kGroup] = {{quantized, bias, c},
                                                 {quantized, bias, c + 1},
                                                 {quantized, bias, c + 2},
                                                 {quantized, bias, c + 3}};
      int16_t* out = output.Row(y) + c;
      for (int32_t x = 0; x < window.output_w; ++x, out += channels) {
        const Window2D::Taps columns = window.ColumnTaps(x);
        taps.columns = columns.end - columns.begin;
        taps.first_input = (columns.origin + columns.begin * window.dilation_w) * channels + c;
        int32_t sums[kGroup];
        MultiplyTaps(taps, weights + columns.begin * channels + c, sums);
        for (int k = 0; k < kGroup; ++k) out[k] = of[k].End(of[k].Add(of[k].Begin(), sums[k]));
      }
    }
  }
}

static_assert(std::is_same_v<decltype(DepthwiseConv2DS16<int32_t>), ConvolutionS16<int32_t>>);
template ConvolutionS16<int32_t> DepthwiseConv2DS16<int32_t>;
template ConvolutionS16<PackedInt64> DepthwiseConv2DS16<PackedInt64>;

}  // namespace midge::arm_dsp
