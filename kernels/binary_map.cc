// SPDX-License-Identifier: Apache-2.0
#include "kernels/binary_map.h"

namespace midge {

Status PlanBinary(PrepareContext& context, TensorType type_a, TensorType type_b,
                  TensorType output_type, BinaryPlan* plan) {
  MIDGE_TRY(context.ExpectOperands(2, 2, 1));
  MIDGE_TRY(context.ExpectType(Operand::Input(0), type_a));
  MIDGE_TRY(context.ExpectType(Operand::Input(1), type_b));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), output_type));
  return PlanBroadcast(context, {context.input_shape(0), context.input_shape(1)}, plan);
}

Status ReadBinaryQuantization(PrepareContext& context, Activation activation,
                              BinaryQuantization* quantization) {
  const Operand operands[] = {Operand::Input(0), Operand::Input(1), Operand::Output(0)};
  QuantParam* const params[] = {&quantization->a, &quantization->b, &quantization->output};
  const bool symmetric = context.output_type(0) == TensorType::kInt16;
  for (int i = 0; i < 3; ++i) {
    const Result<QuantParam> param = context.PerTensor(operands[i]);
    MIDGE_TRY(param.status());
    if (symmetric && param->zero_point != 0) {
      return context.Error(StatusCode::kBadQuantization, operands[i]);
    }
    *params[i] = *param;
  }
  quantization->clamp =
      QuantizedActivationRange(activation, quantization->output, symmetric ? INT16_MIN : INT8_MIN,
                               symmetric ? INT16_MAX : INT8_MAX);
  return {};
}

}  // namespace midge
