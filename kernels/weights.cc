// SPDX-License-Identifier: Apache-2.0
#include "kernels/weights.h"

#include <cstring>

namespace midge {

Status ExpectWeights(const PrepareContext& context, const WeightTypes& types,
                     WeightOperands operands) {
  MIDGE_TRY(context.ExpectOperands(operands.bias, operands.bias + 1, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), types.activations));
  if (!context.has_input(operands.bias)) return {};
  const Operand bias = Operand::Input(operands.bias);
  if (context.input_type(operands.bias) != types.other_bias) {
    MIDGE_TRY(context.ExpectType(bias, types.bias));
  }
  if (context.input_shape(operands.bias).elements() != context.output_shape(0).FromBack(0)) {
    return context.Error(StatusCode::kBadShape, bias);
  }
  return {};
}

bool HasConstantWeights(const PrepareContext& context, WeightOperands operands) {
  return context.input(kFilter).is_constant() &&
         (!context.has_input(operands.bias) || context.input(operands.bias).is_constant());
}

Status ReadWeightsQuantization(const PrepareContext& context, int filter_dimension,
                               WeightOperands operands, WeightsQuantization* quantization) {
  const Result<QuantParam> input = context.PerTensor(Operand::Input(operands.input));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  const Result<Span<const float>> filter_scales = context.PerChannelScales(
      Operand::Input(kFilter), filter_dimension, context.output_shape(0).FromBack(0));
  MIDGE_TRY(filter_scales.status());
  *quantization = {*input, *output, *filter_scales};
  return {};
}

bool ScalesDiffer(Span<const float> scales) {
  for (const float& scale : scales) {
    if (std::memcmp(&scale, &scales[0], sizeof scale) != 0) return true;
  }
  return false;
}

void AppendScales(PrepareContext& context, Span<const float> scales, bool all) {
  const size_t count = all ? scales.size() : 1;
  auto* const kept = context.NewArray<float>(static_cast<int>(count));
  if (kept != nullptr) std::memcpy(kept, scales.data(), count * sizeof(float));
}

}  // namespace midge
