// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/mean.h"
#include "kernels/portable/portable.h"
#include "kernels/portable/sum.h"

namespace midge::portable {
namespace {

template <typename T>
void Mean(const QuantizedMeanParams& params, const Reduced& reduced, const T* input,
          int32_t columns, T* output) {
  SumColumns<int32_t>(reduced, input, columns,
                      [&](int32_t sum) { *output++ = FinishMean<T>(params, sum); });
}

}  // namespace

void MeanS8(const QuantizedMeanParams& params, const Reduced& reduced, const int8_t* input,
            int32_t columns, int8_t* output) {
  Mean(params, reduced, input, columns, output);
}

void MeanS16(const QuantizedMeanParams& params, const Reduced& reduced, const int16_t* input,
             int32_t columns, int16_t* output) {
  Mean(params, reduced, input, columns, output);
}

void MeanU8(const QuantizedMeanParams& params, const Reduced& reduced, const uint8_t* input,
            int32_t columns, uint8_t* output) {
  Mean(params, reduced, input, columns, output);
}

}  // namespace midge::portable
