// SPDX-License-Identifier: Apache-2.0
//
// Rows written downwards, so that an output may lie above the input that it reaches into.
#include "midge/interpreter.h"
#include "midge/op.h"

namespace midge::internal {

Status RunDescending(const Model& model, int n, const Op& op, const EvalContext& context) {
  const int32_t at_once = context.descending_rows();
  int32_t y = RowGeometry::Of(model.tensor_shape(model.node(n).outputs[0])).count;
  for (; y > 0; y -= at_once) {
    MIDGE_TRY(op.eval(context, {y > at_once ? y - at_once : 0, y}));
  }
  return {};
}

}  // namespace midge::internal
