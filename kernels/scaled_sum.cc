// SPDX-License-Identifier: Apache-2.0
#include "kernels/scaled_sum_prepare.h"

namespace midge {

Status SetScaledSum(PrepareContext& context, const BinaryPlan& plan, const BinaryQuantization& q,
                    int sign_of_b) {
  const int left_shift = context.output_type(0) == TensorType::kInt16 ? 15 : 20;
  const float larger = ScaleBits(q.a.scale) < ScaleBits(q.b.scale) ? q.b.scale : q.a.scale;
  const MultiplierMaker input_multiplier(1.f, larger, -1);
  const QuantizedMultiplier output_multiplier =
      MultiplierOfRatio(larger, 1.f, q.output.scale, 1 - left_shift);
  if (output_multiplier.exponent > 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetBinaryState(
      context, plan,
      ScaledSumParams{static_cast<int16_t>(q.a.zero_point), static_cast<int16_t>(q.b.zero_point),
                      static_cast<int16_t>(q.output.zero_point), static_cast<int8_t>(left_shift),
                      static_cast<int8_t>(sign_of_b), q.clamp, input_multiplier(q.a.scale),
                      input_multiplier(q.b.scale), output_multiplier});
  return {};
}

}  // namespace midge
