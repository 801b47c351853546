// SPDX-License-Identifier: Apache-2.0
#include "kernels/unary_map.h"

namespace midge {

Status CheckUnary(PrepareContext& context, TensorType input_type, TensorType output_type) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  MIDGE_TRY(context.ExpectType(Operand::Input(0), input_type));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), output_type));
  MIDGE_TRY(context.ExpectShape(Operand::Output(0), context.input(0).shape()));
  context.SetRowWindow(RowWindow::SameRow());
  // Bytes may be stored over elements of any type; other types only over their own.
  if (output_type == input_type || ElementBits(output_type) == 8) context.AllowInPlace(0);
  return {};
}

Status EvalTableS8(const EvalContext& context, Rows rows) {
  const auto& geometry = context.state<RowGeometry>();
  const auto* const table = context.StateArray<int8_t>(sizeof(RowGeometry));
  const auto input = context.InputRows<int8_t>(0, geometry.elements);
  const auto output = context.OutputRows<int8_t>(0, geometry.elements);
  ForEachBlock(rows, geometry, input, output, [&](const int8_t* in, int32_t count, int8_t* out) {
    isa::LookupS8(table, in, count, out);
  });
  return {};
}

}  // namespace midge
