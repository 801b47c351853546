// SPDX-License-Identifier: Apache-2.0
//
// What ops with weights check alike: CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and
// TRANSPOSE_CONV, which have an input, a filter, maybe a bias, and one output.
#pragma once

#include "kernels/float16.h"
#include "midge/op.h"

namespace midge {

// Which inputs they are; the filter is input 1 of them all.
struct WeightOperands {
  uint8_t input, bias;
};
inline constexpr int kFilter = 1;
inline constexpr WeightOperands kInputFilterBias = {0, 2};

// Rows of such ops.
template <BuiltinOp kCode, TensorType kType, TensorType kWeightsType,
          Status (*kPrepare)(PrepareContext&), Status (*kEval)(const EvalContext&, Rows),
          uint8_t kKeyInput = 0>
constexpr Op WeightsOpRow(const Op* next) {
  return {kCode, kType, kKeyInput, nullptr, kPrepare, kEval, next, kWeightsType};
}

// Types of the operands. The type of the filter is what the row was found by.
struct WeightTypes {
  TensorType activations, bias, other_bias;  // two types that the bias may have, or twice the same
};
inline constexpr WeightTypes kWeightTypesInt8 = {TensorType::kInt8, TensorType::kInt32,
                                                 TensorType::kInt32};
inline constexpr WeightTypes kWeightTypesUInt8 = {TensorType::kUInt8, TensorType::kInt32,
                                                  TensorType::kInt32};
inline constexpr WeightTypes kWeightTypesInt16 = {TensorType::kInt16, TensorType::kInt32,
                                                  TensorType::kInt64};
inline constexpr WeightTypes kWeightTypesFloat32 = {TensorType::kFloat32, TensorType::kFloat32,
                                                    TensorType::kFloat32};

// Number and types of the operands; the bias has one element per output channel (the innermost
// dimension of the output). The bias may be left out.
Status ExpectWeights(const PrepareContext& context, const WeightTypes& types,
                     WeightOperands operands = kInputFilterBias);

// Filter and bias are not computed by other nodes, so only the input comes in rows.
bool HasConstantWeights(const PrepareContext& context, WeightOperands operands = kInputFilterBias);

struct WeightsQuantization {
  QuantParam input, output;
  Span<const float> filter_scales;  // one, or one per output channel
};

// `filter_dimension` is that of the output channels.
Status ReadWeightsQuantization(const PrepareContext& context, int filter_dimension,
                               WeightOperands operands, WeightsQuantization* quantization);

// Whether the scales are not all the same.
bool ScalesDiffer(Span<const float> scales);
// Appends them to the node's state: all, or the first alone.
void AppendScales(PrepareContext& context, Span<const float> scales, bool all);

// The bias beside float16 weights.
inline Float16Bias BiasOf(const EvalContext& context, WeightOperands operands, bool is_float16) {
  if (is_float16) return {nullptr, context.input<uint16_t>(operands.bias)};
  return {context.input<float>(operands.bias), nullptr};
}

}  // namespace midge
