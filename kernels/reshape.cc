// SPDX-License-Identifier: Apache-2.0
//
// Reshape, Squeeze, ExpandDims: the same elements under another shape, which moves nothing.
//
// The output's shape is the one in the file. The operands and options that repeat it (or compute
// it, for tensors whose extents a converter did not know) are not read.
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareAlias(PrepareContext& context, int most_inputs) {
  MIDGE_TRY(context.ExpectOperands(1, most_inputs, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), context.input_type(0)));
  if (context.input(0).size_bytes() != context.output(0).size_bytes() ||
      context.input_shape(0).elements() != context.output_shape(0).elements()) {
    return context.Error(StatusCode::kBadShape, Operand::Output(0));
  }
  context.AliasOutput(0);
  return {};
}

Status PrepareReshape(PrepareContext& context) { return PrepareAlias(context, 2); }

// Whether `more` is `fewer` with dimensions of extent 1 between its own.
bool AddsOnes(const Shape& more, const Shape& fewer) {
  int at = 0;
  for (int d = 0; d < more.rank(); ++d) {
    if (at < fewer.rank() && more[d] == fewer[at]) {
      ++at;
    } else if (more[d] != 1) {
      return false;
    }
  }
  return at == fewer.rank();
}

Status PrepareSqueeze(PrepareContext& context) {
  MIDGE_TRY(PrepareAlias(context, 1));
  return AddsOnes(context.input_shape(0), context.output_shape(0))
             ? Status()
             : context.Error(StatusCode::kBadShape, Operand::Output(0));
}

Status PrepareExpandDims(PrepareContext& context) {
  MIDGE_TRY(PrepareAlias(context, 2));
  const Shape input = context.input_shape(0), output = context.output_shape(0);
  return output.rank() == input.rank() + 1 && AddsOnes(output, input)
             ? Status()
             : context.Error(StatusCode::kBadShape, Operand::Output(0));
}

Status Eval(const EvalContext&, Rows) { return {}; }

}  // namespace

const Op kExpandDims = {
    BuiltinOp::kExpandDims, TensorType::kAny, 0, nullptr, PrepareExpandDims, Eval, nullptr};
const Op kReshape = {
    BuiltinOp::kReshape, TensorType::kAny, 0, nullptr, PrepareReshape, Eval, nullptr};
const Op kSqueeze = {
    BuiltinOp::kSqueeze, TensorType::kAny, 0, nullptr, PrepareSqueeze, Eval, nullptr};

}  // namespace midge
