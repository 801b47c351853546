// SPDX-License-Identifier: Apache-2.0
//
// Four output channels at a time meet what a pixel sees, one run of inputs after the other.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/channel_groups.h"
#include "kernels/arm_dsp/dot_f32.h"

namespace midge::arm_dsp {

static_assert(std::is_same_v<decltype(Conv2DF32), decltype(portable::Conv2DF32)>);

void Conv2DF32(const ConvolutionF32Params& params, const RowView<const float>& input,
               const float* filter, const float* bias, Rows rows, const RowView<float>& output) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.input_channels;
  const int32_t output_channels = params.shape.output_channels;
  const int32_t size = GroupSize(output_channels);
  const int32_t filter_row = window.filter_w * channels;     // elements of filter[o, i]
  const int32_t filter_size = window.filter_h * filter_row;  // elements of filter[o]
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    float* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x, out += output_channels) {
      const Window2D::Taps taps = window.ColumnTaps(x);
      const int32_t columns = taps.end - taps.begin;
      // Without dilation the taps of one filter row are one run in memory; else one run per tap.
      const bool one_run = window.dilation_w == 1;
      const int32_t runs = one_run && columns > 0 ? 1 : columns;
      const int32_t run = one_run ? columns * channels : channels;
      const int32_t run_step = window.dilation_w * channels;
      const int32_t first = (taps.origin + taps.begin * window.dilation_w) * channels;
      for (int32_t o = 0; o < output_channels; o = NextGroup(o, output_channels)) {
        float sums[kGroup] = {};
        for (int32_t i = tap_rows.begin; i < tap_rows.end; ++i) {
          const float* in = input.Row(tap_rows.origin + i * window.dilation_h) + first;
          const float* w = filter + o * filter_size + i * filter_row + taps.begin * channels;
          for (int32_t r = 0; r < runs; ++r, in += run_step, w += channels) {
            if (size == kGroup) {
              AddProducts4(in, w, filter_size, run, sums);
            } else {
              for (int32_t k = 0; k < size; ++k) {
                sums[k] = AddProducts1(in, w + k * filter_size, run, sums[k]);
              }
            }
          }
        }
        for (int32_t k = 0; k < size; ++k) {
          const float sum = sums[k] + (bias != nullptr ? bias[o + k] : 0.f);
          out[o + k] = ClampFloat(sum, params.clamp);
        }
      }
    }
  }
}

}  // namespace midge::arm_dsp
