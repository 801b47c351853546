// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void LookupS8(const int8_t* table, const int8_t* input, int32_t count, int8_t* output) {
  const auto look_up = [=](int8_t q) { return table[static_cast<uint8_t>(q)]; };
  // A loop's own instructions are as many as an element's.
  for (; count >= 4; count -= 4, input += 4, output += 4) {
    output[0] = look_up(input[0]);
    output[1] = look_up(input[1]);
    output[2] = look_up(input[2]);
    output[3] = look_up(input[3]);
  }
  MapUnary(input, count, output, look_up);
}

}  // namespace midge::portable
