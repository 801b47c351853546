// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void Conv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              RowView<const int8_t> input, const int8_t* filter, const int32_t* bias, Rows rows,
              uint8_t*, RowView<int8_t> output) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.input_channels;
  const int32_t output_channels = params.shape.output_channels;
  const int32_t zero_point = params.input_zero_point;
  const QuantizedOutput quantized = params.output(multipliers);
  const int32_t filter_row = window.filter_w * channels;     // elements of filter[o, i]
  const int32_t filter_size = window.filter_h * filter_row;  // elements of filter[o]

  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    int8_t* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x) {
      const Window2D::Taps taps = window.ColumnTaps(x);
      // Without dilation the taps of one filter row are one run in memory; else one run per tap.
      const bool one_run = window.dilation_w == 1;
      const int32_t runs = one_run ? (taps.begin < taps.end ? 1 : 0) : taps.end - taps.begin;
      const int32_t run = one_run ? (taps.end - taps.begin) * channels : channels;
      const int32_t run_step = window.dilation_w * channels;
      const int32_t first_pixel = (taps.origin + taps.begin * window.dilation_w) * channels;

      const int8_t* w = filter + taps.begin * channels;  // filter[o, 0, taps.begin]
      int32_t o = 0;
      for (; o + kDotChannels <= output_channels; o += kDotChannels) {
        int32_t acc[kDotChannels] = {};
        for (int32_t k = 0; bias != nullptr && k < kDotChannels; ++k) acc[k] = bias[o + k];
        for (int32_t i = tap_rows.begin; i < tap_rows.end; ++i) {
          const int8_t* in = input.Row(tap_rows.origin + i * window.dilation_h) + first_pixel;
          const int8_t* w_row = w + i * filter_row;
          for (int32_t r = 0; r < runs; ++r) {
            Dot4(in, zero_point, w_row, filter_size, run, acc);
            in += run_step;
            w_row += channels;
          }
        }
        for (int32_t k = 0; k < kDotChannels; ++k) {
          *out++ = quantized.S8(acc[k], o + k);
        }
        w += kDotChannels * filter_size;
      }
      for (; o < output_channels; ++o) {
        int32_t acc = bias != nullptr ? bias[o] : 0;
        for (int32_t i = tap_rows.begin; i < tap_rows.end; ++i) {
          const int8_t* in = input.Row(tap_rows.origin + i * window.dilation_h) + first_pixel;
          const int8_t* w_row = w + i * filter_row;
          for (int32_t r = 0; r < runs; ++r) {
            acc = Dot1(in, zero_point, w_row, run, acc);
            in += run_step;
            w_row += channels;
          }
        }
        *out++ = quantized.S8(acc, o);
        w += filter_size;
      }
    }
  }
}

}  // namespace midge::portable
