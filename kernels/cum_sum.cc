// SPDX-License-Identifier: Apache-2.0
//
// CumSum: along one dimension, the sum of all elements up to each.
//
// Shapes    input and output [d0, …], axis [1].
// Math      output[.., k, ..] = sum_j input[.., j, ..] over j <= k; exclusive: j < k; reverse: j >=
// k
//           (j > k). S8: in real numbers, rounded as docs/NUMERICS.md "CUMSUM" says.
// Numerics  F32: added one after the other. Integers: modulo 2^bits. S8: sums of differences in
//           int32.
// Memory    needs the whole input; along the innermost dimension the output may lie over it. No
//           scratch.
#include <cstring>

#include "kernels/fixed_point.h"
#include "kernels/integer_operand.h"
#include "kernels/movable.h"
#include "kernels/requant.h"
#include "kernels/row_chain.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kAxis = 1, kInputCount };

struct CumSumState {
  int32_t outer, extent, inner;
  bool exclusive, reverse;
  // S8.
  int16_t input_zero_point, output_zero_point;
  QuantizedMultiplier multiplier;
};

Status PlanCumSum(PrepareContext& context, TensorType type, CumSumState* state) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  const Shape shape = context.input_shape(kInput);
  MIDGE_TRY(context.ExpectShape(Operand::Output(0), shape));
  MIDGE_TRY(ExpectIntegers(context, kAxis));
  CumSumOptions options;
  MIDGE_TRY(context.Options(&options));
  const TensorView operand = context.input(kAxis);
  const int axis =
      operand.shape().elements() == 1 ? DimensionOf(IntegerAt(operand, 0), shape.rank()) : -1;
  if (axis < 0) return context.Error(StatusCode::kBadShape, Operand::Input(kAxis));
  *state = {};
  state->outer = shape.Product(0, axis);
  state->extent = shape[axis];
  state->inner = shape.Product(axis + 1, shape.rank());
  state->exclusive = options.exclusive;
  state->reverse = options.reverse;
  return {};
}

// Writes what `finish` makes of each sum. `element(x)` is what x adds to it.
template <typename Sum, typename T, typename Element, typename Finish>
void Accumulate(const CumSumState& s, const T* input, T* output, const Element& element,
                const Finish& finish) {
  const int32_t line = s.extent * s.inner;
  const int32_t first = s.reverse ? line - s.inner : 0, step = s.reverse ? -s.inner : s.inner;
  for (int32_t o = 0; o < s.outer; ++o, input += line, output += line) {
    for (int32_t i = 0; i < s.inner; ++i) {
      Sum sum = 0;
      int32_t at = first + i;
      for (int32_t k = 0; k < s.extent; ++k, at += step) {
        const Sum before = sum;
        sum = element(sum, input[at]);
        output[at] = finish(s.exclusive ? before : sum);
      }
    }
  }
}

template <typename T>
Status PreparePlain(PrepareContext& context) {
  CumSumState state;
  MIDGE_TRY(PlanCumSum(context, kTypeOf<T>, &state));
  if (!state.reverse && state.inner == 1) context.AllowInPlace(kInput);
  context.NewState<CumSumState>() = state;
  return {};
}

float Plus(float a, float b) { return a + b; }
int32_t Plus(int32_t a, int32_t b) { return AddWrapping(a, b); }
int64_t Plus(int64_t a, int64_t b) { return AddWrapping(a, b); }

template <typename T>
Status EvalPlain(const EvalContext& context, Rows) {
  Accumulate<T>(
      context.state<CumSumState>(), context.input<T>(kInput), context.output<T>(0),
      [](T sum, T x) { return Plus(sum, x); }, [](T sum) { return sum; });
  return {};
}

Status PrepareInt8(PrepareContext& context) {
  CumSumState state;
  MIDGE_TRY(PlanCumSum(context, TensorType::kInt8, &state));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(kInput));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  if (state.extent > INT32_MAX / 255) {
    return context.Error(StatusCode::kTooLarge, Operand::Input(kInput));
  }
  state.input_zero_point = static_cast<int16_t>(input->zero_point);
  state.output_zero_point = static_cast<int16_t>(output->zero_point);
  state.multiplier = MultiplierOfRatio(input->scale, 1.f, output->scale, 1 - 20);
  if (state.multiplier.exponent > 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  context.NewState<CumSumState>() = state;
  return {};
}

// sum * 2^19 times the multiplier, rounded as Requantize does, without leaving 64 bits.
int8_t Requantized(const CumSumState& s, int32_t sum) {
  const int64_t product = static_cast<int64_t>(sum) * s.multiplier.multiplier_q31;
  const int64_t y = (product + (1 << 11)) >> 12;
  const int32_t shift = -s.multiplier.exponent;
  const int64_t half = shift == 0 ? 0 : int64_t{1} << (shift - 1);
  const int64_t rounded = (y + half - (y < 0 && shift != 0 ? 1 : 0)) >> shift;
  const int64_t value = rounded + s.output_zero_point;
  return static_cast<int8_t>(value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value);
}

Status EvalInt8(const EvalContext& context, Rows) {
  const auto& state = context.state<CumSumState>();
  Accumulate<int32_t>(
      state, context.input<int8_t>(kInput), context.output<int8_t>(0),
      [&](int32_t sum, int8_t x) { return sum + x - state.input_zero_point; },
      [&](int32_t sum) { return Requantized(state, sum); });
  return {};
}

template <typename T>
struct CumSum {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kCumSum, kTypeOf<T>, kInput, nullptr, PreparePlain<T>, EvalPlain<T>, next};
  }
};

}  // namespace

const Op kCumSumFloat32 = CumSum<float>::Row(nullptr);
const Op kCumSumInt8 = {BuiltinOp::kCumSum, TensorType::kInt8, kInput, nullptr,
                        PrepareInt8,        EvalInt8,          nullptr};
const Op kCumSumInt32 = CumSum<int32_t>::Row(nullptr);
const Op kCumSumInt64 = CumSum<int64_t>::Row(nullptr);
const Op kCumSum = {BuiltinOp::kCumSum,
                    TensorType::kInt8,
                    kInput,
                    nullptr,
                    PrepareInt8,
                    EvalInt8,
                    RowChain<CumSum, float, int32_t, int64_t>::kHead};

}  // namespace midge
