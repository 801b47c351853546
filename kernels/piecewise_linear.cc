// SPDX-License-Identifier: Apache-2.0
#include "kernels/piecewise_linear.h"

#include <limits>

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr QuantizedMultiplier kOne = {1 << 30, 1}, kZero = {0, 0};

template <typename T>
Status Check(PrepareContext& context, UnaryQuantization* quantization) {
  MIDGE_TRY(CheckUnary<kTypeOf<T>>(context));
  return ReadUnaryQuantization(context, quantization);
}

// The state: a table for int8, the numbers for int16.
template <typename T>
Status Set(PrepareContext& context, const PiecewiseLinearParams& params) {
  constexpr int32_t kDifferenceBits = sizeof(T) * 8;
  if (!FitsRequantizer(params.positive, kDifferenceBits) ||
      !FitsRequantizer(params.negative, kDifferenceBits)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  if constexpr (std::is_same_v<T, int8_t>) {
    SetTableS8(context, [&](int32_t q) { return params.Apply(q); });
  } else {
    SetUnaryState(context, params);
  }
  return {};
}

template <typename T>
PiecewiseLinearParams WholeRange(const UnaryQuantization& q, QuantizedMultiplier positive,
                                 QuantizedMultiplier negative) {
  return {static_cast<int16_t>(q.input.zero_point),
          static_cast<int16_t>(q.output.zero_point),
          positive,
          negative,
          std::numeric_limits<T>::min(),
          std::numeric_limits<T>::max()};
}

// RELU and RELU_N1_TO_1: the input at the output's scale, clamped as a fused activation would.
template <typename T, Activation kActivation>
Status PrepareRescaled(PrepareContext& context) {
  UnaryQuantization q;
  MIDGE_TRY(Check<T>(context, &q));
  const QuantizedMultiplier m = MultiplierOfRatio(q.input.scale, 1.f, q.output.scale);
  PiecewiseLinearParams params = WholeRange<T>(q, m, m);
  const ClampRange range = QuantizedActivationRange(kActivation, q.output, params.low, params.high);
  params.low = range.min;
  params.high = range.max;
  return Set<T>(context, params);
}

// RELU6: clamps quantized values by the input's quantization; the output's is not looked at, as in
// the field's kernels.
template <typename T>
Status PrepareRelu6(PrepareContext& context) {
  MIDGE_TRY(CheckUnary<kTypeOf<T>>(context));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  PiecewiseLinearParams params = WholeRange<T>({*input, *input}, kOne, kOne);
  const ClampRange range =
      QuantizedActivationRange(Activation::kRelu6, *input, params.low, params.high);
  params.low = range.min;
  params.high = range.max;
  return Set<T>(context, params);
}

template <typename T>
Status PrepareLeakyRelu(PrepareContext& context) {
  UnaryQuantization q;
  MIDGE_TRY(Check<T>(context, &q));
  LeakyReluOptions options;
  MIDGE_TRY(context.Options(&options));
  const MultiplierMaker multiplier(q.input.scale, q.output.scale);
  PiecewiseLinearParams params = WholeRange<T>(q, multiplier(1.f), kZero);
  const int32_t alpha_bits = ScaleBits(options.alpha);
  const int32_t magnitude_bits = alpha_bits & 0x7fffffff;
  if (magnitude_bits != 0) {
    float magnitude;
    std::memcpy(&magnitude, &magnitude_bits, sizeof magnitude);
    params.negative = multiplier(magnitude);
    if (alpha_bits < 0) params.negative.multiplier_q31 = -params.negative.multiplier_q31;
  }
  return Set<T>(context, params);
}

// Without a quantization: the lowest, which has no counterpart, wraps.
template <typename T>
bool IsPlainInt16(const PrepareContext& context) {
  return sizeof(T) == 2 && context.input(0).quantization().scales().empty();
}

template <typename T>
Status PrepareAbs(PrepareContext& context) {
  if (IsPlainInt16<T>(context)) {
    MIDGE_TRY(CheckUnary<kTypeOf<T>>(context));
    return Set<T>(context, {0, 0, kOne, {-kOne.multiplier_q31, kOne.exponent}, 0, INT16_MAX + 1});
  }
  UnaryQuantization q;
  MIDGE_TRY(Check<T>(context, &q));
  const QuantizedMultiplier m = MultiplierOfRatio(q.input.scale, 1.f, q.output.scale);
  return Set<T>(context, WholeRange<T>(q, m, {-m.multiplier_q31, m.exponent}));
}

template <typename T>
Status PrepareNeg(PrepareContext& context) {
  if (IsPlainInt16<T>(context)) {
    MIDGE_TRY(CheckUnary<kTypeOf<T>>(context));
    constexpr QuantizedMultiplier kMinusOne = {-kOne.multiplier_q31, kOne.exponent};
    return Set<T>(context, {0, 0, kMinusOne, kMinusOne, INT16_MIN, INT16_MAX + 1});
  }
  UnaryQuantization q;
  MIDGE_TRY(Check<T>(context, &q));
  QuantizedMultiplier m = MultiplierOfRatio(q.input.scale, 1.f, q.output.scale);
  m.multiplier_q31 = -m.multiplier_q31;
  return Set<T>(context, WholeRange<T>(q, m, m));
}

Status SetF32(PrepareContext& context, const PiecewiseLinearF32Params& params) {
  MIDGE_TRY(CheckUnary<TensorType::kFloat32>(context));
  SetUnaryState(context, params);
  return {};
}

Status PrepareReluF32(PrepareContext& context) { return SetF32(context, {1.f, {0.f, kInfinity}}); }

Status PrepareRelu6F32(PrepareContext& context) { return SetF32(context, {1.f, {0.f, 6.f}}); }

Status PrepareReluN1To1F32(PrepareContext& context) { return SetF32(context, {1.f, {-1.f, 1.f}}); }

Status PrepareLeakyReluF32(PrepareContext& context) {
  LeakyReluOptions options;
  MIDGE_TRY(context.Options(&options));
  return SetF32(context, {options.alpha, {-kInfinity, kInfinity}});
}

template <BuiltinOp kCode, Status (*kPrepare)(PrepareContext&)>
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, kPrepare, EvalTableS8>;
template <BuiltinOp kCode, Status (*kPrepare)(PrepareContext&)>
constexpr auto kInt16 =
    OpRow<kCode, TensorType::kInt16, kPrepare, UnaryEval<isa::PiecewiseLinearS16>::Eval>;
template <BuiltinOp kCode, Status (*kPrepare)(PrepareContext&)>
constexpr auto kFloat32 =
    OpRow<kCode, TensorType::kFloat32, kPrepare, UnaryEval<isa::PiecewiseLinearF32>::Eval>;

constexpr auto kReluS8 = kInt8<BuiltinOp::kRelu, PrepareRescaled<int8_t, Activation::kRelu>>;
constexpr auto kReluS16 = kInt16<BuiltinOp::kRelu, PrepareRescaled<int16_t, Activation::kRelu>>;
constexpr auto kReluF32 = kFloat32<BuiltinOp::kRelu, PrepareReluF32>;

constexpr auto kRelu6S8 = kInt8<BuiltinOp::kRelu6, PrepareRelu6<int8_t>>;
constexpr auto kRelu6S16 = kInt16<BuiltinOp::kRelu6, PrepareRelu6<int16_t>>;
constexpr auto kRelu6F32 = kFloat32<BuiltinOp::kRelu6, PrepareRelu6F32>;

constexpr auto kReluN1To1S8 =
    kInt8<BuiltinOp::kReluN1To1, PrepareRescaled<int8_t, Activation::kReluN1To1>>;
constexpr auto kReluN1To1F32 = kFloat32<BuiltinOp::kReluN1To1, PrepareReluN1To1F32>;

constexpr auto kLeakyReluS8 = kInt8<BuiltinOp::kLeakyRelu, PrepareLeakyRelu<int8_t>>;
constexpr auto kLeakyReluS16 = kInt16<BuiltinOp::kLeakyRelu, PrepareLeakyRelu<int16_t>>;
constexpr auto kLeakyReluF32 = kFloat32<BuiltinOp::kLeakyRelu, PrepareLeakyReluF32>;

constexpr auto kNegS8 = kInt8<BuiltinOp::kNeg, PrepareNeg<int8_t>>;
constexpr auto kNegS16 = kInt16<BuiltinOp::kNeg, PrepareNeg<int16_t>>;
constexpr auto kNegS32 =
    OpRow<BuiltinOp::kNeg, TensorType::kInt32, PrepareUnary<TensorType::kInt32>,
          UnaryEval<isa::NegElements<int32_t>>::Eval>;
constexpr auto kNegS64 =
    OpRow<BuiltinOp::kNeg, TensorType::kInt64, PrepareUnary<TensorType::kInt64>,
          UnaryEval<isa::NegElements<int64_t>>::Eval>;
constexpr auto kNegF32 = OpRow<BuiltinOp::kNeg, TensorType::kFloat32,
                               PrepareUnary<TensorType::kFloat32>, UnaryEval<isa::NegF32>::Eval>;

constexpr auto kAbsS8 = kInt8<BuiltinOp::kAbs, PrepareAbs<int8_t>>;
constexpr auto kAbsS16 = kInt16<BuiltinOp::kAbs, PrepareAbs<int16_t>>;
constexpr auto kAbsS32 = OpRow<BuiltinOp::kAbs, TensorType::kInt32,
                               PrepareUnary<TensorType::kInt32>, UnaryEval<isa::AbsS32>::Eval>;
constexpr auto kAbsF32 = OpRow<BuiltinOp::kAbs, TensorType::kFloat32,
                               PrepareUnary<TensorType::kFloat32>, UnaryEval<isa::AbsF32>::Eval>;

}  // namespace

const Op kReluInt8 = kReluS8(nullptr);
const Op kReluInt16 = kReluS16(nullptr);
const Op kReluFloat32 = kReluF32(nullptr);
const Op kRelu = kOpChain<kReluS8, kReluS16, kReluF32>;

const Op kRelu6Int8 = kRelu6S8(nullptr);
const Op kRelu6Int16 = kRelu6S16(nullptr);
const Op kRelu6Float32 = kRelu6F32(nullptr);
const Op kRelu6 = kOpChain<kRelu6S8, kRelu6S16, kRelu6F32>;

const Op kReluN1To1Int8 = kReluN1To1S8(nullptr);
const Op kReluN1To1Float32 = kReluN1To1F32(nullptr);
const Op kReluN1To1 = kOpChain<kReluN1To1S8, kReluN1To1F32>;

const Op kLeakyReluInt8 = kLeakyReluS8(nullptr);
const Op kLeakyReluInt16 = kLeakyReluS16(nullptr);
const Op kLeakyReluFloat32 = kLeakyReluF32(nullptr);
const Op kLeakyRelu = kOpChain<kLeakyReluS8, kLeakyReluS16, kLeakyReluF32>;

const Op kNegInt8 = kNegS8(nullptr);
const Op kNegInt16 = kNegS16(nullptr);
const Op kNegInt32 = kNegS32(nullptr);
const Op kNegInt64 = kNegS64(nullptr);
const Op kNegFloat32 = kNegF32(nullptr);
const Op kNeg = kOpChain<kNegS8, kNegS32, kNegS64, kNegF32, kNegS16>;

const Op kAbsInt8 = kAbsS8(nullptr);
const Op kAbsInt16 = kAbsS16(nullptr);
const Op kAbsInt32 = kAbsS32(nullptr);
const Op kAbsFloat32 = kAbsF32(nullptr);
const Op kAbs = kOpChain<kAbsS8, kAbsS16, kAbsS32, kAbsF32>;

}  // namespace midge
