// SPDX-License-Identifier: Apache-2.0
#include "kernels/logistic.h"

#include "kernels/fixed_point_math.h"
#include "kernels/isa.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

constexpr int32_t kInputIntegerBits = 4;
constexpr int32_t kInputFractionalBits = 31 - kInputIntegerBits;

// The sigmoid of d = q - zero_point as int8 with scale 1/256 and zero point -128. Differences of
// `radius` and more leave Q4; the sigmoid is 0 or 1 there.
int32_t LogisticS8(int32_t d, QuantizedMultiplier multiplier, int32_t radius) {
  if (d <= -radius) return INT8_MIN;
  if (d >= radius) return INT8_MAX;
  const int32_t probability = LogisticQ<kInputIntegerBits>(Requantize(d, multiplier));
  const int32_t value = RoundingShiftRight(probability, 31 - 8) + INT8_MIN;
  return value < INT8_MAX ? value : INT8_MAX;
}

Status PrepareInt8(PrepareContext& context) {
  MIDGE_TRY(CheckUnary(context, TensorType::kInt8, TensorType::kInt8));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  if (output->zero_point != INT8_MIN) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  const QuantizedMultiplier multiplier =
      MultiplierOfRatio(input->scale, 1.f, 1.f, kInputFractionalBits);
  constexpr int32_t kMost = ((1 << kInputIntegerBits) - 1) << kInputFractionalBits;
  const int32_t radius = multiplier.exponent <= 0    ? kMost
                         : multiplier.exponent <= 30 ? kMost >> multiplier.exponent
                                                     : 0;
  SetTableS8(context,
             [&](int32_t q) { return LogisticS8(q - input->zero_point, multiplier, radius); });
  return {};
}

Status PrepareFloat32(PrepareContext& context) {
  MIDGE_TRY(CheckUnary(context, TensorType::kFloat32, TensorType::kFloat32));
  SetUnaryState(context, LogisticF32Params{});
  return {};
}

}  // namespace

const Op kLogisticFloat32 = {BuiltinOp::kLogistic,
                             TensorType::kFloat32,
                             0,
                             nullptr,
                             PrepareFloat32,
                             UnaryEval<isa::LogisticF32>::Eval,
                             nullptr};
const Op kLogisticInt8 = {BuiltinOp::kLogistic, TensorType::kInt8, 0,      nullptr,
                          PrepareInt8,          EvalTableS8,       nullptr};
const Op kLogistic = {BuiltinOp::kLogistic, TensorType::kInt8, 0, nullptr, PrepareInt8,
                      EvalTableS8,          &kLogisticFloat32};

}  // namespace midge
