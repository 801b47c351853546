// SPDX-License-Identifier: Apache-2.0
//
// OneHot: indices as vectors in which one element is on and all others are off. An index that the
// vector does not have leaves it off.
//
// Shapes    indices [P…, S…], depth [1], on [1], off [1], output [P…, depth, S…]. The operand that
//           repeats the depth is not read.
// Memory    needs the whole input. No scratch. Moves bytes of any type, so it has no variants.
#include <cstring>

#include "kernels/lookup.h"
#include "kernels/movable.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kIndices = 0, kDepth = 1, kOn = 2, kOff = 3, kInputCount };

struct OneHotState {
  int32_t prefix, depth, suffix;
  uint8_t index_bytes, element_bytes;
};

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(ExpectIndices(context, kIndices));
  MIDGE_TRY(ExpectMovable(context, Operand::Output(0)));
  const TensorType type = context.output_type(0);
  for (int i = kOn; i <= kOff; ++i) {
    MIDGE_TRY(context.ExpectType(Operand::Input(i), type));
    if (context.input_shape(i).elements() != 1) {
      return context.Error(StatusCode::kBadShape, Operand::Input(i));
    }
  }
  OneHotOptions options;
  MIDGE_TRY(context.Options(&options));
  const Shape indices = context.input_shape(kIndices), output = context.output_shape(0);
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), indices.rank() + 1, indices.rank() + 1));
  const int axis = DimensionOf(options.axis, output.rank());
  if (axis < 0) return context.Error(StatusCode::kBadOptions);
  for (int d = 0; d < indices.rank(); ++d) {
    if (indices[d] != output[d < axis ? d : d + 1]) {
      return context.Error(StatusCode::kBadShape, Operand::Output(0));
    }
  }
  context.NewState<OneHotState>() = {
      output.Product(0, axis), output[axis], output.Product(axis + 1, output.rank()),
      static_cast<uint8_t>(ElementBytes(context.input_type(kIndices))),
      static_cast<uint8_t>(ElementBytes(type))};
  return {};
}

Status Eval(const EvalContext& context, Rows) {
  const auto& state = context.state<OneHotState>();
  const int32_t count = state.prefix * state.suffix;
  auto* const output = context.output<uint8_t>(0);
  FillElements(context.input<uint8_t>(kOff), state.element_bytes, output,
               count * state.depth * state.element_bytes);
  for (int32_t i = 0; i < count; ++i) {
    const int32_t index = IndexAt(context.input<uint8_t>(kIndices), state.index_bytes, i);
    if (index < 0 || index >= state.depth) continue;
    const int32_t p = i / state.suffix, s = i - p * state.suffix;
    const int32_t at = (p * state.depth + index) * state.suffix + s;
    std::memcpy(output + at * state.element_bytes, context.input<uint8_t>(kOn),
                state.element_bytes);
  }
  return {};
}

}  // namespace

const Op kOneHot = {
    BuiltinOp::kOneHot, TensorType::kAny, kIndices, nullptr, Prepare, Eval, nullptr};

}  // namespace midge
