// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void LogisticS16(const SigmoidInputS16& params, const int16_t* input, int32_t count,
                 int16_t* output) {
  const SigmoidInputS16 scaled = params;
  MapUnary(input, count, output, [=](int32_t x) { return InterpolatedSigmoid(scaled.Apply(x)); });
}

void TanhS16(const SigmoidInputS16& params, const int16_t* input, int32_t count, int16_t* output) {
  const SigmoidInputS16 scaled = params;
  MapUnary(input, count, output, [=](int32_t x) { return InterpolatedTanh(scaled.Apply(x)); });
}

}  // namespace midge::portable
