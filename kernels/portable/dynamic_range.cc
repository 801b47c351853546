// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

// round(x) within [low, high], halves away from zero.
int32_t RoundWithin(float x, float low, float high) {
  x = x > low ? x : low;
  x = x < high ? x : high;
  const int32_t whole = static_cast<int32_t>(x);
  const float rest = x - static_cast<float>(whole);
  return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

struct Range {
  float low, high;  // at most 0, at least 0
};

Range RangeOf(const float* x, int32_t count) {
  Range range = {0.f, 0.f};
  for (const float* const end = x + count; x != end; ++x) {
    if (*x < range.low) range.low = *x;
    if (*x > range.high) range.high = *x;
  }
  return range;
}

int32_t ZeroPointOf(Range range, float scale) {
  const float below = range.low / scale, above = range.high / scale;  // <= 0, >= 0
  const bool from_low = 128.f - below < 127.f + above;
  return RoundWithin(from_low ? -128.f - below : 127.f - above, -128.f, 127.f);
}

}  // namespace

DynamicRange QuantizeDynamic(bool asymmetric, const float* input, int32_t count, int8_t* output) {
  const Range range = RangeOf(input, count);
  const float magnitude = range.high > -range.low ? range.high : -range.low;
  DynamicRange result = {1.f, 0};
  float inverse = 0.f;
  if (magnitude > 0.f) {
    if (asymmetric) {
      result.scale = (range.high - range.low) / 255.f;
      result.zero_point = ZeroPointOf(range, result.scale);
      inverse = 1.f / result.scale;
    } else {
      result.scale = magnitude / 127.f;
      inverse = 127.f / magnitude;
    }
  }
  const float zero_point = static_cast<float>(result.zero_point);
  const float low = asymmetric ? -128.f : -127.f;
  for (const float* const end = input + count; input != end;) {
    *output++ = static_cast<int8_t>(RoundWithin(zero_point + *input++ * inverse, low, 127.f));
  }
  return result;
}

}  // namespace midge::portable
