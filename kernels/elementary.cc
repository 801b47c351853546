// SPDX-License-Identifier: Apache-2.0
#include "kernels/elementary.h"

#include "kernels/fixed_point_math.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/real_multiplier.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <BuiltinOp kCode, auto kKernel>
constexpr auto kRealRow = OpRow<kCode, TensorType::kFloat32, PrepareUnary<TensorType::kFloat32>,
                                UnaryEval<kKernel>::Eval>;
template <BuiltinOp kCode, float (*kFunction)(float)>
constexpr auto kTableRow =
    OpRow<kCode, TensorType::kInt8, PrepareRealTable<TensorType::kInt8, kFunction>, EvalTableS8>;
template <BuiltinOp kCode, float (*kFunction)(float)>
constexpr auto kTableRowS16 =
    OpRow<kCode, TensorType::kInt16, PrepareRealTableS16<kFunction>, EvalTableS16>;
// As the field has it for tables: not expm1.
float EluByExp(float x) { return x < 0.f ? std::exp(x) - 1.f : x; }
float Ceil(float x) { return std::ceil(x); }
float Cos(float x) { return std::cos(x); }
float Exp(float x) { return std::exp(x); }
float Floor(float x) { return std::floor(x); }
float Log(float x) { return std::log(x); }
float Sin(float x) { return std::sin(x); }
float Sqrt(float x) { return std::sqrt(x); }
float Square(float x) { return x * x; }

Status PrepareGeluInt8(PrepareContext& context) {
  GeluOptions options;
  MIDGE_TRY(context.Options(&options));
  return PrepareRealTable8(context, TensorType::kInt8,
                           options.approximate ? GeluApproximate : Gelu);
}

// As the field has it for this table: 1 + erf(x) = erfc(-x) does not cancel.
float GeluByErfc(float x) {
  constexpr float kSqrtOfHalf = 0.70710678118654752f;
  return 0.5f * x * std::erfc(x * -kSqrtOfHalf);
}

Status PrepareGeluInt16(PrepareContext& context) {
  GeluOptions options;
  MIDGE_TRY(context.Options(&options));
  return PrepareRealTableS16(context, options.approximate ? GeluApproximate : GeluByErfc);
}

Status PrepareGeluFloat32(PrepareContext& context) {
  MIDGE_TRY(CheckUnary<TensorType::kFloat32>(context));
  GeluOptions options;
  MIDGE_TRY(context.Options(&options));
  SetUnaryState(context, GeluParams{options.approximate});
  return {};
}

// 1 / (sqrt(a) * c), in double.
QuantizedMultiplier InverseSqrtMultiplier(float a, float c) {
  return MultiplierOfReal(1.0 / (std::sqrt(static_cast<double>(a)) * static_cast<double>(c)));
}

// Roots of int16 by integers. `multiplier` is from the root of an integer to output steps.
Status PrepareRootInt16(PrepareContext& context, QuantizedMultiplier multiplier) {
  if (!FitsExponent(multiplier)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetUnaryState(context, RootS16Params{multiplier});
  return {};
}

Status PrepareRsqrtInt16(PrepareContext& context) {
  MIDGE_TRY(CheckUnary<TensorType::kInt16>(context));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  return PrepareRootInt16(context, InverseSqrtMultiplier(q.input.scale, q.output.scale));
}

Status PrepareSqrtInt16(PrepareContext& context) {
  MIDGE_TRY(CheckUnary<TensorType::kInt16>(context));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  return PrepareRootInt16(context, MultiplierOfReal(std::sqrt(static_cast<double>(q.input.scale)) /
                                                    static_cast<double>(q.output.scale)));
}

Status PrepareRsqrtInt8(PrepareContext& context) {
  MIDGE_TRY(CheckUnary<TensorType::kInt8>(context));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  const QuantizedMultiplier output = InverseSqrtMultiplier(q.input.scale, q.output.scale);
  if (!FitsExponent(output)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  SetTableS8(context, [&](int32_t x) {
    constexpr int32_t kFractionalBits = 20;
    const int32_t d = x - q.input.zero_point;
    // There is no root of a negative number; zero and below give the largest value.
    if (d <= 0) return int32_t{INT8_MAX};
    const QuantizedMultiplier root = InverseSqrt(d);
    const int32_t y = Requantize(1, root.multiplier_q31, root.exponent + kFractionalBits);
    const int32_t scaled = RequantizeFraction(y, kFractionalBits, output);
    return Clamp(AddWrapping(scaled, q.output.zero_point), INT8_MIN, INT8_MAX);
  });
  return {};
}

constexpr auto kEluS8 = kTableRow<BuiltinOp::kElu, EluByExp>;
constexpr auto kEluF32 = kRealRow<BuiltinOp::kElu, isa::EluF32>;
constexpr auto kExpS8 = kTableRow<BuiltinOp::kExp, Exp>;
constexpr auto kExpS16 = kTableRowS16<BuiltinOp::kExp, Exp>;
constexpr auto kExpF32 = kRealRow<BuiltinOp::kExp, isa::ExpF32>;
constexpr auto kGeluS8 = OpRow<BuiltinOp::kGelu, TensorType::kInt8, PrepareGeluInt8, EvalTableS8>;
constexpr auto kGeluS16 =
    OpRow<BuiltinOp::kGelu, TensorType::kInt16, PrepareGeluInt16, EvalTableS16>;
constexpr auto kGeluF32 = OpRow<BuiltinOp::kGelu, TensorType::kFloat32, PrepareGeluFloat32,
                                UnaryEval<isa::GeluF32>::Eval>;
constexpr auto kLogS8 = kTableRow<BuiltinOp::kLog, Log>;
constexpr auto kLogS16 = kTableRowS16<BuiltinOp::kLog, Log>;
constexpr auto kLogF32 = kRealRow<BuiltinOp::kLog, isa::LogF32>;
constexpr auto kRsqrtS8 =
    OpRow<BuiltinOp::kRsqrt, TensorType::kInt8, PrepareRsqrtInt8, EvalTableS8>;
constexpr auto kRsqrtS16 =
    OpRow<BuiltinOp::kRsqrt, TensorType::kInt16, PrepareRsqrtInt16, UnaryEval<isa::RsqrtS16>::Eval>;
constexpr auto kRsqrtF32 = kRealRow<BuiltinOp::kRsqrt, isa::RsqrtF32>;
constexpr auto kSqrtS8 = kTableRow<BuiltinOp::kSqrt, Sqrt>;
constexpr auto kSqrtS16 =
    OpRow<BuiltinOp::kSqrt, TensorType::kInt16, PrepareSqrtInt16, UnaryEval<isa::SqrtS16>::Eval>;
constexpr auto kSqrtF32 = kRealRow<BuiltinOp::kSqrt, isa::SqrtF32>;

constexpr auto kCeilS8 = kTableRow<BuiltinOp::kCeil, Ceil>;
constexpr auto kCeilF32 = kRealRow<BuiltinOp::kCeil, isa::CeilF32>;
constexpr auto kCosS8 = kTableRow<BuiltinOp::kCos, Cos>;
constexpr auto kCosF32 = kRealRow<BuiltinOp::kCos, isa::CosF32>;
constexpr auto kFloorS8 = kTableRow<BuiltinOp::kFloor, Floor>;
constexpr auto kFloorF32 = kRealRow<BuiltinOp::kFloor, isa::FloorF32>;
constexpr auto kRoundS8 = kTableRow<BuiltinOp::kRound, Round>;
constexpr auto kRoundF32 = kRealRow<BuiltinOp::kRound, isa::RoundF32>;
constexpr auto kSinS8 = kTableRow<BuiltinOp::kSin, Sin>;
constexpr auto kSinF32 = kRealRow<BuiltinOp::kSin, isa::SinF32>;
constexpr auto kSquareS8 = kTableRow<BuiltinOp::kSquare, Square>;
constexpr auto kSquareF32 = kRealRow<BuiltinOp::kSquare, isa::SquareF32>;

}  // namespace

const Op kCeilInt8 = kCeilS8(nullptr);
const Op kCeilFloat32 = kCeilF32(nullptr);
const Op kCeil = kOpChain<kCeilS8, kCeilF32>;
const Op kCosInt8 = kCosS8(nullptr);
const Op kCosFloat32 = kCosF32(nullptr);
const Op kCos = kOpChain<kCosS8, kCosF32>;
const Op kEluInt8 = kEluS8(nullptr);
const Op kEluFloat32 = kEluF32(nullptr);
const Op kElu = kOpChain<kEluS8, kEluF32>;
const Op kExpInt8 = kExpS8(nullptr);
const Op kExpInt16 = kExpS16(nullptr);
const Op kExpFloat32 = kExpF32(nullptr);
const Op kExp = kOpChain<kExpS8, kExpF32, kExpS16>;
const Op kFloorInt8 = kFloorS8(nullptr);
const Op kFloorFloat32 = kFloorF32(nullptr);
const Op kFloor = kOpChain<kFloorS8, kFloorF32>;
const Op kGeluInt8 = kGeluS8(nullptr);
const Op kGeluInt16 = kGeluS16(nullptr);
const Op kGeluFloat32 = kGeluF32(nullptr);
const Op kGelu = kOpChain<kGeluS8, kGeluF32, kGeluS16>;
const Op kLogInt8 = kLogS8(nullptr);
const Op kLogInt16 = kLogS16(nullptr);
const Op kLogFloat32 = kLogF32(nullptr);
const Op kLog = kOpChain<kLogS8, kLogF32, kLogS16>;
const Op kRoundInt8 = kRoundS8(nullptr);
const Op kRoundFloat32 = kRoundF32(nullptr);
const Op kRound = kOpChain<kRoundS8, kRoundF32>;
const Op kRsqrtInt8 = kRsqrtS8(nullptr);
const Op kRsqrtInt16 = kRsqrtS16(nullptr);
const Op kRsqrtFloat32 = kRsqrtF32(nullptr);
const Op kRsqrt = kOpChain<kRsqrtS8, kRsqrtF32, kRsqrtS16>;
const Op kSinInt8 = kSinS8(nullptr);
const Op kSinFloat32 = kSinF32(nullptr);
const Op kSin = kOpChain<kSinS8, kSinF32>;
const Op kSqrtInt8 = kSqrtS8(nullptr);
const Op kSqrtInt16 = kSqrtS16(nullptr);
const Op kSqrtFloat32 = kSqrtF32(nullptr);
const Op kSqrt = kOpChain<kSqrtS8, kSqrtF32, kSqrtS16>;
const Op kSquareInt8 = kSquareS8(nullptr);
const Op kSquareFloat32 = kSquareF32(nullptr);
const Op kSquare = kOpChain<kSquareS8, kSquareF32>;

}  // namespace midge
