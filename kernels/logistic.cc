// SPDX-License-Identifier: Apache-2.0
#include "kernels/logistic.h"

#include <cmath>

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareInt8(PrepareContext& context) {
  MIDGE_TRY(CheckUnary<TensorType::kInt8>(context));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  if (q.output.zero_point != INT8_MIN) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  const SigmoidInputS8 input = SigmoidInputS8::Of(q.input);
  SetTableS8(context, [&](int32_t x) {
    return SigmoidS8<LogisticQ<SigmoidInputS8::kIntegerBits>, 8>(input, x, INT8_MIN);
  });
  return {};
}

// uint8, which models of TF 1 have, is not made of fixed-point numbers.
float Logistic(float x) { return 1.f / (1.f + std::exp(-x)); }

constexpr auto kCode = BuiltinOp::kLogistic;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareInt8, EvalTableS8>;
constexpr auto kInt16 =
    OpRow<kCode, TensorType::kInt16, PrepareSigmoidS16<false>, UnaryEval<isa::LogisticS16>::Eval>;
constexpr auto kUInt8 =
    OpRow<kCode, TensorType::kUInt8, PrepareRealTable<TensorType::kUInt8, Logistic>, EvalTableS8>;
constexpr auto kFloat32 = OpRow<kCode, TensorType::kFloat32, PrepareUnary<TensorType::kFloat32>,
                                UnaryEval<isa::LogisticF32>::Eval>;

}  // namespace

const Op kLogisticInt8 = kInt8(nullptr);
const Op kLogisticInt16 = kInt16(nullptr);
const Op kLogisticUInt8 = kUInt8(nullptr);
const Op kLogisticFloat32 = kFloat32(nullptr);
const Op kLogistic = kOpChain<kInt8, kInt16, kFloat32, kUInt8>;

}  // namespace midge
