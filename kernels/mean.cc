// SPDX-License-Identifier: Apache-2.0
#include "kernels/mean.h"

#include "kernels/isa.h"
#include "kernels/reduction.h"
#include "kernels/requant.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareShape(PrepareContext& context, TensorType type, ReductionPlan* plan) {
  ReducerOptions options;
  MIDGE_TRY(context.Options(&options));
  MIDGE_TRY(PlanReduction(context, type, options.keep_dims, plan));
  return plan->count <= kMeanMostElements ? Status()
                                          : context.Error(StatusCode::kTooLarge, Operand::Input(0));
}

Status PrepareInt8(PrepareContext& context) {
  ReductionPlan plan;
  MIDGE_TRY(PrepareShape(context, TensorType::kInt8, &plan));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  QuantizedMultiplier multiplier = MultiplierOfRatio(input->scale, 1.f, output->scale);
  if (plan.count > 1) multiplier = DivideMultiplier(multiplier, plan.count);
  if (!FitsExponent(multiplier)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetReductionState(context, plan,
                    MeanS8Params{plan.count * input->zero_point, multiplier,
                                 static_cast<int16_t>(output->zero_point)});
  return {};
}

Status PrepareFloat32(PrepareContext& context) {
  ReductionPlan plan;
  MIDGE_TRY(PrepareShape(context, TensorType::kFloat32, &plan));
  SetReductionState(context, plan, MeanF32Params{static_cast<float>(plan.count)});
  return {};
}

}  // namespace

const Op kMeanFloat32 = {BuiltinOp::kMean, TensorType::kFloat32, 0,
                         nullptr,          PrepareFloat32,       ReductionEval<isa::MeanF32>::Eval,
                         nullptr};
const Op kMeanInt8 = {BuiltinOp::kMean, TensorType::kInt8, 0,
                      nullptr,          PrepareInt8,       ReductionEval<isa::MeanS8>::Eval,
                      nullptr};
const Op kMean = {BuiltinOp::kMean, TensorType::kInt8, 0,
                  nullptr,          PrepareInt8,       ReductionEval<isa::MeanS8>::Eval,
                  &kMeanFloat32};

}  // namespace midge
