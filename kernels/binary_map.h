// SPDX-License-Identifier: Apache-2.0
//
// Ops that combine two tensors element by element with broadcasting (broadcast.h): what their
// Prepare and Eval share. An op adds its parameters and a kernel for one run of elements
//
//   void Kernel(const Params& params, Repeat repeat, const A* a, const B* b, int32_t count,
//               Out* output);
//
// output[i] = f(a[i], b[i]) for i < count, where the operand that `repeat` names has one element,
// used for all i; the output may be the same memory as an operand that is not repeated. Its row is
// {…, Prepare, BinaryEval<isa::Kernel>::Eval, …}.
#pragma once

#include <cstdint>

#include "kernels/broadcast.h"
#include "kernels/elementwise.h"
#include "kernels/requant.h"
#include "midge/op.h"

namespace midge {

using BinaryPlan = BroadcastPlan<2>;

// Checks operands, types and shapes, states the row window and what may be in place, and plans the
// walk.
Status PlanBinary(PrepareContext& context, TensorType type_a, TensorType type_b,
                  TensorType output_type, BinaryPlan* plan);
// The same where all are of one type.
inline Status PlanBinary(PrepareContext& context, TensorType type, BinaryPlan* plan) {
  return PlanBinary(context, type, type, type, plan);
}

template <typename Params>
void SetBinaryState(PrepareContext& context, const BinaryPlan& plan, const Params& params) {
  SetBroadcastState(context, plan, params);
}

// What integer arithmetic needs to know of its operands. int16 tensors are symmetric.
struct BinaryQuantization {
  QuantParam a, b, output;
  ClampRange clamp;
};
// The clamp is that of int8 or int16.
Status ReadBinaryQuantization(PrepareContext& context, Activation activation,
                              BinaryQuantization* quantization);

// Prepare of quantized ops with a fused activation, up to what differs between them.
template <TensorType kType, typename Options>
Status PlanQuantizedBinary(PrepareContext& context, BinaryPlan* plan,
                           BinaryQuantization* quantization) {
  MIDGE_TRY(PlanBinary(context, kType, plan));
  Options options;
  MIDGE_TRY(context.Options(&options));
  MIDGE_TRY(ReadBinaryQuantization(context, options.activation, quantization));
  if constexpr (kType == TensorType::kUInt8) {
    quantization->clamp =
        QuantizedActivationRange(options.activation, quantization->output, 0, UINT8_MAX);
  }
  return {};
}

// Prepare of ops of one type without options.
template <TensorType kType>
Status PrepareBinary(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, kType, &plan));
  SetBinaryState(context, plan, NoParams{});
  return {};
}

// Prepare of ops of plain numbers with a fused activation.
template <typename Options>
Status PrepareBinaryF32(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, TensorType::kFloat32, &plan));
  Options options;
  MIDGE_TRY(context.Options(&options));
  SetBinaryState(context, plan, BinaryF32Params{FloatActivationRange(options.activation)});
  return {};
}
template <TensorType kType, typename Options>
Status PrepareBinaryInteger(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, kType, &plan));
  Options options;
  MIDGE_TRY(context.Options(&options));
  SetBinaryState(context, plan, IntegerActivationRange(options.activation));
  return {};
}

template <auto kKernel>
struct BinaryEval;

template <typename Params, typename A, typename B, typename Out,
          void (*kKernel)(const Params&, Repeat, const A*, const B*, int32_t, Out*)>
struct BinaryEval<kKernel> {
  static Status Eval(const EvalContext& context, Rows rows) {
    EvalBroadcast<2, Params>(
        context, rows,
        [](const void* params, uint8_t repeated, const uint8_t* const(&inputs)[2], int32_t count,
           void* output) {
          kKernel(*static_cast<const Params*>(params), static_cast<Repeat>(repeated),
                  reinterpret_cast<const A*>(inputs[0]), reinterpret_cast<const B*>(inputs[1]),
                  count, static_cast<Out*>(output));
        });
    return {};
  }
};

}  // namespace midge
