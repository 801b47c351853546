// SPDX-License-Identifier: Apache-2.0
#include "kernels/mean.h"

#include "kernels/isa.h"
#include "kernels/reduction.h"
#include "kernels/requant.h"
#include "kernels/row_chain.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <typename T>
Status PlanSum(PrepareContext& context, ReductionPlan* plan) {
  ReducerOptions options;
  MIDGE_TRY(context.Options(&options));
  MIDGE_TRY(PlanReduction(context, kTypeOf<T>, options.keep_dims, plan));
  return plan->count <= kMostSummands<T> ? Status()
                                         : context.Error(StatusCode::kTooLarge, Operand::Input(0));
}

template <typename T, bool kIsMean>
Status PrepareQuantized(PrepareContext& context) {
  ReductionPlan plan;
  MIDGE_TRY(PlanSum<T>(context, &plan));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  QuantizedMultiplier multiplier = MultiplierOfRatio(input->scale, 1.f, output->scale);
  if (kIsMean && plan.count > 1) multiplier = DivideMultiplier(multiplier, plan.count);
  if (!FitsExponent(multiplier)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetReductionState(context, plan,
                    QuantizedMeanParams{MultiplyWrapping(plan.count, input->zero_point), multiplier,
                                        static_cast<int16_t>(output->zero_point)});
  return {};
}

template <typename T, typename Params, bool kIsMean>
Status PreparePlain(PrepareContext& context) {
  ReductionPlan plan;
  MIDGE_TRY(PlanSum<T>(context, &plan));
  SetReductionState(context, plan, Params{kIsMean ? static_cast<T>(plan.count) : T{1}});
  return {};
}

// What a mean and a sum of T have in common, and where they differ.
template <typename T>
struct Summing;
template <>
struct Summing<int8_t> {
  template <bool kIsMean>
  static constexpr auto kPrepare = PrepareQuantized<int8_t, kIsMean>;
  static constexpr auto kEval = ReductionEval<isa::MeanS8>::Eval;
};
template <>
struct Summing<uint8_t> {
  template <bool kIsMean>
  static constexpr auto kPrepare = PrepareQuantized<uint8_t, kIsMean>;
  static constexpr auto kEval = ReductionEval<isa::MeanU8>::Eval;
};
template <>
struct Summing<int16_t> {
  template <bool kIsMean>
  static constexpr auto kPrepare = PrepareQuantized<int16_t, kIsMean>;
  static constexpr auto kEval = ReductionEval<isa::MeanS16>::Eval;
};
template <>
struct Summing<int32_t> {
  template <bool kIsMean>
  static constexpr auto kPrepare = PreparePlain<int32_t, MeanS32Params, kIsMean>;
  static constexpr auto kEval = ReductionEval<isa::MeanS32>::Eval;
};
template <>
struct Summing<float> {
  template <bool kIsMean>
  static constexpr auto kPrepare = PreparePlain<float, MeanF32Params, kIsMean>;
  static constexpr auto kEval = ReductionEval<isa::MeanF32>::Eval;
};

template <typename T>
struct Mean {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kMean,  kTypeOf<T>, 0, nullptr, Summing<T>::template kPrepare<true>,
            Summing<T>::kEval, next};
  }
};
template <typename T>
struct Sum {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kSum,   kTypeOf<T>, 0, nullptr, Summing<T>::template kPrepare<false>,
            Summing<T>::kEval, next};
  }
};

}  // namespace

const Op kMeanFloat32 = Mean<float>::Row(nullptr);
const Op kMeanInt8 = Mean<int8_t>::Row(nullptr);
const Op kMeanInt16 = Mean<int16_t>::Row(nullptr);
const Op kMeanInt32 = Mean<int32_t>::Row(nullptr);
const Op kMeanUInt8 = Mean<uint8_t>::Row(nullptr);
const Op kMean = RowChain<Mean, int8_t, float, int16_t, int32_t, uint8_t>::kRow;

const Op kSumFloat32 = Sum<float>::Row(nullptr);
const Op kSumInt8 = Sum<int8_t>::Row(nullptr);
const Op kSumInt16 = Sum<int16_t>::Row(nullptr);
const Op kSumInt32 = Sum<int32_t>::Row(nullptr);
const Op kSum = RowChain<Sum, int8_t, float, int16_t, int32_t>::kRow;

}  // namespace midge
