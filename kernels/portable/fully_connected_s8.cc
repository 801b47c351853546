// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void FullyConnectedS8(const FullyConnectedS8Params& params, const ChannelMultipliers& multipliers,
                      const int8_t* input, const int8_t* filter, const int32_t* bias,
                      int32_t batches, int8_t* output) {
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const int32_t zero_point = params.input_zero_point;
  const QuantizedOutput quantized = {multipliers, params.output_zero_point, params.clamp};

  for (; batches > 0; --batches, input += depth) {
    // sum (w - zf) * v = sum w * v - zf * sum v, where v = input - zi.
    uint32_t offset = 0;
    if (params.filter_zero_point != 0) {
      int32_t sum = 0;
      for (int32_t d = 0; d < depth; ++d) sum = AddWrapping(sum, input[d] - zero_point);
      offset = static_cast<uint32_t>(-params.filter_zero_point) * static_cast<uint32_t>(sum);
    }
    const auto start = [&](int32_t u) {
      return AddWrapping(static_cast<int32_t>(offset), bias != nullptr ? bias[u] : 0);
    };
    const int8_t* w = filter;
    int32_t u = 0;
    for (; u + kDotChannels <= units; u += kDotChannels, w += kDotChannels * depth) {
      int32_t acc[kDotChannels] = {start(u), start(u + 1), start(u + 2), start(u + 3)};
      Dot4(input, zero_point, w, depth, depth, acc);
      for (int32_t k = 0; k < kDotChannels; ++k) *output++ = quantized.S8(acc[k], u + k);
    }
    for (; u < units; ++u, w += depth) {
      *output++ = quantized.S8(Dot1(input, zero_point, w, depth, start(u)), u);
    }
  }
}

}  // namespace midge::portable
