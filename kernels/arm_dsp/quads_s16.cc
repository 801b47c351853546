// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_dsp/quads_s16.h"

namespace midge::arm_dsp {

void MultiplyRows(const uint32_t* words, int32_t count, const int8_t* w, int32_t w_stride,
                  int32_t rows, int32_t* parts) {
  for (int32_t k = 0; k < rows; ++k) parts[k] = 0;
  const int32_t whole = count & ~3, rest = count & 3;
  AddWideProducts(nullptr, 0, words, whole, w, w_stride, rows, parts);
  for (int32_t k = 0; rest != 0 && k < rows; ++k) {
    parts[k] = AddLastQuad(words + whole / 2, w + k * w_stride + whole, rest, parts[k]);
  }
}

template <typename Bias>
[[gnu::noinline]] void FinishRows(const QuantizedOutput& output, const Bias* bias, int32_t channel,
                                  int32_t count, const int32_t* parts, const SumS16<Bias>* more,
                                  int16_t* out) {
  for (int32_t k = 0; k < count; ++k) {
    const ChannelOutputS16<Bias> of(output, bias, channel + k);
    SumS16<Bias> sum = of.Add(of.Begin(), parts[k]);
    if (more != nullptr) sum = of.Add(sum, more[k]);
    out[k] = of.End(sum);
  }
}

template void FinishRows(const QuantizedOutput&, const int32_t*, int32_t, int32_t, const int32_t*,
                         const int32_t*, int16_t*);
template void FinishRows(const QuantizedOutput&, const PackedInt64*, int32_t, int32_t,
                         const int32_t*, const int64_t*, int16_t*);

}  // namespace midge::arm_dsp
