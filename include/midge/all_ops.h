// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "midge/op_resolver.h"
#include "midge/ops.h"

namespace midge {

// Every builtin op with all its types: for tools and tests, which must take any model. Firmware
// names what its model needs and links only that.
// One op per line.
// clang-format off
inline constexpr OpResolver kAllOps{
    &kAdd,
    &kArgMax,
    &kArgMin,
    &kAssignVariable,
    &kAveragePool2D,
    &kBatchToSpaceND,
    &kBroadcastArgs,
    &kBroadcastTo,
    &kCallOnce,
    &kBatchMatMul,
    &kConcatenation,
    &kConv2D,
    &kCumSum,
    &kDepthToSpace,
    &kDepthwiseConv2D,
    &kDequantize,
    &kDynamicUpdateSlice,
    &kEmbeddingLookup,
    &kExpandDims,
    &kFill,
    &kFullyConnected,
    &kGather,
    &kGatherND,
    &kIf,
    &kLogistic,
    &kMaxPool2D,
    &kMean,
    &kMirrorPad,
    &kMul,
    &kOneHot,
    &kPack,
    &kPad,
    &kPadV2,
    &kQuantize,
    &kRange,
    &kRank,
    &kReadVariable,
    &kReduceAll,
    &kReduceAny,
    &kReduceMax,
    &kReduceMin,
    &kReduceProd,
    &kReshape,
    &kResizeBilinear,
    &kResizeNearestNeighbor,
    &kReverseV2,
    &kScatterND,
    &kShape,
    &kSlice,
    &kSoftmax,
    &kSpaceToBatchND,
    &kSpaceToDepth,
    &kSplit,
    &kSplitV,
    &kSqueeze,
    &kStridedSlice,
    &kSum,
    &kSvdf,
    &kTile,
    &kTopKV2,
    &kTranspose,
    &kTransposeConv,
    &kUnidirectionalSequenceLstm,
    &kUnpack,
    &kVarHandle,
    &kWhere,
    &kWhile,
};
// clang-format on

}  // namespace midge
