// SPDX-License-Identifier: Apache-2.0
//
// The loop of elementwise kernels of two int8 operands, four elements at a time as int32 lanes.
#pragma once

#include <cstdint>

#include "kernels/arm_mve/helium.h"
#include "kernels/elementwise.h"

namespace midge::arm_mve {

// output[i] = f(a[i], b[i]) saturated to int8, where the operand that `repeat` names has one
// element.
template <typename F>
inline void MapBinary(Repeat repeat, const int8_t* a, const int8_t* b, int32_t count,
                      int8_t* output, const F& f) {
  int8_t repeated[4];
  const auto repeat_four = [&](const int8_t* p) {
    for (int8_t& element : repeated) element = *p;
    return repeated;
  };
  if (repeat == Repeat::kFirst) a = repeat_four(a);
  if (repeat == Repeat::kSecond) b = repeat_four(b);
  const int32_t a_step = repeat == Repeat::kFirst ? 0 : 4;
  const int32_t b_step = repeat == Repeat::kSecond ? 0 : 4;
  for (; count >= 4; count -= 4, a += a_step, b += b_step, output += 4) {
    StoreS32AsS8(output, SaturateToS8(f(LoadS8AsS32(a), LoadS8AsS32(b))));
  }
  if (count == 0) return;
  StoreS32AsS8(output, SaturateToS8(f(LoadS8AsS32(a, count), LoadS8AsS32(b, count))), count);
}

}  // namespace midge::arm_mve
