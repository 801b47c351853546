// SPDX-License-Identifier: Apache-2.0
#include "kernels/log_softmax.h"

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <TensorType kType>
Status PrepareShape(PrepareContext& context, SoftmaxShape* shape) {
  MIDGE_TRY(CheckUnary<kType>(context));
  const Shape input = context.input_shape(0);
  if (input.rank() < 1) return context.Error(StatusCode::kBadShape, Operand::Input(0));
  *shape = {RowGeometry::Of(input), input.FromBack(0)};
  return {};
}

Status PrepareInt8(PrepareContext& context) {
  LogSoftmaxS8Params params = {};
  MIDGE_TRY(PrepareShape<TensorType::kInt8>(context, &params.shape));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  if (ScaleBits(q.output.scale) != ScaleBits(1.f / 16) || q.output.zero_point != INT8_MAX) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  constexpr int32_t kDifferenceIntegerBits = 5;
  constexpr int32_t kFractionalBits = 31 - kDifferenceIntegerBits;
  params.multiplier = MultiplierOfRatio(q.input.scale, 1.f, 1.f, kFractionalBits);
  if (params.multiplier.exponent > 31) params.multiplier = {INT32_MAX, 31};
  if (params.multiplier.exponent >= 1) {
    params.reverse =
        MultiplierOfFraction(1, static_cast<uint32_t>(params.multiplier.multiplier_q31),
                             31 - params.multiplier.exponent);
  }
  if (params.multiplier.exponent < 1 || params.reverse.exponent > 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(0));
  }
  params.distance_limit =
      (((1 << kDifferenceIntegerBits) - 1) << kFractionalBits) >> params.multiplier.exponent;
  context.NewState<LogSoftmaxS8Params>() = params;
  return {};
}

Status EvalInt8(const EvalContext& context, Rows rows) {
  const auto& params = context.state<LogSoftmaxS8Params>();
  const RowGeometry& geometry = params.shape.rows;
  isa::LogSoftmaxS8(params, context.InputRows<int8_t>(0, geometry.elements),
                    rows.Clip(geometry.count), context.OutputRows<int8_t>(0, geometry.elements));
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
  isa::LogSoftmaxF32(shape, context.InputRows<float>(0, shape.rows.elements),
                     rows.Clip(shape.rows.count),
                     context.OutputRows<float>(0, shape.rows.elements));
  return {};
}

constexpr auto kCode = BuiltinOp::kLogSoftmax;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareInt8, EvalInt8>;
constexpr auto kFloat32 = OpRow<kCode, TensorType::kFloat32, PrepareFloat32, EvalFloat32>;

}  // namespace

const Op kLogSoftmaxInt8 = kInt8(nullptr);
const Op kLogSoftmaxFloat32 = kFloat32(nullptr);
const Op kLogSoftmax = kOpChain<kInt8, kFloat32>;

}  // namespace midge
