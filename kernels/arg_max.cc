// SPDX-License-Identifier: Apache-2.0
#include "kernels/isa.h"
#include "kernels/reduce.h"
#include "kernels/reduction.h"
#include "kernels/row_chain.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kAxis = 1 };

Status Prepare(PrepareContext& context) {
  const TensorType type = context.output_type(0);
  if (type != TensorType::kInt32 && type != TensorType::kInt64) {
    return context.Error(StatusCode::kUnsupportedType, Operand::Output(0));
  }
  ReductionPlan plan;
  MIDGE_TRY(PlanReduction(context, type, false, &plan));
  if (context.input_shape(kAxis).elements() != 1) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kAxis));
  }
  SetReductionState(context, plan, ArgParams{type == TensorType::kInt64});
  return {};
}

template <auto kNarrow, auto kWide>
Status Eval(const EvalContext& context, Rows rows) {
  if (context.state<ReductionState<ArgParams>>().params.wide) {
    return ReductionEval<kWide>::Eval(context, rows);
  }
  return ReductionEval<kNarrow>::Eval(context, rows);
}

template <typename T>
struct Max {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kArgMax,
            kTypeOf<T>,
            kInput,
            nullptr,
            Prepare,
            Eval<isa::ArgMax<T, int32_t>, isa::ArgMax<T, int64_t>>,
            next};
  }
};
template <typename T>
struct Min {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kArgMin,
            kTypeOf<T>,
            kInput,
            nullptr,
            Prepare,
            Eval<isa::ArgMin<T, int32_t>, isa::ArgMin<T, int64_t>>,
            next};
  }
};

}  // namespace

const Op kArgMaxFloat32 = Max<float>::Row(nullptr);
const Op kArgMaxInt8 = Max<int8_t>::Row(nullptr);
const Op kArgMaxInt16 = Max<int16_t>::Row(nullptr);
const Op kArgMaxInt32 = Max<int32_t>::Row(nullptr);
const Op kArgMaxUInt8 = Max<uint8_t>::Row(nullptr);
const Op kArgMax = RowChain<Max, int8_t, float, int16_t, int32_t, uint8_t>::kRow;

const Op kArgMinFloat32 = Min<float>::Row(nullptr);
const Op kArgMinInt8 = Min<int8_t>::Row(nullptr);
const Op kArgMinInt16 = Min<int16_t>::Row(nullptr);
const Op kArgMinInt32 = Min<int32_t>::Row(nullptr);
const Op kArgMinUInt8 = Min<uint8_t>::Row(nullptr);
const Op kArgMin = RowChain<Min, int8_t, float, int16_t, int32_t, uint8_t>::kRow;

}  // namespace midge
