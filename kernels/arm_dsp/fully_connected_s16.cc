// SPDX-License-Identifier: Apache-2.0
//
// As FullyConnectedS8, with inputs taken apart instead of widened. Zero points, which converters do
// not make, are added in another pass over the weights.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/quads_s16.h"

namespace midge::arm_dsp {
namespace {

int64_t MultiplyWrapping(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
using midge::MultiplyWrapping;

void Split(const int16_t* x, int32_t count, uint32_t* words) {
  SplitQuads(x, count / 4, words, 2);
  int16_t last[4] = {};
  for (int32_t i = 0; i < count % 4; ++i) last[i] = x[count / 4 * 4 + i];
  if (count % 4 != 0) SplitQuads(last, 1, words + count / 4 * 2, 2);
}

}  // namespace

template <typename Bias>
void FullyConnectedS16(const FullyConnectedS16Params& params, const ChannelMultipliers& multipliers,
                       const int16_t* input, const int8_t* filter, const Bias* bias,
                       int32_t batches, int16_t* output) {
  using Sum = SumS16<Bias>;
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const int32_t zero_point = params.input_zero_point, filter_zero_point = params.filter_zero_point;
  const QuantizedOutput quantized = {multipliers, params.output_zero_point, params.clamp};
  const bool plain = zero_point == 0 && filter_zero_point == 0 && depth <= kMostProducts;
  uint32_t words[kMostProducts / 2];
  for (; batches > 0; --batches, input += depth) {
    Sum sum_of_inputs = 0;  // without their zero point
    for (int32_t d = 0; filter_zero_point != 0 && d < depth; ++d) {
      sum_of_inputs = AddWrapping(sum_of_inputs, Sum{input[d] - zero_point});
    }
    for (int32_t u = 0; u < units; u += kMostRows) {
      const int32_t count = units - u < kMostRows ? units - u : kMostRows;
      const int8_t* const w = filter + u * depth;
      Sum sums[kMostRows];  // but for the last chunk's parts
      for (int32_t k = 0; !plain && k < count; ++k) {
        // sum (w - zf) * v = sum w * x - zi * sum w - zf * sum v, where v = x - zi.
        int32_t sum_of_weights = 0;
        for (int32_t d = 0; zero_point != 0 && d < depth; ++d) sum_of_weights += w[k * depth + d];
        sums[k] = AddWrapping(MultiplyWrapping(Sum{-zero_point}, Sum{sum_of_weights}),
                              MultiplyWrapping(Sum{-filter_zero_point}, sum_of_inputs));
      }
      int32_t parts[kMostRows];
      for (int32_t d = 0;;) {
        const int32_t here = depth - d < kMostProducts ? depth - d : kMostProducts;
        if (u == 0 || depth > kMostProducts) Split(input + d, here, words);
        MultiplyRows(words, here, w + d, depth, count, parts);
        d += here;
        if (d == depth) break;
        for (int32_t k = 0; k < count; ++k) sums[k] = AddWrapping(sums[k], Sum{parts[k]});
      }
      FinishRows(quantized, bias, u, count, parts, plain ? nullptr : sums, output);
      output += count;
    }
  }
}

static_assert(std::is_same_v<decltype(FullyConnectedS16<int32_t>),
                             decltype(portable::FullyConnectedS16<int32_t>)>);
template FullyConnectedS16Kernel<int32_t> FullyConnectedS16<int32_t>;
template FullyConnectedS16Kernel<PackedInt64> FullyConnectedS16<PackedInt64>;

}  // namespace midge::arm_dsp
