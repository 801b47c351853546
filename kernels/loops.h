// SPDX-License-Identifier: Apache-2.0
//
// Nests of loops over tensors: how operands of different shapes are walked together. Ops that
// broadcast, reduce or move data describe their walk once, in Prepare, with as few loops as the
// shapes allow.
#pragma once

#include <cstdint>

#include "midge/op.h"

namespace midge {

// One loop of a nest: `extent` iterations, each of which moves operand k on by step[k].
template <int kOperands>
struct Loop {
  int32_t extent;
  int32_t step[kOperands];
};

// Operands' positions.
template <int kOperands>
struct Offsets {
  int32_t at[kOperands] = {};
};

// A nest of at most `kMost` loops while it is made; outermost loop first.
template <int kOperands, int kMost = kMaxRank>
struct LoopNest {
  Loop<kOperands> loops[kMost];
  int count = 0;

  // Adds a loop inside the others. Loops of one iteration vanish, and a loop that goes on where the
  // one around it would step to becomes one with it.
  void Add(const Loop<kOperands>& inner) {
    if (inner.extent == 1) return;
    if (count > 0) {
      Loop<kOperands>& outer = loops[count - 1];
      bool one_walk = true;
      for (int k = 0; k < kOperands; ++k) {
        one_walk = one_walk && outer.step[k] == inner.extent * inner.step[k];
      }
      if (one_walk) {
        const int32_t extent = outer.extent * inner.extent;
        outer = inner;
        outer.extent = extent;
        return;
      }
    }
    loops[count++] = inner;
  }
};

// Appends a nest to the node's state.
template <int kOperands, int kMost>
void AppendLoops(PrepareContext& context, const LoopNest<kOperands, kMost>& nest) {
  auto* const loops = context.NewArray<Loop<kOperands>>(nest.count);
  for (int i = 0; loops != nullptr && i < nest.count; ++i) loops[i] = nest.loops[i];
}

// Positions at iteration `index` of a nest; divides only if it has several loops.
template <int kOperands>
Offsets<kOperands> OffsetsAt(const Loop<kOperands>* loops, int count, int32_t index) {
  Offsets<kOperands> offsets;
  for (int i = count - 1; i >= 0; --i) {
    const int32_t outer = i == 0 ? 0 : index / loops[i].extent;
    const int32_t here = index - outer * loops[i].extent;
    for (int k = 0; k < kOperands; ++k) offsets.at[k] += here * loops[i].step[k];
    index = outer;
  }
  return offsets;
}

// Calls f(offsets) at each iteration of a nest, in order. An extent of 0 gives no iteration.
template <int kMost = kMaxRank, int kOperands, typename F>
void ForEachIteration(const Loop<kOperands>* loops, int count, const F& f) {
  int32_t done[kMost] = {};
  Offsets<kOperands> offsets;
  for (int i = 0; i < count; ++i) {
    if (loops[i].extent == 0) return;
  }
  for (;;) {
    f(offsets);
    int i = count - 1;
    for (; i >= 0; --i) {
      const Loop<kOperands>& loop = loops[i];
      for (int k = 0; k < kOperands; ++k) offsets.at[k] += loop.step[k];
      if (++done[i] < loop.extent) break;
      for (int k = 0; k < kOperands; ++k) offsets.at[k] -= loop.extent * loop.step[k];
      done[i] = 0;
    }
    if (i < 0) return;
  }
}

}  // namespace midge
