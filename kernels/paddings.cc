// SPDX-License-Identifier: Apache-2.0
#include "kernels/paddings.h"

#include "kernels/integer_operand.h"

namespace midge {

Status ReadPaddings(const PrepareContext& context, int input_index, int paddings_index,
                    PadDimension* dimensions) {
  MIDGE_TRY(ExpectIntegers(context, paddings_index));
  const Shape input = context.input_shape(input_index), output = context.output_shape(0);
  const TensorView paddings = context.input(paddings_index);
  if (paddings.shape().elements() != input.rank() * 2) {
    return context.Error(StatusCode::kBadShape, Operand::Input(paddings_index));
  }
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), input.rank(), input.rank()));
  for (int i = 0; i < input.rank(); ++i) {
    const int32_t before = IntegerAt(paddings, i * 2), after = IntegerAt(paddings, i * 2 + 1);
    if (before < 0 || after < 0) {
      return context.Error(StatusCode::kBadShape, Operand::Input(paddings_index));
    }
    if (int64_t{before} + input[i] + after != output[i]) {
      return context.Error(StatusCode::kBadShape, Operand::Output(0));
    }
    dimensions[i] = {before, input[i], after};
  }
  return {};
}

Status ReadPaddingValue(const PrepareContext& context, int32_t* value) {
  *value = 0;
  if (context.output(0).quantization().scales().empty()) return {};
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  *value = output->zero_point;
  return {};
}

}  // namespace midge
