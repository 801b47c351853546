// SPDX-License-Identifier: Apache-2.0
//
// Pack: tensors of one shape side by side in a new dimension. parts.h has its contract.
#include "kernels/movable.h"
#include "kernels/parts.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status Prepare(PrepareContext& context) {
  const int inputs = context.input_count();
  MIDGE_TRY(context.ExpectOperands(inputs, inputs, 1));
  PackOptions options;
  MIDGE_TRY(context.Options(&options));
  const int axis = DimensionOf(options.axis, context.output_shape(0).rank());
  if (axis < 0) return context.Error(StatusCode::kBadOptions);
  return PrepareJoin(context, axis, true);
}

}  // namespace

const Op kPack = {BuiltinOp::kPack, TensorType::kAny, 0, nullptr, Prepare, EvalJoin, nullptr};

}  // namespace midge
