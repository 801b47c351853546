// SPDX-License-Identifier: Apache-2.0
#include "kernels/hard_swish.h"

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

int32_t Saturate16(int32_t x) { return Clamp(x, INT16_MIN, INT16_MAX); }

// round(a * b / 2^15), halves up.
int32_t MultiplyHighQ15(int32_t a, int32_t b) { return (a * b + (1 << 14)) >> 15; }

// The multiplier in 16 bits.
int32_t ToQ15(QuantizedMultiplier m) {
  return m.multiplier_q31 >= INT32_MAX - (1 << 15) ? INT16_MAX
                                                   : (m.multiplier_q31 + (1 << 15)) >> 16;
}

Status PrepareInt8(PrepareContext& context) {
  MIDGE_TRY(CheckUnary<TensorType::kInt8>(context));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  // Differences are shifted left by kHeadroom; 3 becomes 2^15.
  constexpr int32_t kHeadroom = 7;
  const QuantizedMultiplier output =
      MultiplierOfRatio(q.input.scale, 1.f, q.output.scale, -kHeadroom);
  const QuantizedMultiplier gate = MultiplierOfRatio(q.input.scale, 1.f, 3.f, 15 - kHeadroom);
  if (output.exponent > 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetTableS8(context, [&](int32_t value) {
    const int32_t x = (value - q.input.zero_point) * (1 << kHeadroom);
    const int32_t scaled = MultiplyHighQ15(x, ToQ15(output));
    // x / 3 in [-1, 1]: the left shift saturates, its last bit after the multiplication.
    int32_t g = x;
    if (gate.exponent > 0) {
      const int32_t shift = gate.exponent - 1 < 16 ? gate.exponent - 1 : 16;
      const int32_t limit = INT16_MAX >> shift;
      g = g > limit ? INT16_MAX : g < -limit - 1 ? INT16_MIN : g * (1 << shift);
    }
    g = MultiplyHighQ15(g, ToQ15(gate));
    if (gate.exponent > 0) g = Saturate16(g * 2);
    if (gate.exponent < 0) g = RoundingShiftRight(g, -gate.exponent);
    g = (g + (1 << 15)) >> 1;                  // to [0, 1]
    const int32_t y = g * scaled / (1 << 15);  // towards zero
    const int32_t result = RoundingShiftRight(y, -output.exponent) + q.output.zero_point;
    return Clamp(result, INT8_MIN, INT8_MAX);
  });
  return {};
}

constexpr auto kCode = BuiltinOp::kHardSwish;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareInt8, EvalTableS8>;
constexpr auto kFloat32 = OpRow<kCode, TensorType::kFloat32, PrepareUnary<TensorType::kFloat32>,
                                UnaryEval<isa::HardSwishF32>::Eval>;

}  // namespace

const Op kHardSwishInt8 = kInt8(nullptr);
const Op kHardSwishFloat32 = kFloat32(nullptr);
const Op kHardSwish = kOpChain<kInt8, kFloat32>;

}  // namespace midge
