// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/fixed_point_math.h"
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

void NormalizeRow(const L2NormalizationS8Params& params, const int8_t* input, int8_t* output) {
  const int32_t channels = params.shape.channels, zero_point = params.zero_point;
  uint32_t sum = 0;
  for (int32_t c = 0; c < channels; ++c) {
    const int32_t d = input[c] - zero_point;
    sum += static_cast<uint32_t>(d * d);
  }
  QuantizedMultiplier m = InverseSqrt(static_cast<int32_t>(sum));
  m.exponent += 7;  // to the output's scale
  MapUnary(input, channels, output, [=](int32_t x) {
    return static_cast<int8_t>(Clamp(Requantize(x - zero_point, m), INT8_MIN, INT8_MAX));
  });
}

void NormalizeRow(int32_t channels, const float* input, float* output) {
  constexpr float kLeastLength = 1e-6f;
  float sum = 0.f;
  for (int32_t c = 0; c < channels; ++c) sum += input[c] * input[c];
  const float root = std::sqrt(sum);
  const float length = root < kLeastLength ? kLeastLength : root;
  MapUnary(input, channels, output, [=](float x) { return x / length; });
}

}  // namespace

void L2NormalizationS8(const L2NormalizationS8Params& params, const RowView<const int8_t>& input,
                       Rows rows, const RowView<int8_t>& output) {
  const SoftmaxShape& shape = params.shape;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    for (int32_t i = 0; i < shape.rows.elements; i += shape.channels) {
      NormalizeRow(params, input.Row(y) + i, output.Row(y) + i);
    }
  }
}

void L2NormalizationF32(const SoftmaxShape& shape, const RowView<const float>& input, Rows rows,
                        const RowView<float>& output) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    for (int32_t i = 0; i < shape.rows.elements; i += shape.channels) {
      NormalizeRow(shape.channels, input.Row(y) + i, output.Row(y) + i);
    }
  }
}

}  // namespace midge::portable
