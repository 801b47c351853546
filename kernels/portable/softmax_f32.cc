// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

void SoftmaxRow(float beta, int32_t channels, const float* input, float* output) {
  float max = input[0];
  for (int32_t c = 1; c < channels; ++c) max = input[c] > max ? input[c] : max;
  float sum = 0.f;
  for (int32_t c = 0; c < channels; ++c) {
    const float exponential = std::exp((input[c] - max) * beta);
    output[c] = exponential;
    sum += exponential;
  }
  const float reciprocal = 1.f / sum;
  for (int32_t c = 0; c < channels; ++c) output[c] *= reciprocal;
}

}  // namespace

void SoftmaxF32(const SoftmaxF32Params& params, const RowView<const float>& input, Rows rows,
                const RowView<float>& output) {
  const SoftmaxShape& shape = params.shape;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    for (int32_t i = 0; i < shape.rows.elements; i += shape.channels) {
      SoftmaxRow(params.beta, shape.channels, input.Row(y) + i, output.Row(y) + i);
    }
  }
}

}  // namespace midge::portable
