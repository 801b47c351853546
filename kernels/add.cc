// SPDX-License-Identifier: Apache-2.0
#include "kernels/add.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/requant.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareInt8(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, TensorType::kInt8, TensorType::kInt8, &plan));
  AddOptions options;
  MIDGE_TRY(context.Options(&options));
  const Result<QuantParam> a = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(a.status());
  const Result<QuantParam> b = context.PerTensor(Operand::Input(1));
  MIDGE_TRY(b.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());

  const bool second_is_larger = ScaleBits(a->scale) < ScaleBits(b->scale);
  const QuantParam& larger = second_is_larger ? *b : *a;
  const QuantParam& smaller = second_is_larger ? *a : *b;
  const QuantizedMultiplier smaller_multiplier =
      MultiplierOfRatio(smaller.scale, 1.f, larger.scale, -1);
  const QuantizedMultiplier output_multiplier =
      MultiplierOfRatio(larger.scale, 1.f, output->scale, 1 - 20);
  if (output_multiplier.exponent >= 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetBinaryState(context, plan,
                 AddS8Params{static_cast<int16_t>(larger.zero_point),
                             static_cast<int16_t>(smaller.zero_point),
                             static_cast<int16_t>(output->zero_point), second_is_larger,
                             QuantizedActivationRange(options.activation, *output, INT8_MIN,
                                                      INT8_MAX),
                             smaller_multiplier, output_multiplier});
  return {};
}

Status PrepareFloat32(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, TensorType::kFloat32, TensorType::kFloat32, &plan));
  AddOptions options;
  MIDGE_TRY(context.Options(&options));
  SetBinaryState(context, plan, AddF32Params{FloatActivationRange(options.activation)});
  return {};
}

}  // namespace

const Op kAddFloat32 = {BuiltinOp::kAdd, TensorType::kFloat32,           0,      nullptr,
                        PrepareFloat32,  BinaryEval<isa::AddF32>::Eval, nullptr};
const Op kAddInt8 = {BuiltinOp::kAdd, TensorType::kInt8,            0,      nullptr,
                     PrepareInt8,     BinaryEval<isa::AddS8>::Eval, nullptr};
const Op kAdd = {BuiltinOp::kAdd, TensorType::kInt8,            0,            nullptr,
                 PrepareInt8,     BinaryEval<isa::AddS8>::Eval, &kAddFloat32};

}  // namespace midge
