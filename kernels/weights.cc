// SPDX-License-Identifier: Apache-2.0
#include "kernels/weights.h"

namespace midge {
namespace {

enum : int { kInput = 0, kFilter = 1, kBias = 2 };

}  // namespace

Status ExpectWeights(const PrepareContext& context, TensorType type, TensorType bias_type) {
  MIDGE_TRY(context.ExpectOperands(2, 3, 1));
  MIDGE_TRY(context.ExpectType(Operand::Input(kFilter), type));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  if (!context.has_input(kBias)) return {};
  MIDGE_TRY(context.ExpectType(Operand::Input(kBias), bias_type));
  if (context.input(kBias).shape().elements() != context.output(0).shape().FromBack(0)) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kBias));
  }
  return {};
}

bool HasConstantWeights(const PrepareContext& context) {
  return context.input(kFilter).is_constant() &&
         (!context.has_input(kBias) || context.input(kBias).is_constant());
}

Result<WeightsQuantization> ReadWeightsQuantization(const PrepareContext& context,
                                                    int filter_dimension) {
  const Result<QuantParam> input = context.PerTensor(Operand::Input(kInput));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  const Result<Span<const float>> filter_scales = context.PerChannelScales(
      Operand::Input(kFilter), filter_dimension, context.output(0).shape().FromBack(0));
  MIDGE_TRY(filter_scales.status());
  return WeightsQuantization{*input, *output, *filter_scales};
}

}  // namespace midge
