// SPDX-License-Identifier: Apache-2.0
//
// The ops of programs that run any model. Flash of 256 KB has no room for all of them; there the
// build makes such a program with one group, chosen by MIDGE_OP_GROUP_<NAME> (see
// midge_op_group() in cmake/midge_firmware.cmake), or once for each.
#pragma once

#if defined(MIDGE_OP_GROUP_LAYERS) || defined(MIDGE_OP_GROUP_MOVERS) || \
    defined(MIDGE_OP_GROUP_ELEMENTWISE)
#include "midge/op_resolver.h"
#include "midge/ops.h"
#else
#include "midge/all_ops.h"
#endif

namespace midge {

// clang-format off
#if defined(MIDGE_OP_GROUP_LAYERS)
// What networks of layers are made of.
inline constexpr OpResolver kProgramOps{
    &kAdd,
    &kArgMaxUInt8,
    &kAveragePool2D,
    &kBatchMatMul,
    &kConcatenation,
    &kConv2D,
    &kDepthwiseConv2D,
    &kDequantize,
    &kFullyConnected,
    &kL2Normalization,
    &kLogSoftmax,
    &kLogistic,
    &kMaxPool2D,
    &kMean,
    &kMul,
    &kPad,
    &kQuantize,
    &kReshape,
    &kResizeBilinearUInt8,
    &kSoftmax,
    &kSvdf,
    &kTransposeConv,
    &kUnidirectionalSequenceLstm,
};
#elif defined(MIDGE_OP_GROUP_MOVERS)
// What moves data, looks it up, folds it, or decides; and what tests of control flow compute.
inline constexpr OpResolver kProgramOps{
    &kAdd,
    &kArgMax,
    &kArgMin,
    &kAssignVariable,
    &kBatchToSpaceND,
    &kBroadcastArgs,
    &kBroadcastTo,
    &kCallOnce,
    &kCast,
    &kConcatenation,
    &kCumSum,
    &kDepthToSpace,
    &kDequantizeInt8,
    &kDynamicUpdateSlice,
    &kEmbeddingLookup,
    &kExpandDims,
    &kFill,
    &kFullyConnected,
    &kGather,
    &kGatherND,
    &kIf,
    &kLess,
    &kMean,
    &kMirrorPad,
    &kMul,
    &kOneHot,
    &kPack,
    &kPad,
    &kPadV2,
    &kRange,
    &kRank,
    &kReadVariable,
    &kReduceAll,
    &kReduceAny,
    &kReduceMax,
    &kReduceMin,
    &kReduceProd,
    &kReluInt8,
    &kReshape,
    &kResizeBilinear,
    &kResizeNearestNeighbor,
    &kReverseV2,
    &kScatterND,
    &kShape,
    &kSlice,
    &kSpaceToBatchND,
    &kSpaceToDepth,
    &kSplit,
    &kSplitV,
    &kSqueeze,
    &kStridedSlice,
    &kSubInt32,
    &kSum,
    &kTile,
    &kTopKV2,
    &kTranspose,
    &kUnpack,
    &kVarHandle,
    &kWhere,
    &kWhile,
};
#elif defined(MIDGE_OP_GROUP_ELEMENTWISE)
// What computes each element by itself.
inline constexpr OpResolver kProgramOps{
    &kAbs,
    &kAdd,
    &kAddN,
    &kCast,
    &kCeil,
    &kCos,
    &kDequantize,
    &kDiv,
    &kElu,
    &kEqual,
    &kExp,
    &kFloor,
    &kFloorDiv,
    &kFloorMod,
    &kGelu,
    &kGreater,
    &kGreaterEqual,
    &kHardSwish,
    &kLeakyRelu,
    &kLess,
    &kLessEqual,
    &kLog,
    &kLogicalAnd,
    &kLogicalNot,
    &kLogicalOr,
    &kLogistic,
    &kMaximum,
    &kMinimum,
    &kMul,
    &kNeg,
    &kNotEqual,
    &kPow,
    &kPrelu,
    &kQuantize,
    &kRelu,
    &kRelu6,
    &kReluN1To1,
    &kRound,
    &kRsqrt,
    &kSelect,
    &kSelectV2,
    &kSin,
    &kSqrt,
    &kSquare,
    &kSquaredDifference,
    &kSub,
    &kTanh,
    &kZerosLike,
};
#else
inline constexpr const auto& kProgramOps = kAllOps;
#endif
// clang-format on

}  // namespace midge
