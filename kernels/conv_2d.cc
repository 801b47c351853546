// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv_2d.h"

#include "kernels/isa.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareInt8(PrepareContext& context) {
  Conv2DOptions options;
  MIDGE_TRY(context.Options(&options));
  return PrepareConvolutionS8(context, FilterLayout::kOHWI, options, isa::Conv2DS8ScratchBytes);
}

Status EvalInt8(const EvalContext& context, Rows rows) {
  return EvalConvolutionS8(context, rows, isa::Conv2DS8);
}

Status PrepareFloat32(PrepareContext& context) {
  Conv2DOptions options;
  MIDGE_TRY(context.Options(&options));
  return PrepareConvolutionF32(context, FilterLayout::kOHWI, options);
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  return EvalConvolutionF32(context, rows, isa::Conv2DF32);
}

}  // namespace

const Op kConv2DFloat32 = {BuiltinOp::kConv2D, TensorType::kFloat32, 0,      nullptr,
                           PrepareFloat32,     EvalFloat32,          nullptr};
const Op kConv2DInt8 = {BuiltinOp::kConv2D, TensorType::kInt8, 0,      nullptr,
                        PrepareInt8,        EvalInt8,          nullptr};
const Op kConv2D = {BuiltinOp::kConv2D, TensorType::kInt8, 0, nullptr, PrepareInt8,
                    EvalInt8,           &kConv2DFloat32};

}  // namespace midge
