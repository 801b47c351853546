// SPDX-License-Identifier: Apache-2.0
#include "kernels/mul.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/requant.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareInt8(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, TensorType::kInt8, TensorType::kInt8, &plan));
  MulOptions options;
  MIDGE_TRY(context.Options(&options));
  const Result<QuantParam> a = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(a.status());
  const Result<QuantParam> b = context.PerTensor(Operand::Input(1));
  MIDGE_TRY(b.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());

  const QuantizedMultiplier multiplier = MultiplierOfRatio(a->scale, b->scale, output->scale);
  constexpr int32_t kProductBits = 16;
  if (!FitsRequantizer(multiplier, kProductBits)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetBinaryState(
      context, plan,
      MulS8Params{static_cast<int16_t>(a->zero_point), static_cast<int16_t>(b->zero_point),
                  static_cast<int16_t>(output->zero_point),
                  QuantizedActivationRange(options.activation, *output, INT8_MIN, INT8_MAX),
                  multiplier});
  return {};
}

Status PrepareFloat32(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, TensorType::kFloat32, TensorType::kFloat32, &plan));
  MulOptions options;
  MIDGE_TRY(context.Options(&options));
  SetBinaryState(context, plan, MulF32Params{FloatActivationRange(options.activation)});
  return {};
}

}  // namespace

const Op kMulFloat32 = {BuiltinOp::kMul, TensorType::kFloat32,           0,      nullptr,
                        PrepareFloat32,  BinaryEval<isa::MulF32>::Eval, nullptr};
const Op kMulInt8 = {BuiltinOp::kMul, TensorType::kInt8,            0,      nullptr,
                     PrepareInt8,     BinaryEval<isa::MulS8>::Eval, nullptr};
const Op kMul = {BuiltinOp::kMul, TensorType::kInt8,            0,            nullptr,
                 PrepareInt8,     BinaryEval<isa::MulS8>::Eval, &kMulFloat32};

}  // namespace midge
