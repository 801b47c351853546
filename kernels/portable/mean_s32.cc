// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/portable.h"
#include "kernels/portable/sum.h"

namespace midge::portable {

void MeanS32(const MeanS32Params& params, const Reduced& reduced, const int32_t* input,
             int32_t columns, int32_t* output) {
  SumColumns<int64_t>(reduced, input, columns,
                      [&](int64_t sum) { *output++ = static_cast<int32_t>(sum / params.divisor); });
}

}  // namespace midge::portable
