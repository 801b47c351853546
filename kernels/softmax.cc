// SPDX-License-Identifier: Apache-2.0
#include "kernels/softmax.h"

#include "kernels/isa.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareShape(PrepareContext& context, TensorType type, SoftmaxShape* shape, float* beta) {
  MIDGE_TRY(CheckUnary(context, type, type));
  const Shape input = context.input(0).shape();
  if (input.rank() < 1) return context.Error(StatusCode::kBadShape, Operand::Input(0));
  SoftmaxOptions options;
  MIDGE_TRY(context.Options(&options));
  *shape = {RowGeometry::Of(input), input.FromBack(0)};
  *beta = options.beta;
  return {};
}

Status PrepareInt8(PrepareContext& context) {
  SoftmaxShape shape;
  float beta;
  MIDGE_TRY(PrepareShape(context, TensorType::kInt8, &shape, &beta));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  if (ScaleBits(output->scale) != ScaleBits(1.f / 256) || output->zero_point != INT8_MIN) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  // Zero, negative, infinite or not a number.
  if (ScaleBits(beta) <= 0 || ScaleBits(beta) >= 0x7f800000)
    return context.Error(StatusCode::kBadOptions);

  constexpr int32_t kDifferenceIntegerBits = 5;
  constexpr int32_t kFractionalBits = 31 - kDifferenceIntegerBits;
  QuantizedMultiplier multiplier = MultiplierOfRatio(beta, input->scale, 1.f, kFractionalBits);
  // So fine a scale that all values of a row are equal to Q5, and so coarse a one that no two are.
  if (multiplier.exponent < 1) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(0));
  }
  if (multiplier.exponent > 31) multiplier = {INT32_MAX, 31};
  const int32_t limit =
      (((1 << kDifferenceIntegerBits) - 1) << kFractionalBits) >> multiplier.exponent;
  context.NewState<SoftmaxS8Params>() = {shape, multiplier, limit};
  context.RequestScratch(SoftmaxS8ScratchBytes(context.input(0).shape().elements()));
  return {};
}

Status EvalInt8(const EvalContext& context, Rows rows) {
  const auto& params = context.state<SoftmaxS8Params>();
  const RowGeometry& geometry = params.shape.rows;
  isa::SoftmaxS8(params, context.InputRows<int8_t>(0, geometry.elements), rows.Clip(geometry.count),
                 context.scratch<int32_t>(), context.OutputRows<int8_t>(0, geometry.elements));
  return {};
}

Status PrepareFloat32(PrepareContext& context) {
  SoftmaxF32Params params;
  MIDGE_TRY(PrepareShape(context, TensorType::kFloat32, &params.shape, &params.beta));
  context.NewState<SoftmaxF32Params>() = params;
  return {};
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  const auto& params = context.state<SoftmaxF32Params>();
  const RowGeometry& geometry = params.shape.rows;
  isa::SoftmaxF32(params, context.InputRows<float>(0, geometry.elements), rows.Clip(geometry.count),
                  context.OutputRows<float>(0, geometry.elements));
  return {};
}

}  // namespace

const Op kSoftmaxFloat32 = {BuiltinOp::kSoftmax, TensorType::kFloat32, 0,      nullptr,
                            PrepareFloat32,      EvalFloat32,          nullptr};
const Op kSoftmaxInt8 = {BuiltinOp::kSoftmax, TensorType::kInt8, 0,      nullptr,
                         PrepareInt8,         EvalInt8,          nullptr};
const Op kSoftmax = {BuiltinOp::kSoftmax, TensorType::kInt8, 0, nullptr, PrepareInt8, EvalInt8,
                     &kSoftmaxFloat32};

}  // namespace midge
