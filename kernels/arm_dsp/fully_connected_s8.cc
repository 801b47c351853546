// SPDX-License-Identifier: Apache-2.0
//
// Inputs are widened once for all units, up to kMostWide of them at a time. Sums of a block of
// units wait on the stack where the depth takes several turns.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/dot_s8.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {
namespace {

constexpr int32_t kBlock = 32;  // units

}  // namespace

static_assert(std::is_same_v<decltype(FullyConnectedS8), decltype(portable::FullyConnectedS8)>);

void FullyConnectedS8(const FullyConnectedS8Params& params, const ChannelMultipliers& multipliers,
                      const int8_t* input, const int8_t* filter, const int32_t* bias,
                      int32_t batches, int8_t* output) {
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const QuantizedOutput quantized = {multipliers, params.output_zero_point, params.clamp};
  uint32_t wide[kMostWide / 2];
  int32_t sums[kBlock];
  int8_t* out = output;
  for (int32_t b = 0; b < batches; ++b, input += depth) {
    // sum (w - zf) * v = sum w * v - zf * sum v, where v = input - zi.
    int32_t first = 0;
    if (params.filter_zero_point != 0) {
      uint32_t sum = 0;
      for (int32_t d = 0; d < depth; ++d)
        sum += static_cast<uint32_t>(input[d] - params.input_zero_point);
      first = static_cast<int32_t>(sum * static_cast<uint32_t>(-params.filter_zero_point));
    }
    for (int32_t u = 0; u < units; u += kBlock) {
      const int32_t count = units - u < kBlock ? units - u : kBlock;
      for (int32_t k = 0; k < count; ++k) {
        sums[k] = AddWrapping(first, bias != nullptr ? bias[u + k] : 0);
      }
      for (int32_t d = 0; d < depth; d += kMostWide) {
        const int32_t chunk = depth - d < kMostWide ? depth - d : kMostWide;
        const int8_t* const x = input + d;
        if (u == 0 || depth > kMostWide) WidenS8(x, chunk, params.input_zero_point, wide);
        AddWideProducts(x, params.input_zero_point, wide, chunk, filter + u * depth + d, depth,
                        count, sums);
      }
      RequantizeS8(quantized, sums, u, count, out);
      out += count;
    }
  }
  if (!IsAllOfS8(params.clamp)) ClampS8(params.clamp, output, batches * units);
}

}  // namespace midge::arm_dsp
