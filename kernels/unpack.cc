// SPDX-License-Identifier: Apache-2.0
//
// Unpack: the slices of a tensor along a dimension, which they do not have. parts.h has its
// contract.
#include "kernels/movable.h"
#include "kernels/parts.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 1, context.output_count()));
  UnpackOptions options;
  MIDGE_TRY(context.Options(&options));
  const int axis = DimensionOf(options.axis, context.input_shape(0).rank());
  if (axis < 0) return context.Error(StatusCode::kBadOptions);
  return PrepareTakeApart(context, 0, axis, true);
}

}  // namespace

const Op kUnpack = {BuiltinOp::kUnpack, TensorType::kAny, 0, nullptr, Prepare,
                    EvalTakeApart<0>,   nullptr};

}  // namespace midge
