// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv_2d.h"

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "midge/ops.h"

namespace midge {
namespace {

constexpr WeightOperands kOperands = kConvKind.operands;

Status PrepareInt8(PrepareContext& context) {
  return PrepareConvolutionS8(context, kConvKind, isa::Conv2DS8ScratchBytes);
}
Status EvalInt8(const EvalContext& context, Rows rows) {
  return EvalConvolutionS8<int8_t>(context, rows, kOperands, isa::Conv2DS8);
}

Status PrepareInt8Int4(PrepareContext& context) {
  return PrepareConvolutionS8(context, kConvKind, isa::Conv2DS8S4ScratchBytes);
}
Status EvalInt8Int4(const EvalContext& context, Rows rows) {
  return EvalConvolutionS8<uint8_t>(context, rows, kOperands, isa::Conv2DS8S4);
}

Status PrepareInt16(PrepareContext& context) {
  return PrepareConvolutionS16(context, kConvKind, isa::Conv2DS16ScratchBytes);
}
Status EvalInt16(const EvalContext& context, Rows rows) {
  return EvalConvolutionS16(context, rows, kOperands, isa::Conv2DS16<int32_t>,
                            isa::Conv2DS16<PackedInt64>);
}

Status PrepareUInt8(PrepareContext& context) { return PrepareConvolutionU8(context, kConvKind); }
Status EvalUInt8(const EvalContext& context, Rows rows) {
  return EvalConvolutionU8(context, rows, kOperands, isa::Conv2DU8);
}

Status PrepareFloat32(PrepareContext& context) { return PrepareConvolutionF32(context, kConvKind); }
Status EvalFloat32(const EvalContext& context, Rows rows) {
  return EvalConvolutionF32(context, rows, kOperands, isa::Conv2DF32);
}

Status PrepareFloat32Int8(PrepareContext& context) {
  return PrepareConvolutionF32S8(context, kConvKind);
}
Status EvalFloat32Int8(const EvalContext& context, Rows rows) {
  return EvalConvolutionF32S8(context, rows, kOperands, isa::Conv2DF32S8);
}

Status PrepareFloat32Float16(PrepareContext& context) {
  return PrepareConvolutionF32F16(context, kConvKind);
}
Status EvalFloat32Float16(const EvalContext& context, Rows rows) {
  return EvalConvolutionF32F16(context, rows, kOperands, isa::Conv2DF32F16);
}

constexpr BuiltinOp kCode = BuiltinOp::kConv2D;
constexpr auto kInt8 =
    WeightsOpRow<kCode, TensorType::kInt8, TensorType::kInt8, PrepareInt8, EvalInt8>;
constexpr auto kInt8Int4 =
    WeightsOpRow<kCode, TensorType::kInt8, TensorType::kInt4, PrepareInt8Int4, EvalInt8Int4>;
constexpr auto kInt16 =
    WeightsOpRow<kCode, TensorType::kInt16, TensorType::kInt8, PrepareInt16, EvalInt16>;
constexpr auto kUInt8 =
    WeightsOpRow<kCode, TensorType::kUInt8, TensorType::kUInt8, PrepareUInt8, EvalUInt8>;
constexpr auto kFloat32 =
    WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kFloat32, PrepareFloat32, EvalFloat32>;

constexpr auto kFloat32Int8 = WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kInt8,
                                           PrepareFloat32Int8, EvalFloat32Int8>;
constexpr auto kFloat32Float16 = WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kFloat16,
                                              PrepareFloat32Float16, EvalFloat32Float16>;

}  // namespace

const Op kConv2DInt8 = kInt8(nullptr);
const Op kConv2DInt8Int4 = kInt8Int4(nullptr);
const Op kConv2DInt16 = kInt16(nullptr);
const Op kConv2DUInt8 = kUInt8(nullptr);
const Op kConv2DFloat32 = kFloat32(nullptr);
const Op kConv2DFloat32Int8 = kFloat32Int8(nullptr);
const Op kConv2DFloat32Float16 = kFloat32Float16(nullptr);
const Op kConv2D =
    kOpChain<kInt8, kFloat32, kInt16, kInt8Int4, kFloat32Int8, kFloat32Float16, kUInt8>;

}  // namespace midge
