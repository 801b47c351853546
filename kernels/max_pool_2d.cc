// SPDX-License-Identifier: Apache-2.0
#include "kernels/max_pool_2d.h"

#include "kernels/isa.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status EvalInt8(const EvalContext& context, Rows rows) {
  return EvalPool2DS8(context, rows, isa::MaxPool2DS8);
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  return EvalPool2DF32(context, rows, isa::MaxPool2DF32);
}

}  // namespace

const Op kMaxPool2DFloat32 = {BuiltinOp::kMaxPool2D, TensorType::kFloat32, 0,      nullptr,
                              PreparePool2DF32,      EvalFloat32,          nullptr};
const Op kMaxPool2DInt8 = {BuiltinOp::kMaxPool2D, TensorType::kInt8, 0,      nullptr,
                           PreparePool2DS8,       EvalInt8,          nullptr};
const Op kMaxPool2D = {
    BuiltinOp::kMaxPool2D, TensorType::kInt8, 0, nullptr, PreparePool2DS8, EvalInt8,
    &kMaxPool2DFloat32};

}  // namespace midge
