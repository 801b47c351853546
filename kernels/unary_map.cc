// SPDX-License-Identifier: Apache-2.0
#include "kernels/unary_map.h"

#include <cmath>
#include <limits>

#include "kernels/interpolated_table.h"

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
  return LookUpRows<int8_t, isa::LookupS8>(context, rows, context.state<RowGeometry>(), 0,
                                           context.StateArray<int8_t>(sizeof(RowGeometry)));
}

Status PrepareRealTableS16(PrepareContext& context, float (*f)(float)) {
  MIDGE_TRY(CheckUnary<TensorType::kInt16>(context));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  context.NewState<RowGeometry>() = RowGeometry::Of(context.output(0).shape());
  int16_t* const table = context.NewArray<int16_t>(kInterpolatedSteps + 1);
  if (table == nullptr) return {};
  // The field's floats, in its order.
  const float first = q.input.scale * INT16_MIN, last = q.input.scale * INT16_MAX;
  const float step = (last - first) / kInterpolatedSteps, half_step = step / 2;
  const float lowest = q.output.scale * INT16_MIN;
  const float steps_per_unit = 65536.f / (q.output.scale * INT16_MAX - lowest);
  const auto scaled = [=](float x) {
    const float y = f(x);
    return (y > -std::numeric_limits<float>::infinity() ? y : lowest) * steps_per_unit;
  };
  const auto saturated = [](float y) {
    if (!(y > INT16_MIN)) return int16_t{INT16_MIN};
    return y < INT16_MAX ? static_cast<int16_t>(y) : int16_t{INT16_MAX};
  };
  float next = scaled(first);
  for (int i = 0; i < kInterpolatedSteps; ++i) {
    const float x = first + static_cast<float>(i) * step;
    const float here = std::round(next);
    next = scaled(first + static_cast<float>(i + 1) * step);
    const float middle = std::round(scaled(x + half_step));
    // Half of what the chord to the next is above f in its middle.
    const float excess = std::round((std::round((next + here) / 2) - middle) / 2);
    table[i] = saturated(here - excess);
  }
  table[kInterpolatedSteps] = saturated(std::round(scaled(last)));
  return {};
}

Status EvalTableS16(const EvalContext& context, Rows rows) {
  return LookUpRows<int16_t, isa::LookupS16>(context, rows, context.state<RowGeometry>(), 0,
                                             context.StateArray<int16_t>(sizeof(RowGeometry)));
}

}  // namespace midge
