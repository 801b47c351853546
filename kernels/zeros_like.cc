// SPDX-License-Identifier: Apache-2.0
//
// Zeros like: a tensor of the input's shape and type, all bytes 0. The input is not read.
#include <cstring>

#include "kernels/op_row.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status Prepare(PrepareContext& context) {
  const TensorType type = context.input_type(0);
  if (type == TensorType::kInt4 || ElementBits(type) == 0) {
    return context.Error(StatusCode::kUnsupportedType, Operand::Input(0));
  }
  MIDGE_TRY(CheckUnary(context, type, type));
  RowGeometry rows = RowGeometry::Of(context.output_shape(0));
  rows.elements *= ElementBits(type) / 8;
  context.NewState<RowGeometry>() = rows;
  return {};
}

Status Eval(const EvalContext& context, Rows rows) {
  const auto& row = context.state<RowGeometry>();
  const auto output = context.OutputRows<uint8_t>(0, row.elements);
  rows = rows.Clip(row.count);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    std::memset(output.Row(y), 0, static_cast<size_t>(row.elements));
  }
  return {};
}

constexpr auto kRow = OpRow<BuiltinOp::kZerosLike, TensorType::kAny, Prepare, Eval>;

}  // namespace

const Op kZerosLike = kRow(nullptr);

}  // namespace midge
