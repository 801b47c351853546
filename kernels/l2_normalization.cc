// SPDX-License-Identifier: Apache-2.0
#include "kernels/l2_normalization.h"

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <TensorType kType>
Status PrepareShape(PrepareContext& context, SoftmaxShape* shape) {
  MIDGE_TRY(CheckUnary<kType>(context));
  const Shape input = context.input_shape(0);
  if (input.rank() < 1) return context.Error(StatusCode::kBadShape, Operand::Input(0));
  L2NormOptions options;
  MIDGE_TRY(context.Options(&options));
  // No kernel of the field fuses one.
  if (options.activation != Activation::kNone) return context.Error(StatusCode::kUnsupportedOption);
  *shape = {RowGeometry::Of(input), input.FromBack(0)};
  return {};
}

Status PrepareInt8(PrepareContext& context) {
  SoftmaxShape shape = {};
  MIDGE_TRY(PrepareShape<TensorType::kInt8>(context, &shape));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  if (q.output.zero_point != 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  context.NewState<L2NormalizationS8Params>() = {shape, q.input.zero_point};
  return {};
}

Status EvalInt8(const EvalContext& context, Rows rows) {
  const auto& params = context.state<L2NormalizationS8Params>();
  const RowGeometry& geometry = params.shape.rows;
  isa::L2NormalizationS8(params, context.InputRows<int8_t>(0, geometry.elements),
                         rows.Clip(geometry.count),
                         context.OutputRows<int8_t>(0, geometry.elements));
  return {};
}

Status PrepareFloat32(PrepareContext& context) {
  SoftmaxShape shape = {};
  MIDGE_TRY(PrepareShape<TensorType::kFloat32>(context, &shape));
  context.NewState<SoftmaxShape>() = shape;
  return {};
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  const auto& shape = context.state<SoftmaxShape>();
  isa::L2NormalizationF32(shape, context.InputRows<float>(0, shape.rows.elements),
                          rows.Clip(shape.rows.count),
                          context.OutputRows<float>(0, shape.rows.elements));
  return {};
}

constexpr auto kCode = BuiltinOp::kL2Normalization;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareInt8, EvalInt8>;
constexpr auto kFloat32 = OpRow<kCode, TensorType::kFloat32, PrepareFloat32, EvalFloat32>;

}  // namespace

const Op kL2NormalizationInt8 = kInt8(nullptr);
const Op kL2NormalizationFloat32 = kFloat32(nullptr);
const Op kL2Normalization = kOpChain<kInt8, kFloat32>;

}  // namespace midge
