// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {

namespace {

// What does not fit ChannelRequantizer.
[[gnu::noinline]] int32_t RequantizeAny(const QuantizedOutput& output, int32_t multiplier_q31,
                                        int8_t exponent, int32_t sum) {
  return QuantizedOutput{{&multiplier_q31, &exponent, 0}, output.zero_point, output.clamp}.S8(sum,
                                                                                              0);
}

}  // namespace

void RequantizeS8(const QuantizedOutput& output, const int32_t* sums, int32_t channel,
                  int32_t count, int8_t* out) {
  const int32_t step = output.multipliers.step;
  const int32_t* multiplier_q31 = output.multipliers.multiplier_q31 + channel * step;
  const int8_t* exponent = output.multipliers.exponent + channel * step;
  const uint32_t biased_zero_point = ChannelRequantizer::BiasedZeroPoint(output.zero_point);
  const int8_t* const end = out + count;
  if (step == 0) {
    const ChannelRequantizer shared(*multiplier_q31, *exponent, biased_zero_point);
    if (shared.fits()) {
      while (out != end) *out++ = shared.S8(*sums++);
    } else {
      while (out != end) {
        const int32_t value = RequantizeAny(output, *multiplier_q31, *exponent, *sums++);
        *out++ = static_cast<int8_t>(value);
      }
    }
    return;
  }
  while (out != end) {
    // As ChannelRequantizer, the shift in two parts.
    const int8_t e = *exponent++;
    const auto less = static_cast<uint32_t>(~e);
    const int32_t m = *multiplier_q31++, x = *sums++;
    int32_t value;
    if (less < ChannelRequantizer::kMostShift) {
      const auto offset = static_cast<int32_t>(biased_zero_point << less);
      const int32_t y = Smmlar(QDouble(x), m, offset);
      value = Ssat8Asr1((y + (x >> 31)) >> less);
    } else {
      value = RequantizeAny(output, m, e, x);
    }
    *out++ = static_cast<int8_t>(value);
  }
}

void ClampS8(ClampRange clamp, int8_t* data, int32_t count) {
  const uint32_t min = Splat8(clamp.min), max = Splat8(clamp.max);
  for (; count >= 4; count -= 4, data += 4) {
    Store32(data, Min4S8(Max4S8(Load32(data), min), max));
  }
  for (; count > 0; --count, ++data) {
    *data = static_cast<int8_t>(Clamp(*data, clamp.min, clamp.max));
  }
}

}  // namespace midge::arm_dsp
