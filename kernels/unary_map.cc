// SPDX-License-Identifier: Apache-2.0
#include "kernels/unary_map.h"

namespace midge {

Status CheckUnary(PrepareContext& context, TensorType input_type, TensorType output_type) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  MIDGE_TRY(context.ExpectType(Operand::Input(0), input_type));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), output_type));
  MIDGE_TRY(context.ExpectShape(Operand::Output(0), context.input_shape(0)));
  context.SetRowWindow(RowWindow::SameRow());
  // Bytes may be stored over elements of any type; other types only over their own.
  if (output_type == input_type || ElementBits(output_type) == 8) context.AllowInPlace(0);
  return {};
}

Status ReadUnaryQuantization(PrepareContext& context, UnaryQuantization* quantization) {
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  if (context.input_type(0) == TensorType::kInt16) {
    if (input->zero_point != 0) {
      return context.Error(StatusCode::kBadQuantization, Operand::Input(0));
    }
    if (output->zero_point != 0) {
      return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
    }
  }
  *quantization = {*input, *output};
  return {};
}

Status PrepareRealTable8(PrepareContext& context, TensorType type, float (*f)(float)) {
  MIDGE_TRY(CheckUnary(context, type, type));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  const float steps_per_unit = 1 / q.output.scale;
  // Beyond these the result saturates.
  constexpr float kLimit = 1024.f;
  const bool is_unsigned = type == TensorType::kUInt8;
  const int32_t low = is_unsigned ? 0 : INT8_MIN, high = is_unsigned ? UINT8_MAX : INT8_MAX;
  SetTableS8(context, [&](int32_t x) {
    if (is_unsigned) x &= UINT8_MAX;
    float steps = f(q.input.scale * static_cast<float>(x - q.input.zero_point)) * steps_per_unit;
    steps = steps > -kLimit ? steps : -kLimit;
    steps = steps < kLimit ? steps : kLimit;
    const int32_t whole = static_cast<int32_t>(steps);
    const float rest = steps - static_cast<float>(whole);
    const int32_t rounded = whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
    return Clamp(rounded + q.output.zero_point, low, high);
  });
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
