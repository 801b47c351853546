// SPDX-License-Identifier: Apache-2.0
#include "kernels/interpolated_table.h"
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void LookupS16(const int16_t* table, const int16_t* input, int32_t count, int16_t* output) {
  MapUnary(input, count, output,
           [=](int32_t x) { return static_cast<int16_t>(Interpolated(table, x)); });
}

}  // namespace midge::portable
