// SPDX-License-Identifier: Apache-2.0
//
// Half-precision numbers as models keep them: constants, converted to float where they are used.
#pragma once

#include <cstdint>
#include <cstring>

namespace midge {

// Exact. The fields of a half, moved to where a float has them, mean the number divided by 2^112,
// also where it is subnormal.
inline float Float16ToFloat32(uint16_t half) {
  uint32_t bits = (half & 0x7fffu) << 13;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  value *= 5192296858534827628530496329220096.f;  // 2^112
  std::memcpy(&bits, &value, sizeof bits);
  if ((half & 0x7c00u) == 0x7c00u) bits |= 0x7f800000u;  // infinite or not a number
  bits |= (half & 0x8000u) << 16;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The bias of a layer with float16 weights: float or float16, or none.
struct Float16Bias {
  const float* of_float32;
  const uint16_t* of_float16;

  // x + bias[o].
  float AddTo(float x, int32_t o) const {
    if (of_float32 != nullptr) return x + of_float32[o];
    return of_float16 != nullptr ? x + Float16ToFloat32(of_float16[o]) : x;
  }
};

}  // namespace midge
