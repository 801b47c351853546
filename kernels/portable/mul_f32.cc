// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void MulF32(const BinaryF32Params& params, Repeat repeat, const float* a, const float* b,
            int32_t count, float* output) {
  MapBinaryF32(params.clamp, repeat, a, b, count, output, [](float x, float y) { return x * y; });
}

}  // namespace midge::portable
