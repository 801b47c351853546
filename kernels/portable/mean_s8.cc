// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/portable.h"
#include "kernels/portable/sum.h"

namespace midge::portable {

void MeanS8(const MeanS8Params& params, const Reduced& reduced, const int8_t* input,
            int32_t columns, int8_t* output) {
  SumColumns<int32_t>(reduced, input, columns, [&](int32_t sum) {
    const int32_t scaled = Requantize(sum - params.input_offset, params.multiplier);
    const int32_t value = AddWrapping(scaled, params.output_zero_point);
    *output++ = static_cast<int8_t>(Clamp(value, INT8_MIN, INT8_MAX));
  });
}

}  // namespace midge::portable
