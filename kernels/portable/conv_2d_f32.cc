// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void Conv2DF32(const ConvolutionF32Params& params, RowView<const float> input, const float* filter,
               const float* bias, Rows rows, RowView<float> output) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.input_channels;
  const int32_t output_channels = params.shape.output_channels;
  const int32_t filter_row = window.filter_w * channels;     // elements of filter[o, i]
  const int32_t filter_size = window.filter_h * filter_row;  // elements of filter[o]

  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    float* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x) {
      const Window2D::Taps taps = window.ColumnTaps(x);
      // Without dilation the taps of one filter row are one run in memory; else one run per tap.
      const bool one_run = window.dilation_w == 1;
      const int32_t runs = one_run ? (taps.begin < taps.end ? 1 : 0) : taps.end - taps.begin;
      const int32_t run = one_run ? (taps.end - taps.begin) * channels : channels;
      const int32_t run_step = window.dilation_w * channels;
      const int32_t first_pixel = (taps.origin + taps.begin * window.dilation_w) * channels;

      const float* w = filter + taps.begin * channels;  // filter[o, 0, taps.begin]
      int32_t o = 0;
      while (o < output_channels) {
        const int32_t block = output_channels - o >= kDotChannels ? kDotChannels : 1;
        float acc[kDotChannels] = {};
        for (int32_t i = tap_rows.begin; i < tap_rows.end; ++i) {
          const float* in = input.Row(tap_rows.origin + i * window.dilation_h) + first_pixel;
          const float* w_row = w + i * filter_row;
          for (int32_t r = 0; r < runs; ++r) {
            if (block == kDotChannels) {
              Dot4(in, w_row, filter_size, run, acc);
            } else {
              acc[0] = Dot1(in, w_row, run, acc[0]);
            }
            in += run_step;
            w_row += channels;
          }
        }
        for (int32_t k = 0; k < block; ++k, ++o) {
          const float value = acc[k] + (bias != nullptr ? bias[o] : 0.f);
          *out++ = ClampFloat(value, params.clamp);
        }
        w += block * filter_size;
      }
    }
  }
}

}  // namespace midge::portable
