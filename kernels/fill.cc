// SPDX-License-Identifier: Apache-2.0
//
// Fill: one value everywhere.
//
// Shapes    dims [rank], value [1], output any. The operand that repeats the output's shape is not
//           read.
// Memory    no scratch. Moves bytes of any type, so it has no variants.
#include "kernels/movable.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kDims = 0, kValue = 1, kInputCount };

struct FillState {
  int32_t size_bytes, element_bytes;
};

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(ExpectMovable(context, Operand::Input(kValue)));
  const TensorView value = context.input(kValue), output = context.output(0);
  MIDGE_TRY(context.ExpectType(Operand::Output(0), value.type()));
  if (value.shape().elements() != 1) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kValue));
  }
  context.NewState<FillState>() = {static_cast<int32_t>(output.size_bytes()),
                                   ElementBytes(value.type())};
  return {};
}

Status Eval(const EvalContext& context, Rows) {
  const auto& state = context.state<FillState>();
  FillElements(context.input<uint8_t>(kValue), state.element_bytes, context.output<uint8_t>(0),
               state.size_bytes);
  return {};
}

}  // namespace

const Op kFill = {BuiltinOp::kFill, TensorType::kAny, kValue, nullptr, Prepare, Eval, nullptr};

}  // namespace midge
