// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void LookupS8(const int8_t* table, const int8_t* input, int32_t count, int8_t* output) {
  MapUnary(input, count, output, [=](int8_t q) { return table[static_cast<uint8_t>(q)]; });
}

}  // namespace midge::portable
