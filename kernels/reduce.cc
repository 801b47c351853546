// SPDX-License-Identifier: Apache-2.0
#include "kernels/reduce.h"

#include <cmath>

#include "kernels/isa.h"
#include "kernels/real_multiplier.h"
#include "kernels/reduction.h"
#include "kernels/requant.h"
#include "kernels/row_chain.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PlanReduce(PrepareContext& context, TensorType type, ReductionPlan* plan) {
  ReducerOptions options;
  MIDGE_TRY(context.Options(&options));
  return PlanReduction(context, type, options.keep_dims, plan);
}

template <typename T>
Status Prepare(PrepareContext& context) {
  ReductionPlan plan;
  MIDGE_TRY(PlanReduce(context, kTypeOf<T>, &plan));
  if (sizeof(T) < sizeof(int32_t) && kTypeOf<T> != TensorType::kBool) {
    const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
    MIDGE_TRY(input.status());
    const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
    MIDGE_TRY(output.status());
    if (ScaleBits(input->scale) != ScaleBits(output->scale) ||
        input->zero_point != output->zero_point) {
      return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
    }
  }
  SetReductionState(context, plan, ReduceParams{});
  return {};
}

template <typename T>
struct Max {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kReduceMax,
            kTypeOf<T>,
            0,
            nullptr,
            Prepare<T>,
            ReductionEval<isa::ReduceMax<T>>::Eval,
            next};
  }
};
template <typename T>
struct Min {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kReduceMin,
            kTypeOf<T>,
            0,
            nullptr,
            Prepare<T>,
            ReductionEval<isa::ReduceMin<T>>::Eval,
            next};
  }
};
// Where all the scales of the factors meet that of the output: each product takes its part.
template <typename T>
Status PrepareQuantizedProd(PrepareContext& context) {
  ReductionPlan plan;
  MIDGE_TRY(PlanReduce(context, kTypeOf<T>, &plan));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  const double root =
      std::pow(static_cast<double>(q.output.scale), 1.0 / (plan.count > 1 ? plan.count : 1));
  const QuantizedMultiplier multiplier =
      MultiplierOfReal(static_cast<double>(q.input.scale) / root);
  if (multiplier.exponent > kMostWideExponent) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetReductionState(context, plan,
                    QuantizedProdParams{multiplier, static_cast<int16_t>(q.input.zero_point),
                                        static_cast<int16_t>(q.output.zero_point)});
  return {};
}

template <typename T>
struct QuantizedProd {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kReduceProd,
            kTypeOf<T>,
            0,
            nullptr,
            PrepareQuantizedProd<T>,
            ReductionEval<isa::ReduceProdQuantized<T>>::Eval,
            next};
  }
};
template <typename T>
struct Prod {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kReduceProd,
            kTypeOf<T>,
            0,
            nullptr,
            Prepare<T>,
            ReductionEval<isa::ReduceProd<T>>::Eval,
            next};
  }
};

}  // namespace

const Op kReduceMaxFloat32 = Max<float>::Row(nullptr);
const Op kReduceMaxInt8 = Max<int8_t>::Row(nullptr);
const Op kReduceMaxInt16 = Max<int16_t>::Row(nullptr);
const Op kReduceMaxInt32 = Max<int32_t>::Row(nullptr);
const Op kReduceMaxInt64 = Max<int64_t>::Row(nullptr);
const Op kReduceMaxUInt8 = Max<uint8_t>::Row(nullptr);
const Op kReduceMax = RowChain<Max, int8_t, float, int16_t, int32_t, int64_t, uint8_t>::kRow;

const Op kReduceMinFloat32 = Min<float>::Row(nullptr);
const Op kReduceMinInt8 = Min<int8_t>::Row(nullptr);
const Op kReduceMinInt16 = Min<int16_t>::Row(nullptr);
const Op kReduceMinInt32 = Min<int32_t>::Row(nullptr);
const Op kReduceMinInt64 = Min<int64_t>::Row(nullptr);
const Op kReduceMinUInt8 = Min<uint8_t>::Row(nullptr);
const Op kReduceMin = RowChain<Min, int8_t, float, int16_t, int32_t, int64_t, uint8_t>::kRow;

const Op kReduceProdFloat32 = Prod<float>::Row(nullptr);
const Op kReduceProdInt32 = Prod<int32_t>::Row(nullptr);
const Op kReduceProdInt64 = Prod<int64_t>::Row(nullptr);
const Op kReduceProdInt8 = QuantizedProd<int8_t>::Row(nullptr);
const Op kReduceProdInt16 = QuantizedProd<int16_t>::Row(nullptr);
namespace {
const Op kPlainProd = RowChain<Prod, float, int32_t, int64_t>::kRow;
const Op kProdInt16 = QuantizedProd<int16_t>::Row(&kPlainProd);
}  // namespace
const Op kReduceProd = QuantizedProd<int8_t>::Row(&kProdInt16);

const Op kReduceAll = {BuiltinOp::kReduceAll,
                       TensorType::kBool,
                       0,
                       nullptr,
                       Prepare<Truth>,
                       ReductionEval<isa::ReduceAll>::Eval,
                       nullptr};
const Op kReduceAny = {BuiltinOp::kReduceAny,
                       TensorType::kBool,
                       0,
                       nullptr,
                       Prepare<Truth>,
                       ReductionEval<isa::ReduceAny>::Eval,
                       nullptr};

}  // namespace midge
