// SPDX-License-Identifier: Apache-2.0
//
// ReduceMax, ReduceMin, ReduceProd, ReduceAny, ReduceAll, ArgMax, ArgMin: one element, or where it
// stands, of all along some of a tensor's dimensions.
//
// Shapes    `columns` neighbouring outputs, each made of the elements that `reduced` walks over.
// Math      folded in the input's order, beginning with the type's lowest value (max), its highest
//           (min), 1 (prod), false (any), true (all). Arg: the index of the first that no other
//           exceeds. Quantized values are compared as they are: input and output have the same
//           parameters. Quantized prod: docs/NUMERICS.md "REDUCE_PROD".
// Numerics  exact; products of integers modulo 2^bits. A NaN exceeds nothing.
// Requires  established by Prepare: at least one element per output; Arg: one dimension.
// Memory    needs the whole input. No scratch. Output must not overlap the input. Never outside the
//           stated extents.
// Variants  portable.
// Source    TFLite's reference for reductions.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"

namespace midge {

struct ReduceParams {};

struct QuantizedProdParams {
  QuantizedMultiplier multiplier;
  int16_t input_zero_point, output_zero_point;
};

struct ArgParams {
  bool wide;  // the output is int64; else int32
};

}  // namespace midge
