// SPDX-License-Identifier: Apache-2.0
#include "kernels/depthwise_conv_2d.h"

#include "kernels/isa.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareInt8(PrepareContext& context) {
  DepthwiseConv2DOptions options;
  MIDGE_TRY(context.Options(&options));
  return PrepareConvolutionS8(context, FilterLayout::k1HWC, options,
                              isa::DepthwiseConv2DS8ScratchBytes);
}

Status EvalInt8(const EvalContext& context, Rows rows) {
  return EvalConvolutionS8(context, rows, isa::DepthwiseConv2DS8);
}

Status PrepareFloat32(PrepareContext& context) {
  DepthwiseConv2DOptions options;
  MIDGE_TRY(context.Options(&options));
  return PrepareConvolutionF32(context, FilterLayout::k1HWC, options);
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  return EvalConvolutionF32(context, rows, isa::DepthwiseConv2DF32);
}

}  // namespace

const Op kDepthwiseConv2DFloat32 = {BuiltinOp::kDepthwiseConv2D,
                                    TensorType::kFloat32,
                                    0,
                                    nullptr,
                                    PrepareFloat32,
                                    EvalFloat32,
                                    nullptr};
const Op kDepthwiseConv2DInt8 = {
    BuiltinOp::kDepthwiseConv2D, TensorType::kInt8, 0, nullptr, PrepareInt8, EvalInt8, nullptr};
const Op kDepthwiseConv2D = {
    BuiltinOp::kDepthwiseConv2D, TensorType::kInt8, 0, nullptr, PrepareInt8, EvalInt8,
    &kDepthwiseConv2DFloat32};

}  // namespace midge
