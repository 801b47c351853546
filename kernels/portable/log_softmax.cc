// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/fixed_point_math.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

constexpr int32_t kSumIntegerBits = 12;

void LogSoftmaxRow(const LogSoftmaxS8Params& params, const int8_t* input, int8_t* output) {
  const int32_t channels = params.shape.channels;
  const auto scaled = [&](int32_t distance) { return Requantize(-distance, params.multiplier); };
  int32_t max = input[0];
  for (int32_t c = 1; c < channels; ++c) max = input[c] > max ? input[c] : max;
  uint32_t sum = 0;
  for (int32_t c = 0; c < channels; ++c) {
    const int32_t distance = max - input[c];
    if (distance > params.distance_limit) continue;
    const int32_t exponential = ExpOfNonPositive<5>(scaled(distance));
    sum += static_cast<uint32_t>(RoundingShiftRight(exponential, kSumIntegerBits));
  }
  const int32_t log_sum = LogOfAtLeastOne(static_cast<int32_t>(sum & INT32_MAX));
  // What is so far below the maximum that the difference less log_sum leaves Q5.
  const int32_t reach = -Requantize(log_sum + INT32_MIN, params.reverse);
  const int32_t limit = params.distance_limit + 1 < reach ? params.distance_limit + 1 : reach;
  for (int32_t c = 0; c < channels; ++c) {
    const int32_t distance = max - input[c];
    int32_t value = INT8_MIN;
    if (distance < limit) {
      value = RoundingShiftRight(scaled(distance) - log_sum, 31 - 5 - 4) + INT8_MAX;
    }
    output[c] = static_cast<int8_t>(Clamp(value, INT8_MIN, INT8_MAX));
  }
}

void LogSoftmaxRow(int32_t channels, const float* input, float* output) {
  float max = input[0];
  for (int32_t c = 1; c < channels; ++c) max = input[c] > max ? input[c] : max;
  float sum = 0.f;
  for (int32_t c = 0; c < channels; ++c) sum += std::exp(input[c] - max);
  const float log_sum = std::log(sum);
  for (int32_t c = 0; c < channels; ++c) output[c] = input[c] - max - log_sum;
}

}  // namespace

void LogSoftmaxS8(const LogSoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
                  const RowView<int8_t>& output) {
  const SoftmaxShape& shape = params.shape;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    for (int32_t i = 0; i < shape.rows.elements; i += shape.channels) {
      LogSoftmaxRow(params, input.Row(y) + i, output.Row(y) + i);
    }
  }
}

void LogSoftmaxF32(const SoftmaxShape& shape, const RowView<const float>& input, Rows rows,
                   const RowView<float>& output) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    for (int32_t i = 0; i < shape.rows.elements; i += shape.channels) {
      LogSoftmaxRow(shape.channels, input.Row(y) + i, output.Row(y) + i);
    }
  }
}

}  // namespace midge::portable
