// SPDX-License-Identifier: Apache-2.0
#include "kernels/average_pool_2d.h"

#include "kernels/isa.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status EvalInt8(const EvalContext& context, Rows rows) {
  return EvalPool2DS8(context, rows, isa::AveragePool2DS8);
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  return EvalPool2DF32(context, rows, isa::AveragePool2DF32);
}

}  // namespace

const Op kAveragePool2DFloat32 = {BuiltinOp::kAveragePool2D, TensorType::kFloat32, 0,      nullptr,
                                  PreparePool2DF32,          EvalFloat32,          nullptr};
const Op kAveragePool2DInt8 = {BuiltinOp::kAveragePool2D, TensorType::kInt8, 0,      nullptr,
                               PreparePool2DS8,           EvalInt8,          nullptr};
const Op kAveragePool2D = {
    BuiltinOp::kAveragePool2D, TensorType::kInt8, 0, nullptr, PreparePool2DS8, EvalInt8,
    &kAveragePool2DFloat32};

}  // namespace midge
