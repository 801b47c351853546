// SPDX-License-Identifier: Apache-2.0
#include "kernels/transpose_conv.h"

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "midge/ops.h"

namespace midge {
namespace {

constexpr uint8_t kInput = kTransposeConvKind.operands.input;

Status PrepareInt8(PrepareContext& context) {
  return PrepareConvolutionS8(context, kTransposeConvKind, isa::TransposeConvScratchBytes);
}
Status EvalInt8(const EvalContext& context, Rows rows) {
  return EvalConvolutionS8<int8_t>(context, rows, kTransposeConvKind.operands,
                                   isa::TransposeConvS8);
}
Status PrepareInt16(PrepareContext& context) {
  return PrepareConvolutionS16(context, kTransposeConvKind, isa::TransposeConvScratchBytes);
}
Status EvalInt16(const EvalContext& context, Rows rows) {
  return EvalConvolutionS16(context, rows, kTransposeConvKind.operands,
                            isa::TransposeConvS16<int32_t>, isa::TransposeConvS16<PackedInt64>);
}

Status PrepareFloat32(PrepareContext& context) {
  return PrepareConvolutionF32(context, kTransposeConvKind);
}
Status EvalFloat32(const EvalContext& context, Rows rows) {
  return EvalConvolutionF32(context, rows, kTransposeConvKind.operands, isa::TransposeConvF32);
}

Status PrepareFloat32Int8(PrepareContext& context) {
  return PrepareConvolutionF32S8(context, kTransposeConvKind);
}
Status EvalFloat32Int8(const EvalContext& context, Rows rows) {
  return EvalConvolutionF32S8(context, rows, kTransposeConvKind.operands, isa::TransposeConvF32S8);
}

constexpr BuiltinOp kCode = BuiltinOp::kTransposeConv;
constexpr auto kInt8 =
    WeightsOpRow<kCode, TensorType::kInt8, TensorType::kInt8, PrepareInt8, EvalInt8, kInput>;
constexpr auto kInt16 =
    WeightsOpRow<kCode, TensorType::kInt16, TensorType::kInt8, PrepareInt16, EvalInt16, kInput>;
constexpr auto kFloat32 = WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kFloat32,
                                       PrepareFloat32, EvalFloat32, kInput>;
constexpr auto kFloat32Int8 = WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kInt8,
                                           PrepareFloat32Int8, EvalFloat32Int8, kInput>;

}  // namespace

const Op kTransposeConvInt8 = kInt8(nullptr);
const Op kTransposeConvInt16 = kInt16(nullptr);
const Op kTransposeConvFloat32 = kFloat32(nullptr);
const Op kTransposeConvFloat32Int8 = kFloat32Int8(nullptr);
const Op kTransposeConv = kOpChain<kInt8, kFloat32, kInt16, kFloat32Int8>;

}  // namespace midge
