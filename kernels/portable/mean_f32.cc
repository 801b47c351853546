// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/portable.h"
#include "kernels/portable/sum.h"

namespace midge::portable {

void MeanF32(const MeanF32Params& params, const Reduced& reduced, const float* input,
             int32_t columns, float* output) {
  SumColumns<float>(reduced, input, columns, [&](float sum) { *output++ = sum / params.divisor; });
}

}  // namespace midge::portable
