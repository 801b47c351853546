// SPDX-License-Identifier: Apache-2.0
#include "kernels/sigmoid.h"

#include "kernels/unary_map.h"

namespace midge {
bool MakeSigmoidInputS16(float scale, bool doubled, SigmoidInputS16* input) {
  constexpr int32_t kFractionalBits = 12;
  for (int power = 0; power <= (doubled ? 1 : 0); ++power) {
    if (IsNearPowerOfTwo(scale, power - kFractionalBits)) {
      *input = {3 << power, 0};
      return true;
    }
  }
  // 3 * 4096 * scale as the largest integer below 2^15, times 2^-shift: truncated, for the field
  // does.
  const uint32_t bits = static_cast<uint32_t>(ScaleBits(scale));
  if ((bits >> 23) == 0) {
    *input = {0, 31};
    return true;
  }
  const int64_t mantissa = 3 * static_cast<int64_t>((bits & 0x7fffff) | 0x800000);
  int32_t exponent = static_cast<int32_t>(bits >> 23) - 150 + kFractionalBits;
  const auto above_half = [&] {  // mantissa * 2^exponent > 32767 / 2
    return exponent >= 0 || (exponent > -32 && 2 * mantissa > int64_t{INT16_MAX} << -exponent);
  };
  int32_t shift = 0;
  for (; shift <= 30 && !above_half(); ++shift) ++exponent;
  if (exponent >= 0 || (exponent > -32 && (mantissa >> -exponent) > INT16_MAX)) return false;
  *input = {exponent > -63 ? static_cast<int32_t>(mantissa >> -exponent) : 0, shift};
  return true;
}

Status PrepareSigmoidS16(PrepareContext& context, bool doubled) {
  MIDGE_TRY(CheckUnary<TensorType::kInt16>(context));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  if (!IsNearPowerOfTwo(q.output.scale, -15)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SigmoidInputS16 input;
  if (!MakeSigmoidInputS16(q.input.scale, doubled, &input)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(0));
  }
  SetUnaryState(context, input);
  return {};
}

}  // namespace midge
