// SPDX-License-Identifier: Apache-2.0
//
// The builtin op rows. `kConv2D` takes every element type the op has here, `kConv2DInt8` one:
// the suffix is the type of the activations, followed by that of the weights where they are not
// int8 for int8 and int16, or float32 for float32. What is not named is not linked.
#pragma once

#include "midge/op.h"

namespace midge {

extern const Op kAdd, kAddInt8, kAddFloat32;
extern const Op kArgMax, kArgMaxInt8, kArgMaxFloat32, kArgMaxInt16, kArgMaxInt32, kArgMaxUInt8;
extern const Op kArgMin, kArgMinInt8, kArgMinFloat32, kArgMinInt16, kArgMinInt32, kArgMinUInt8;
extern const Op kAssignVariable, kReadVariable, kVarHandle;
extern const Op kAveragePool2D, kAveragePool2DInt8, kAveragePool2DFloat32;
extern const Op kAveragePool2D, kAveragePool2DInt8, kAveragePool2DInt16, kAveragePool2DFloat32;
extern const Op kBatchToSpaceND;
extern const Op kBroadcastArgs, kBroadcastArgsInt32, kBroadcastArgsInt64;
extern const Op kBroadcastTo;
extern const Op kCallOnce, kIf, kWhile;
extern const Op kConcatenation;
extern const Op kConv2D, kConv2DInt8, kConv2DFloat32;
extern const Op kCumSum, kCumSumInt8, kCumSumFloat32, kCumSumInt32, kCumSumInt64;
extern const Op kBatchMatMul, kBatchMatMulInt8, kBatchMatMulInt16, kBatchMatMulFloat32;
extern const Op kConv2D, kConv2DInt8, kConv2DInt8Int4, kConv2DInt16, kConv2DFloat32;
extern const Op kDepthToSpace;
extern const Op kDepthwiseConv2D, kDepthwiseConv2DInt8, kDepthwiseConv2DInt8Int4,
    kDepthwiseConv2DInt16, kDepthwiseConv2DFloat32;
extern const Op kDequantize, kDequantizeInt8, kDequantizeInt16, kDequantizeUInt8;
extern const Op kDynamicUpdateSlice;
extern const Op kEmbeddingLookup, kEmbeddingLookupFloat32, kEmbeddingLookupInt8;
extern const Op kExpandDims;
extern const Op kFill;
extern const Op kFullyConnected, kFullyConnectedInt8, kFullyConnectedFloat32;
extern const Op kGather;
extern const Op kGatherND;
extern const Op kLogistic, kLogisticInt8, kLogisticFloat32;
extern const Op kMaxPool2D, kMaxPool2DInt8, kMaxPool2DFloat32;
extern const Op kMean, kMeanInt8, kMeanFloat32, kMeanInt16, kMeanInt32;
extern const Op kFullyConnected, kFullyConnectedInt8, kFullyConnectedInt8Int4, kFullyConnectedInt16,
    kFullyConnectedFloat32;
extern const Op kLogistic, kLogisticInt8, kLogisticFloat32;
extern const Op kMaxPool2D, kMaxPool2DInt8, kMaxPool2DInt16, kMaxPool2DFloat32;
extern const Op kMean, kMeanInt8, kMeanFloat32;
extern const Op kMirrorPad;
extern const Op kMul, kMulInt8, kMulFloat32;
extern const Op kOneHot;
extern const Op kPack;
extern const Op kPad;
extern const Op kPadV2;
extern const Op kQuantize, kQuantizeFloat32, kQuantizeInt8, kQuantizeInt16, kQuantizeInt32,
    kQuantizeUInt8;
extern const Op kRange, kRangeFloat32, kRangeInt32, kRangeInt64;
extern const Op kRank;
extern const Op kReduceAll;
extern const Op kReduceAny;
extern const Op kReduceMax, kReduceMaxInt8, kReduceMaxFloat32, kReduceMaxInt16, kReduceMaxInt32,
    kReduceMaxInt64, kReduceMaxUInt8;
extern const Op kReduceMin, kReduceMinInt8, kReduceMinFloat32, kReduceMinInt16, kReduceMinInt32,
    kReduceMinInt64, kReduceMinUInt8;
extern const Op kReduceProd, kReduceProdFloat32, kReduceProdInt32, kReduceProdInt64;
extern const Op kReshape;
extern const Op kResizeBilinear, kResizeBilinearInt8, kResizeBilinearFloat32, kResizeBilinearInt16,
    kResizeBilinearUInt8;
extern const Op kResizeNearestNeighbor;
extern const Op kReverseV2;
extern const Op kScatterND, kScatterNDFloat32, kScatterNDInt8, kScatterNDInt32, kScatterNDInt64,
    kScatterNDUInt8, kScatterNDBool;
extern const Op kShape;
extern const Op kSlice;
extern const Op kSoftmax, kSoftmaxInt8, kSoftmaxFloat32;
extern const Op kSpaceToBatchND;
extern const Op kSpaceToDepth;
extern const Op kSplit;
extern const Op kSplitV;
extern const Op kSqueeze;
extern const Op kStridedSlice;
extern const Op kSum, kSumInt8, kSumFloat32, kSumInt16, kSumInt32;
// Of int8 activations; the suffix is the type of the state. Float32 is all float.
extern const Op kSvdf, kSvdfInt8, kSvdfInt16, kSvdfFloat32;
extern const Op kTile;
extern const Op kTopKV2, kTopKV2Float32, kTopKV2Int8, kTopKV2Int16, kTopKV2Int32, kTopKV2Int64,
    kTopKV2UInt8;
extern const Op kTranspose;
extern const Op kUnpack;
extern const Op kTransposeConv, kTransposeConvInt8, kTransposeConvInt16, kTransposeConvFloat32;
extern const Op kUnidirectionalSequenceLstm, kUnidirectionalSequenceLstmInt8,
    kUnidirectionalSequenceLstmInt16, kUnidirectionalSequenceLstmFloat32;
extern const Op kUnpack;
extern const Op kWhere;

}  // namespace midge
