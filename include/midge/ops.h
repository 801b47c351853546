// SPDX-License-Identifier: Apache-2.0
//
// The builtin op rows. `kConv2D` takes every element type the op has here, `kConv2DInt8` one:
// the suffix is the type of the activations, followed by that of the weights where they are not
// int8 for int8 and int16, or float32 for float32. What is not named is not linked.
#pragma once

#include "midge/op.h"

namespace midge {

extern const Op kAbs, kAbsInt8, kAbsInt16, kAbsInt32, kAbsFloat32;
extern const Op kAdd, kAddInt8, kAddFloat32, kAddInt16, kAddInt32, kAddInt64, kAddUInt8;
extern const Op kAddN, kAddNInt8, kAddNInt32, kAddNFloat32;
extern const Op kArgMax, kArgMaxInt8, kArgMaxFloat32, kArgMaxInt16, kArgMaxInt32, kArgMaxUInt8;
extern const Op kArgMin, kArgMinInt8, kArgMinFloat32, kArgMinInt16, kArgMinInt32, kArgMinUInt8;
extern const Op kAssignVariable, kReadVariable, kVarHandle;
extern const Op kAveragePool2D, kAveragePool2DInt8, kAveragePool2DFloat32, kAveragePool2DInt16,
    kAveragePool2DUInt8;
extern const Op kBatchMatMul, kBatchMatMulInt8, kBatchMatMulInt16, kBatchMatMulFloat32,
    kBatchMatMulFloat32Int8;
extern const Op kBatchToSpaceND;
extern const Op kBroadcastArgs, kBroadcastArgsInt32, kBroadcastArgsInt64;
extern const Op kBroadcastTo;
extern const Op kCallOnce, kIf, kWhile;
extern const Op kCast, kCastBool, kCastFloat32, kCastInt8, kCastInt16, kCastInt32, kCastInt64,
    kCastUInt8, kCastUInt32;
extern const Op kCeil, kCeilInt8, kCeilFloat32;
extern const Op kConcatenation;
extern const Op kConv2D, kConv2DInt8, kConv2DFloat32, kConv2DInt8Int4, kConv2DInt16,
    kConv2DFloat32Int8, kConv2DFloat32Float16, kConv2DUInt8;
extern const Op kCos, kCosInt8, kCosFloat32;
extern const Op kCumSum, kCumSumInt8, kCumSumFloat32, kCumSumInt32, kCumSumInt64;
extern const Op kDepthToSpace;
extern const Op kDepthwiseConv2D, kDepthwiseConv2DInt8, kDepthwiseConv2DInt8Int4,
    kDepthwiseConv2DInt16, kDepthwiseConv2DFloat32, kDepthwiseConv2DFloat32Int8,
    kDepthwiseConv2DFloat32Float16, kDepthwiseConv2DUInt8;
extern const Op kDequantize, kDequantizeInt8, kDequantizeInt16, kDequantizeUInt8,
    kDequantizeFloat16;
extern const Op kDiv, kDivInt8, kDivInt16, kDivInt32, kDivFloat32;
extern const Op kDynamicUpdateSlice;
extern const Op kElu, kEluInt8, kEluFloat32;
extern const Op kEmbeddingLookup, kEmbeddingLookupFloat32, kEmbeddingLookupInt8;
extern const Op kEqual, kEqualInt8, kEqualInt16, kEqualInt32, kEqualInt64, kEqualBool,
    kEqualFloat32;
extern const Op kExp, kExpInt8, kExpInt16, kExpFloat32;
extern const Op kExpandDims;
extern const Op kFill;
extern const Op kFloor, kFloorInt8, kFloorFloat32;
extern const Op kFloorDiv, kFloorDivInt8, kFloorDivInt16, kFloorDivInt32, kFloorDivFloat32;
extern const Op kFloorMod, kFloorModInt8, kFloorModInt16, kFloorModInt32, kFloorModInt64,
    kFloorModFloat32;
extern const Op kFullyConnected, kFullyConnectedInt8, kFullyConnectedFloat32,
    kFullyConnectedInt8Int4, kFullyConnectedInt16, kFullyConnectedFloat32Int8,
    kFullyConnectedFloat32Float16, kFullyConnectedUInt8;
extern const Op kGather;
extern const Op kGatherND;
extern const Op kGelu, kGeluInt8, kGeluInt16, kGeluFloat32;
extern const Op kGreater, kGreaterInt8, kGreaterInt16, kGreaterInt32, kGreaterInt64,
    kGreaterFloat32;
extern const Op kGreaterEqual, kGreaterEqualInt8, kGreaterEqualInt16, kGreaterEqualInt32,
    kGreaterEqualInt64, kGreaterEqualFloat32;
extern const Op kHardSwish, kHardSwishInt8, kHardSwishFloat32;
extern const Op kL2Normalization, kL2NormalizationInt8, kL2NormalizationFloat32;
extern const Op kLeakyRelu, kLeakyReluInt8, kLeakyReluInt16, kLeakyReluFloat32;
extern const Op kLess, kLessInt8, kLessInt16, kLessInt32, kLessInt64, kLessFloat32;
extern const Op kLessEqual, kLessEqualInt8, kLessEqualInt16, kLessEqualInt32, kLessEqualInt64,
    kLessEqualFloat32;
extern const Op kLog, kLogInt8, kLogInt16, kLogFloat32;
extern const Op kLogicalAnd, kLogicalAndBool;
extern const Op kLogicalNot, kLogicalNotBool;
extern const Op kLogicalOr, kLogicalOrBool;
extern const Op kLogistic, kLogisticInt8, kLogisticFloat32, kLogisticInt16, kLogisticUInt8;
extern const Op kLogSoftmax, kLogSoftmaxInt8, kLogSoftmaxFloat32;
extern const Op kMaximum, kMaximumInt8, kMaximumInt16, kMaximumInt32, kMaximumInt64,
    kMaximumFloat32;
extern const Op kMaxPool2D, kMaxPool2DInt8, kMaxPool2DFloat32, kMaxPool2DInt16, kMaxPool2DUInt8;
extern const Op kMean, kMeanInt8, kMeanFloat32, kMeanInt16, kMeanInt32, kMeanUInt8;
extern const Op kMinimum, kMinimumInt8, kMinimumInt16, kMinimumInt32, kMinimumInt64,
    kMinimumFloat32;
extern const Op kMirrorPad;
extern const Op kMul, kMulInt8, kMulFloat32, kMulInt16, kMulInt32, kMulInt64, kMulUInt8;
extern const Op kNeg, kNegInt8, kNegInt16, kNegInt32, kNegInt64, kNegFloat32;
extern const Op kNotEqual, kNotEqualInt8, kNotEqualInt16, kNotEqualInt32, kNotEqualInt64,
    kNotEqualBool, kNotEqualFloat32;
extern const Op kOneHot;
extern const Op kPack;
extern const Op kPad, kPadInt8, kPadFloat32;
extern const Op kPadV2;
extern const Op kPow, kPowInt8, kPowInt32, kPowFloat32;
extern const Op kPrelu, kPreluInt8, kPreluInt16, kPreluFloat32;
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
extern const Op kReduceProd, kReduceProdFloat32, kReduceProdInt32, kReduceProdInt64,
    kReduceProdInt8, kReduceProdInt16;
extern const Op kRelu, kReluInt8, kReluInt16, kReluFloat32;
extern const Op kRelu6, kRelu6Int8, kRelu6Int16, kRelu6Float32;
extern const Op kReluN1To1, kReluN1To1Int8, kReluN1To1Float32;
extern const Op kReshape;
extern const Op kResizeBilinear, kResizeBilinearInt8, kResizeBilinearFloat32, kResizeBilinearInt16,
    kResizeBilinearUInt8;
extern const Op kResizeNearestNeighbor;
extern const Op kReverseV2;
extern const Op kRound, kRoundInt8, kRoundFloat32;
extern const Op kRsqrt, kRsqrtInt8, kRsqrtInt16, kRsqrtFloat32;
extern const Op kScatterND, kScatterNDFloat32, kScatterNDInt8, kScatterNDInt32, kScatterNDInt64,
    kScatterNDUInt8, kScatterNDBool;
extern const Op kSelect;
extern const Op kSelectV2;
extern const Op kShape;
extern const Op kSin, kSinInt8, kSinFloat32;
extern const Op kSlice;
extern const Op kSoftmax, kSoftmaxInt8, kSoftmaxInt16, kSoftmaxFloat32, kSoftmaxUInt8;
extern const Op kSpaceToBatchND;
extern const Op kSpaceToDepth;
extern const Op kSplit;
extern const Op kSplitV;
extern const Op kSqrt, kSqrtInt8, kSqrtInt16, kSqrtFloat32;
extern const Op kSquare, kSquareInt8, kSquareFloat32;
extern const Op kSquaredDifference, kSquaredDifferenceInt8, kSquaredDifferenceInt16,
    kSquaredDifferenceInt32, kSquaredDifferenceFloat32;
extern const Op kSqueeze;
extern const Op kStridedSlice;
extern const Op kSub, kSubInt8, kSubInt16, kSubInt32, kSubInt64, kSubFloat32, kSubUInt8;
extern const Op kSum, kSumInt8, kSumFloat32, kSumInt16, kSumInt32;
// Of int8 activations; the suffix is the type of the state. Float32 is all float.
extern const Op kSvdf, kSvdfInt8, kSvdfInt16, kSvdfFloat32;
extern const Op kTanh, kTanhInt8, kTanhInt16, kTanhFloat32, kTanhUInt8;
extern const Op kTile;
extern const Op kTopKV2, kTopKV2Float32, kTopKV2Int8, kTopKV2Int16, kTopKV2Int32, kTopKV2Int64,
    kTopKV2UInt8;
extern const Op kTranspose;
extern const Op kTransposeConv, kTransposeConvInt8, kTransposeConvInt16, kTransposeConvFloat32,
    kTransposeConvFloat32Int8;
extern const Op kUnidirectionalSequenceLstm, kUnidirectionalSequenceLstmInt8,
    kUnidirectionalSequenceLstmInt16, kUnidirectionalSequenceLstmFloat32,
    kUnidirectionalSequenceLstmFloat32Int8;
extern const Op kUnpack;
extern const Op kWhere;
extern const Op kZerosLike;

}  // namespace midge
