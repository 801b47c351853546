// SPDX-License-Identifier: Apache-2.0
#include "kernels/max_pool_2d.h"

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status EvalInt8(const EvalContext& context, Rows rows) {
  return EvalPool2DS8(context, rows, isa::MaxPool2DS8);
}

Status EvalInt16(const EvalContext& context, Rows rows) {
  return EvalPool2DS16(context, rows, isa::MaxPool2DS16);
}

Status EvalUInt8(const EvalContext& context, Rows rows) {
  return EvalPool2DU8(context, rows, isa::MaxPool2DU8);
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  return EvalPool2DF32(context, rows, isa::MaxPool2DF32);
}

constexpr BuiltinOp kCode = BuiltinOp::kMaxPool2D;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PreparePool2DS8, EvalInt8>;
constexpr auto kInt16 = OpRow<kCode, TensorType::kInt16, PreparePool2DS16, EvalInt16>;
constexpr auto kUInt8 = OpRow<kCode, TensorType::kUInt8, PreparePool2DU8, EvalUInt8>;
constexpr auto kFloat32 = OpRow<kCode, TensorType::kFloat32, PreparePool2DF32, EvalFloat32>;

}  // namespace

const Op kMaxPool2DInt8 = kInt8(nullptr);
const Op kMaxPool2DInt16 = kInt16(nullptr);
const Op kMaxPool2DUInt8 = kUInt8(nullptr);
const Op kMaxPool2DFloat32 = kFloat32(nullptr);
const Op kMaxPool2D = kOpChain<kInt8, kFloat32, kInt16, kUInt8>;

}  // namespace midge
