// SPDX-License-Identifier: Apache-2.0
//
// Concatenation: tensors one after another along a dimension. parts.h has its contract.
//
// 8-bit operands have the output's parameters: nothing is rescaled.
#include <cstring>

#include "kernels/movable.h"
#include "kernels/parts.h"
#include "midge/ops.h"

namespace midge {
namespace {

// Compared as bits: a comparison of floats costs a library call where there is no FPU.
bool SameParameters(const TensorView& a, const TensorView& b) {
  const float scale_a = a.scale(), scale_b = b.scale();
  return std::memcmp(&scale_a, &scale_b, sizeof scale_a) == 0 && a.zero_point() == b.zero_point();
}

Status Prepare(PrepareContext& context) {
  const int inputs = context.input_count();
  MIDGE_TRY(context.ExpectOperands(inputs, inputs, 1));
  ConcatenationOptions options;
  MIDGE_TRY(context.Options(&options));
  if (options.activation != Activation::kNone) {
    return context.Error(StatusCode::kUnsupportedOption);
  }
  const TensorView output = context.output(0);
  const int axis = DimensionOf(options.axis, output.shape().rank());
  if (axis < 0) return context.Error(StatusCode::kBadOptions);
  MIDGE_TRY(PrepareJoin(context, axis, false));
  if (ElementBits(output.type()) != 8) return {};
  for (int i = 0; i < inputs; ++i) {
    if (!SameParameters(context.input(i), output)) {
      return context.Error(StatusCode::kBadQuantization, Operand::Input(i));
    }
  }
  return {};
}

}  // namespace

const Op kConcatenation = {
    BuiltinOp::kConcatenation, TensorType::kAny, 0, nullptr, Prepare, EvalJoin, nullptr};

}  // namespace midge
