// SPDX-License-Identifier: Apache-2.0
//
// DynamicRange: float inputs of a layer with int8 weights, quantized by the range that they have.
//
// Shapes    input [n], output [n]: what the layer adds up in one go (a batch, an image, a time
//           step).
// Math      symmetric: scale = max |x| / 127, q = clamp(round(x * (127 / max |x|)), -127, 127).
//           Asymmetric: with low = min(0, min x), high = max(0, max x): scale = (high - low)
//           / 255, zero point -128 - low / scale or 127 - high / scale, whichever is nearer to its
//           end, rounded and clamped; q = clamp(round(zero point + x / scale), -128, 127). Zeros
//           have scale 1.
// Numerics  float operations in this order, halves away from zero; NaN becomes the lowest value.
// Requires  -
// Memory    never outside the stated extents.
// Variants  portable.
// Source    TFLite's hybrid kernels.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"

namespace midge {

// What the quantized values mean: x = scale * (q - zero_point).
struct DynamicRange {
  float scale;
  int32_t zero_point;
};

// One scale per output channel of the weights, or (step 0) the same for all.
struct ChannelScales {
  const float* scales;
  int32_t step;
  float operator[](int32_t channel) const { return scales[channel * step]; }
};

}  // namespace midge
