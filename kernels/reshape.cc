// SPDX-License-Identifier: Apache-2.0
//
// Reshape: the same elements under another shape, which moves nothing.
//
// The output's shape is the one in the file. The operand and the option that repeat it (or compute
// it, for tensors whose extents a converter did not know) are not read.
#include "midge/ops.h"

namespace midge {
namespace {

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 2, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), context.input(0).type()));
  if (context.input(0).size_bytes() != context.output(0).size_bytes() ||
      context.input(0).shape().elements() != context.output(0).shape().elements()) {
    return context.Error(StatusCode::kBadShape, Operand::Output(0));
  }
  context.AliasOutput(0);
  return {};
}

Status Eval(const EvalContext&, Rows) { return {}; }

}  // namespace

const Op kReshape = {BuiltinOp::kReshape, TensorType::kAny, 0, nullptr, Prepare, Eval, nullptr};

}  // namespace midge
