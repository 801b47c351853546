// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "midge/op_resolver.h"
#include "midge/ops.h"

namespace midge {

// Every builtin op with all its types: for tools and tests, which must take any model. Firmware
// names what its model needs and links only that.
// clang-format off: one op per line
inline constexpr OpResolver kAllOps{
    &kAdd,
    &kAveragePool2D,
    &kConcatenation,
    &kConv2D,
    &kDepthwiseConv2D,
    &kDequantize,
    &kFullyConnected,
    &kLogistic,
    &kMaxPool2D,
    &kMean,
    &kMul,
    &kPack,
    &kPad,
    &kQuantize,
    &kReshape,
    &kSlice,
    &kSoftmax,
    &kSplit,
    &kSplitV,
    &kStridedSlice,
    &kSvdf,
    &kUnidirectionalSequenceLstm,
    &kUnpack,
};
// clang-format on

}  // namespace midge
