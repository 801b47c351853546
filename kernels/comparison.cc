// SPDX-License-Identifier: Apache-2.0
#include "kernels/comparison.h"

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

constexpr CompareParams ParamsOf(BuiltinOp code) {
  switch (code) {
    case BuiltinOp::kLess:
      return {Relation::kLess, false, false};
    case BuiltinOp::kLessEqual:
      return {Relation::kLessEqual, false, false};
    case BuiltinOp::kGreater:
      return {Relation::kLess, true, false};
    case BuiltinOp::kGreaterEqual:
      return {Relation::kLessEqual, true, false};
    case BuiltinOp::kNotEqual:
      return {Relation::kEqual, false, true};
    default:
      return {Relation::kEqual, false, false};
  }
}

Status Plan(PrepareContext& context, TensorType type, BinaryPlan* plan) {
  return PlanBinary(context, type, type, TensorType::kBool, plan);
}

template <BuiltinOp kCode, TensorType kType>
Status PreparePlain(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(Plan(context, kType, &plan));
  SetBinaryState(context, plan, ParamsOf(kCode));
  return {};
}

Status PrepareInt8As(PrepareContext& context, CompareParams compare) {
  BinaryPlan plan;
  MIDGE_TRY(Plan(context, TensorType::kInt8, &plan));
  QuantParam params[2];
  QuantizedMultiplier multipliers[2];
  for (int i = 0; i < 2; ++i) {
    const Result<QuantParam> param = context.PerTensor(Operand::Input(i));
    MIDGE_TRY(param.status());
    params[i] = *param;
    multipliers[i] = MultiplierOfRatio(param->scale, 1.f, 1.f);
    if (multipliers[i].exponent > 0) {
      return context.Error(StatusCode::kBadQuantization, Operand::Input(i));
    }
  }
  SetBinaryState(
      context, plan,
      CompareS8Params{compare, static_cast<int16_t>(params[0].zero_point),
                      static_cast<int16_t>(params[1].zero_point), multipliers[0], multipliers[1]});
  return {};
}

template <BuiltinOp kCode>
Status PrepareInt8(PrepareContext& context) {
  return PrepareInt8As(context, ParamsOf(kCode));
}

// Compared as they are stored: what else the scales say would be ignored.
template <BuiltinOp kCode>
Status PrepareInt16(PrepareContext& context) {
  const TensorView a = context.input(0), b = context.input(1);
  if (ScaleBits(a.scale()) != ScaleBits(b.scale()) || a.zero_point() != b.zero_point()) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(1));
  }
  return PreparePlain<kCode, TensorType::kInt16>(context);
}

template <BuiltinOp kCode>
constexpr auto kInt8 =
    OpRow<kCode, TensorType::kInt8, PrepareInt8<kCode>, BinaryEval<isa::CompareS8>::Eval>;
template <BuiltinOp kCode>
constexpr auto kInt16 = OpRow<kCode, TensorType::kInt16, PrepareInt16<kCode>,
                              BinaryEval<isa::CompareElements<int16_t>>::Eval>;
template <BuiltinOp kCode, typename T>
constexpr auto kPlain = OpRow<kCode, kTypeOf<T>, PreparePlain<kCode, kTypeOf<T>>,
                              BinaryEval<isa::CompareElements<T>>::Eval>;
template <BuiltinOp kCode>
constexpr auto kTruth = OpRow<kCode, TensorType::kBool, PreparePlain<kCode, TensorType::kBool>,
                              BinaryEval<isa::CompareB8>::Eval>;

template <BuiltinOp kCode>
constexpr Op kOrdered = kOpChain<kInt8<kCode>, kInt16<kCode>, kPlain<kCode, int32_t>,
                                 kPlain<kCode, int64_t>, kPlain<kCode, float>>;
template <BuiltinOp kCode>
constexpr Op kEquality = kOpChain<kInt8<kCode>, kInt16<kCode>, kPlain<kCode, int32_t>,
                                  kPlain<kCode, int64_t>, kTruth<kCode>, kPlain<kCode, float>>;

}  // namespace

const Op kEqualInt8 = kInt8<BuiltinOp::kEqual>(nullptr);
const Op kEqualInt16 = kInt16<BuiltinOp::kEqual>(nullptr);
const Op kEqualInt32 = kPlain<BuiltinOp::kEqual, int32_t>(nullptr);
const Op kEqualInt64 = kPlain<BuiltinOp::kEqual, int64_t>(nullptr);
const Op kEqualFloat32 = kPlain<BuiltinOp::kEqual, float>(nullptr);
const Op kEqualBool = kTruth<BuiltinOp::kEqual>(nullptr);
const Op kEqual = kEquality<BuiltinOp::kEqual>;

const Op kGreaterInt8 = kInt8<BuiltinOp::kGreater>(nullptr);
const Op kGreaterInt16 = kInt16<BuiltinOp::kGreater>(nullptr);
const Op kGreaterInt32 = kPlain<BuiltinOp::kGreater, int32_t>(nullptr);
const Op kGreaterInt64 = kPlain<BuiltinOp::kGreater, int64_t>(nullptr);
const Op kGreaterFloat32 = kPlain<BuiltinOp::kGreater, float>(nullptr);
const Op kGreater = kOrdered<BuiltinOp::kGreater>;

const Op kGreaterEqualInt8 = kInt8<BuiltinOp::kGreaterEqual>(nullptr);
const Op kGreaterEqualInt16 = kInt16<BuiltinOp::kGreaterEqual>(nullptr);
const Op kGreaterEqualInt32 = kPlain<BuiltinOp::kGreaterEqual, int32_t>(nullptr);
const Op kGreaterEqualInt64 = kPlain<BuiltinOp::kGreaterEqual, int64_t>(nullptr);
const Op kGreaterEqualFloat32 = kPlain<BuiltinOp::kGreaterEqual, float>(nullptr);
const Op kGreaterEqual = kOrdered<BuiltinOp::kGreaterEqual>;

const Op kLessInt8 = kInt8<BuiltinOp::kLess>(nullptr);
const Op kLessInt16 = kInt16<BuiltinOp::kLess>(nullptr);
const Op kLessInt32 = kPlain<BuiltinOp::kLess, int32_t>(nullptr);
const Op kLessInt64 = kPlain<BuiltinOp::kLess, int64_t>(nullptr);
const Op kLessFloat32 = kPlain<BuiltinOp::kLess, float>(nullptr);
const Op kLess = kOrdered<BuiltinOp::kLess>;

const Op kLessEqualInt8 = kInt8<BuiltinOp::kLessEqual>(nullptr);
const Op kLessEqualInt16 = kInt16<BuiltinOp::kLessEqual>(nullptr);
const Op kLessEqualInt32 = kPlain<BuiltinOp::kLessEqual, int32_t>(nullptr);
const Op kLessEqualInt64 = kPlain<BuiltinOp::kLessEqual, int64_t>(nullptr);
const Op kLessEqualFloat32 = kPlain<BuiltinOp::kLessEqual, float>(nullptr);
const Op kLessEqual = kOrdered<BuiltinOp::kLessEqual>;

const Op kNotEqualInt8 = kInt8<BuiltinOp::kNotEqual>(nullptr);
const Op kNotEqualInt16 = kInt16<BuiltinOp::kNotEqual>(nullptr);
const Op kNotEqualInt32 = kPlain<BuiltinOp::kNotEqual, int32_t>(nullptr);
const Op kNotEqualInt64 = kPlain<BuiltinOp::kNotEqual, int64_t>(nullptr);
const Op kNotEqualFloat32 = kPlain<BuiltinOp::kNotEqual, float>(nullptr);
const Op kNotEqualBool = kTruth<BuiltinOp::kNotEqual>(nullptr);
const Op kNotEqual = kEquality<BuiltinOp::kNotEqual>;

}  // namespace midge
