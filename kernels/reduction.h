// SPDX-License-Identifier: Apache-2.0
//
// Ops that combine all elements of a tensor along some dimensions into one: what their Prepare and
// Eval share. An op adds its parameters and a kernel
//
//   void Kernel(const Params& params, const Reduced& reduced, const In* input, int32_t columns,
//               Out* output);
//
// output[i] combines the elements `reduced` counted from input + i, for i < columns. Its row is
// {…, Prepare, ReductionEval<isa::Kernel>::Eval, …}.
#pragma once

#include <cstdint>

#include "kernels/loops.h"
#include "kernels/reduced.h"
#include "midge/op.h"

namespace midge {

// The loops follow the node's state: `kept_loops` of them find the first element of `columns`
// neighbouring outputs, then `reduced_loops`.
struct ReductionMap {
  RowGeometry rows;  // of the output
  int32_t columns;
  int32_t run, run_step;
  uint8_t kept_loops, reduced_loops;
};

struct ReductionPlan {
  ReductionMap map;
  LoopNest<1> kept, reduced;
  int32_t count;  // elements combined into one
};

// Checks {input, axes} -> {output} with axes in [-rank, rank), in any order and number, and plans
// the walk. kBadShape also where nothing is combined into something.
Status PlanReduction(PrepareContext& context, TensorType type, bool keep_dimensions,
                     ReductionPlan* plan);

template <typename Params>
struct ReductionState {
  ReductionMap map;
  Params params;
};

template <typename Params>
void SetReductionState(PrepareContext& context, const ReductionPlan& plan, const Params& params) {
  context.NewState<ReductionState<Params>>() = {plan.map, params};
  AppendLoops(context, plan.kept);
  AppendLoops(context, plan.reduced);
}

template <auto kKernel>
struct ReductionEval;

template <typename Params, typename In, typename Out,
          void (*kKernel)(const Params&, const Reduced&, const In*, int32_t, Out*)>
struct ReductionEval<kKernel> {
  static Status Eval(const EvalContext& context, Rows rows) {
    const auto& state = context.state<ReductionState<Params>>();
    const ReductionMap& map = state.map;
    const auto* const loops = context.StateArray<Loop<1>>(sizeof state);
    const Reduced reduced = {loops + map.kept_loops, map.reduced_loops, map.run, map.run_step};
    const In* const input = context.input<In>(0);
    const auto output = context.OutputRows<Out>(0, map.rows.elements);
    rows = rows.Clip(map.rows.count);
    for (int32_t y = rows.begin; y < rows.end; ++y) {
      Out* out = output.Row(y);
      int32_t index = y * map.rows.elements;
      for (int32_t left = map.rows.elements; left > 0;) {
        const int32_t line = index / map.columns;
        const int32_t column = index - line * map.columns;
        const int32_t rest = map.columns - column;
        const int32_t count = rest < left ? rest : left;
        const int32_t first = OffsetsAt(loops, map.kept_loops, line).at[0] + column;
        kKernel(state.params, reduced, input + first, count, out);
        out += count;
        index += count;
        left -= count;
      }
    }
    return {};
  }
};

}  // namespace midge
