// SPDX-License-Identifier: Apache-2.0
//
// Eight channels at a time, in the order of the portable kernel's sums.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/dot_f32.h"

namespace midge::arm_dsp {
namespace {

constexpr int32_t kChannels = 8;

// sums[k] += sum_j x[j * x_step + k] * w[j * w_step + k] for k < kChannels, j < count; count > 0.
inline void AddTaps(const float* x, int32_t x_step, const float* w, int32_t w_step, int32_t count,
                    float* sums) {
#if MIDGE_ARM_DSP_FLOAT_ASM
  asm volatile(
      "vldm   %[sums], {s16-s23}\n"
      "1:\n\t"
      "vldm   %[x], {s0-s7}\n\t"
      "vldm   %[w], {s8-s15}\n\t"
      "vmla.f32 s16, s0, s8\n\t"
      "vmla.f32 s17, s1, s9\n\t"
      "vmla.f32 s18, s2, s10\n\t"
      "vmla.f32 s19, s3, s11\n\t"
      "vmla.f32 s20, s4, s12\n\t"
      "vmla.f32 s21, s5, s13\n\t"
      "vmla.f32 s22, s6, s14\n\t"
      "vmla.f32 s23, s7, s15\n\t"
      "add    %[x], %[x], %[x_step], lsl #2\n\t"
      "add    %[w], %[w], %[w_step], lsl #2\n\t"
      "subs   %[n], %[n], #1\n\t"
      "bne    1b\n\t"
      "vstm   %[sums], {s16-s23}"
      : [x] "+r"(x), [w] "+r"(w), [n] "+r"(count)
      : [sums] "r"(sums), [x_step] "r"(x_step), [w_step] "r"(w_step)
      : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13",
        "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "cc", "memory");
#else
  for (; count > 0; --count, x += x_step, w += w_step) {
    for (int32_t k = 0; k < kChannels; ++k) sums[k] += x[k] * w[k];
  }
#endif
}

}  // namespace

static_assert(std::is_same_v<decltype(DepthwiseConv2DF32), decltype(portable::DepthwiseConv2DF32)>);

void DepthwiseConv2DF32(const ConvolutionF32Params& params, const RowView<const float>& input,
                        const float* filter, const float* bias, Rows rows,
                        const RowView<float>& output) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.output_channels;
  if (channels < kChannels || channels != params.shape.input_channels) {
    portable::DepthwiseConv2DF32(params, input, filter, bias, rows, output);
    return;
  }
  const int32_t x_step = window.dilation_w * channels;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    float* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x, out += channels) {
      const Window2D::Taps taps = window.ColumnTaps(x);
      const int32_t columns = taps.end - taps.begin;
      const int32_t first = taps.origin * channels + taps.begin * x_step;
      for (int32_t next = 0; next < channels; next += kChannels) {
        // The last eight may overlap those before them.
        const int32_t c = next + kChannels <= channels ? next : channels - kChannels;
        float sums[kChannels];
        for (int32_t k = 0; k < kChannels; ++k) sums[k] = bias != nullptr ? bias[c + k] : 0.f;
        for (int32_t i = columns > 0 ? tap_rows.begin : tap_rows.end; i < tap_rows.end; ++i) {
          AddTaps(input.Row(tap_rows.origin + i * window.dilation_h) + first + c, x_step,
                  filter + (i * window.filter_w + taps.begin) * channels + c, channels, columns,
                  sums);
        }
        for (int32_t k = 0; k < kChannels; ++k) out[c + k] = ClampFloat(sums[k], params.clamp);
      }
    }
  }
}

}  // namespace midge::arm_dsp
