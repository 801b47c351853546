// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/units.h"

#include "kernels/arm_v6m/requantize.h"
#include "kernels/arm_v6m/taps.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kMostUnits = 64;  // whose sums are on the stack together

}  // namespace

void RunUnits(const UnitRun& run, const QuantizedOutput& output, int8_t* out) {
  // With one channel's line for all, or none.
  Scale scale(output);
  if (output.multipliers.step == 0) scale.SetChannel(output, 0);
  int32_t sums[kMostUnits];
  for (int32_t u = 0; u < run.units; u += kMostUnits) {
    const int32_t left = run.units - u;
    const int32_t count = left < kMostUnits ? left : kMostUnits;
    for (int32_t k = 0; k < count; ++k) {
      sums[k] = AddWrapping(run.first, run.bias != nullptr ? run.bias[u + k] : 0);
    }
    AddProducts(run.x, run.depth, run.zero_point, run.filter + u * run.depth, run.depth, count,
                sums);
    for (int32_t k = 0; k < count; ++k) {
      scale.channel = u + k;
      const auto offset_x = static_cast<uint32_t>(sums[k]) - static_cast<uint32_t>(scale.origin);
      *out++ = static_cast<int8_t>(scale.S8(output, offset_x));
    }
  }
}

}  // namespace midge::arm_v6m
