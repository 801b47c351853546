// SPDX-License-Identifier: Apache-2.0
//
// Ops that combine several tensors element by element, each being repeated along the dimensions
// that only others have (NumPy's broadcasting): the walk over them. Output rows are made of runs,
// in which each operand either steps along or is one element.
#pragma once

#include <cstdint>

#include "kernels/loops.h"
#include "midge/op.h"

namespace midge {

// How output rows are made of runs. The loops follow the node's state: `outer_loops` of them find
// the input rows of an output row (none: the row of the same number), `inner_loops` the runs of a
// row, with steps in bytes.
template <int kOperands>
struct BroadcastMap {
  int32_t row_count;  // of the output
  int32_t output_row_bytes;
  int32_t input_row_bytes[kOperands];
  int32_t run_elements, output_run_bytes;
  uint8_t repeated;  // bit k: operand k is one element in a run
  uint8_t outer_loops, inner_loops;
};

template <int kOperands>
struct BroadcastPlan {
  BroadcastMap<kOperands> map;
  LoopNest<kOperands> outer, inner;
};

// Checks that shapes `inputs` make the output's, plans the walk, states the row window and what may
// be in place. Shapes are the operands' own, or those with other dimensions of extent 1.
template <int kOperands>
Status PlanBroadcast(PrepareContext& context, const Shape (&inputs)[kOperands],
                     BroadcastPlan<kOperands>* plan);

template <int kOperands, typename Params>
struct BroadcastState {
  BroadcastMap<kOperands> map;
  Params params;
};

template <int kOperands, typename Params>
void SetBroadcastState(PrepareContext& context, const BroadcastPlan<kOperands>& plan,
                       const Params& params) {
  context.NewState<BroadcastState<kOperands, Params>>() = {plan.map, params};
  AppendLoops(context, plan.outer);
  AppendLoops(context, plan.inner);
}

// One walk for all element types, so that an image with many such ops holds it once.
template <int kOperands>
using BroadcastRun = void (*)(const void* params, uint8_t repeated,
                              const uint8_t* const (&inputs)[kOperands], int32_t count,
                              void* output);
template <int kOperands>
void ForEachRun(const EvalContext& context, Rows rows, const BroadcastMap<kOperands>& map,
                const Loop<kOperands>* loops, const void* params, BroadcastRun<kOperands> run);

// Eval of such an op.
template <int kOperands, typename Params>
void EvalBroadcast(const EvalContext& context, Rows rows, BroadcastRun<kOperands> run) {
  using State = BroadcastState<kOperands, Params>;
  const State& state = context.state<State>();
  ForEachRun(context, rows, state.map, context.StateArray<Loop<kOperands>>(sizeof(State)),
             &state.params, run);
}

}  // namespace midge
