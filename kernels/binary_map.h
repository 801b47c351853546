// SPDX-License-Identifier: Apache-2.0
//
// Ops that combine two tensors element by element, each being repeated along the dimensions that
// only the other has (NumPy's broadcasting): what their Prepare and Eval share. An op adds its
// parameters and a kernel for one run of elements
//
//   void Kernel(const Params& params, Repeat repeat, const In* a, const In* b, int32_t count,
//               Out* output);
//
// output[i] = f(a[i], b[i]) for i < count, where the operand that `repeat` names has one element,
// used for all i; the output may be the same memory as an operand that is not repeated. Its row is
// {…, Prepare, BinaryEval<isa::Kernel>::Eval, …}.
#pragma once

#include <cstdint>

#include "kernels/elementwise.h"
#include "kernels/loops.h"
#include "kernels/requant.h"
#include "midge/op.h"

namespace midge {

// How output rows are made of runs. The loops follow the node's state: `outer_loops` of them find
// the input rows of an output row (none: the row of the same number), `inner_loops` the runs of a
// row, with steps in bytes.
struct BinaryMap {
  int32_t row_count;  // of the output
  int32_t output_row_bytes;
  int32_t input_row_bytes[2];
  int32_t run_elements, output_run_bytes;
  Repeat repeat;
  uint8_t outer_loops, inner_loops;
};

struct BinaryPlan {
  BinaryMap map;
  LoopNest<2> outer, inner;
};

// Checks operands, types (both inputs `input_type`) and shapes, states the row window and what may
// be in place, and plans the walk.
Status PlanBinary(PrepareContext& context, TensorType input_type, TensorType output_type,
                  BinaryPlan* plan);

template <typename Params>
struct BinaryState {
  BinaryMap map;
  Params params;
};

template <typename Params>
void SetBinaryState(PrepareContext& context, const BinaryPlan& plan, const Params& params) {
  context.NewState<BinaryState<Params>>() = {plan.map, params};
  AppendLoops(context, plan.outer);
  AppendLoops(context, plan.inner);
}

// What int8 arithmetic needs to know of its operands.
struct BinaryQuantization {
  QuantParam a, b, output;
  ClampRange clamp;
};
Status ReadBinaryQuantization(PrepareContext& context, Activation activation,
                              BinaryQuantization* quantization);

// Prepare of ops with a fused activation, up to what differs between them.
template <typename Options>
Status PlanBinaryS8(PrepareContext& context, BinaryPlan* plan, BinaryQuantization* quantization) {
  MIDGE_TRY(PlanBinary(context, TensorType::kInt8, TensorType::kInt8, plan));
  Options options;
  MIDGE_TRY(context.Options(&options));
  return ReadBinaryQuantization(context, options.activation, quantization);
}

template <typename Options>
Status PrepareBinaryF32(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, TensorType::kFloat32, TensorType::kFloat32, &plan));
  Options options;
  MIDGE_TRY(context.Options(&options));
  SetBinaryState(context, plan, BinaryF32Params{FloatActivationRange(options.activation)});
  return {};
}

// One walk for all element types, so that an image with many such ops holds it once.
using BinaryRun = void (*)(const void* params, Repeat repeat, const void* a, const void* b,
                           int32_t count, void* output);
void ForEachRun(const EvalContext& context, Rows rows, const BinaryMap& map, const Loop<2>* loops,
                const void* params, BinaryRun run);

template <auto kKernel>
struct BinaryEval;

template <typename Params, typename In, typename Out,
          void (*kKernel)(const Params&, Repeat, const In*, const In*, int32_t, Out*)>
struct BinaryEval<kKernel> {
  static Status Eval(const EvalContext& context, Rows rows) {
    const auto& state = context.state<BinaryState<Params>>();
    ForEachRun(context, rows, state.map, context.StateArray<Loop<2>>(sizeof(BinaryState<Params>)),
               &state.params,
               [](const void* params, Repeat repeat, const void* a, const void* b, int32_t count,
                  void* output) {
                 kKernel(*static_cast<const Params*>(params), repeat, static_cast<const In*>(a),
                         static_cast<const In*>(b), count, static_cast<Out*>(output));
               });
    return {};
  }
};

}  // namespace midge
