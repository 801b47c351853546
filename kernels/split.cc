// SPDX-License-Identifier: Apache-2.0
//
// Split, SplitV: a tensor in pieces along a dimension, all of one size or of given sizes. parts.h
// has the contract. The outputs' shapes say how large the pieces are; what repeats it has to agree.
#include "kernels/integer_operand.h"
#include "kernels/movable.h"
#include "kernels/parts.h"
#include "midge/ops.h"

namespace midge {
namespace {

namespace split {
enum : int { kAxis = 0, kInput = 1, kInputCount };
}
namespace split_v {
enum : int { kInput = 0, kSizes = 1, kAxis = 2, kInputCount };
}

Status ReadAxis(const PrepareContext& context, int axis_input, int input, int* axis) {
  MIDGE_TRY(ExpectIntegers(context, axis_input));
  const TensorView operand = context.input(axis_input);
  if (operand.shape().elements() == 1) {
    *axis = DimensionOf(IntegerAt(operand, 0), context.input_shape(input).rank());
    if (*axis >= 0) return {};
  }
  return context.Error(StatusCode::kBadShape, Operand::Input(axis_input));
}

Status PrepareSplit(PrepareContext& context) {
  using namespace split;
  const int outputs = context.output_count();
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, outputs));
  int axis;
  MIDGE_TRY(ReadAxis(context, kAxis, kInput, &axis));
  MIDGE_TRY(PrepareTakeApart(context, kInput, axis, false));
  for (int i = 1; i < outputs; ++i) {
    MIDGE_TRY(context.ExpectShape(Operand::Output(i), context.output_shape(0)));
  }
  return {};
}

Status PrepareSplitV(PrepareContext& context) {
  using namespace split_v;
  const int outputs = context.output_count();
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, outputs));
  int axis;
  MIDGE_TRY(ReadAxis(context, kAxis, kInput, &axis));
  MIDGE_TRY(ExpectIntegers(context, kSizes));
  MIDGE_TRY(PrepareTakeApart(context, kInput, axis, false));
  const TensorView sizes = context.input(kSizes);
  bool rest = false;  // one size may be -1, for what the others leave
  bool agree = sizes.shape().elements() == outputs;
  for (int i = 0; agree && i < outputs; ++i) {
    const int32_t size = IntegerAt(sizes, i);
    if (size == -1 && !rest) {
      rest = true;
    } else {
      agree = size == context.output_shape(i)[axis];
    }
  }
  return agree ? Status() : context.Error(StatusCode::kBadShape, Operand::Input(kSizes));
}

}  // namespace

const Op kSplit = {BuiltinOp::kSplit,
                   TensorType::kAny,
                   split::kInput,
                   nullptr,
                   PrepareSplit,
                   EvalTakeApart<split::kInput>,
                   nullptr};
const Op kSplitV = {BuiltinOp::kSplitV,
                    TensorType::kAny,
                    split_v::kInput,
                    nullptr,
                    PrepareSplitV,
                    EvalTakeApart<split_v::kInput>,
                    nullptr};

}  // namespace midge
