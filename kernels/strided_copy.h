// SPDX-License-Identifier: Apache-2.0
//
// Ops whose output elements are input elements in another order, some left out or repeated, at
// places that are linear in the output's indices: what their Prepare and Eval share. An op says
// where its first element comes from and how far apart the input lies along each dimension of the
// output (or along the factors of a dimension).
//
// Math      output[i, j, …] = input[first + i * step_i + j * step_j + …], in elements of one
//           operand, for loops of the given extents whose product is the number of outputs.
// Memory    row window: where the rows of the output step through those of the input at one rate
//           and the rest of the walk stays inside rows. In place where elements only move down. An
//           output that equals the input is its alias, one that is a piece of it may be a
//           view. No scratch. Moves bytes of any type, so it
//           has no variants.
#pragma once

#include <cstdint>

#include "kernels/loops.h"
#include "midge/op.h"

namespace midge {

// Up to two loops per dimension of the output, outermost first; steps in input elements.
struct CopyWalk {
  struct Dimension {
    int32_t extent, step;
  };
  static constexpr int kMost = 2 * kMaxRank;

  Dimension dimensions[kMost];
  int count = 0;
  int32_t first = 0;

  void Add(int32_t extent, int32_t step) { dimensions[count++] = {extent, step}; }
};

// Elements between neighbours along dimension `d`.
inline int32_t StepOf(const Shape& shape, int d) { return shape.Product(d + 1, shape.rank()); }

// Makes the state of a node that copies from `input` to output 0, whose types are equal. The walk
// has been checked to stay inside the input.
Status PrepareCopy(PrepareContext& context, int input, const CopyWalk& walk);

// `input` as in PrepareCopy; row of most movers: {…, Prepare, EvalCopy, …}.
Status EvalCopyOf(const EvalContext& context, int input, Rows rows);
inline Status EvalCopy(const EvalContext& context, Rows rows) {
  return EvalCopyOf(context, 0, rows);
}

}  // namespace midge
