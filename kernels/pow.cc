// SPDX-License-Identifier: Apache-2.0
//
// Powers, element by element, with broadcasting: of values as they are stored; F32: pow of the C
// library. int8: powers of the real numbers, in floats (docs/NUMERICS.md "Tables of real
// functions"). Where one operand is a constant of one element, as the exponent mostly is, they are
// a table made in Prepare. Else Eval uses floating point: pow of the C library for each element.
#include <cmath>
#include <cstdint>

#include "kernels/binary_map.h"
#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/quantize.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

struct PowParams {
  float a_scale, b_scale, steps_per_unit;
  int32_t a_zero_point, b_zero_point, output_zero_point;
  RowGeometry rows;  // of both, if there is a table
  int32_t mapped;    // the operand that a table maps; -1: there are loops instead of a table
};
using PowState = BroadcastState<2, PowParams>;

int8_t Pow(const PowParams& p, int8_t a, int8_t b) {
  const float base = p.a_scale * static_cast<float>(a - p.a_zero_point);
  const float exponent = p.b_scale * static_cast<float>(b - p.b_zero_point);
  const float steps = std::pow(base, exponent) * p.steps_per_unit;
  int8_t result;
  isa::QuantizeElements<int8_t>({1.f, p.output_zero_point, TensorType::kInt8}, &steps, 1, &result);
  return result;
}

void PowS8(const PowParams& params, Repeat repeat, const int8_t* a, const int8_t* b, int32_t count,
           int8_t* output) {
  const int a_step = repeat == Repeat::kFirst ? 0 : 1, b_step = repeat == Repeat::kSecond ? 0 : 1;
  for (; count > 0; --count, a += a_step, b += b_step) *output++ = Pow(params, *a, *b);
}

Status PrepareS8(PrepareContext& context) {
  BinaryPlan plan;
  MIDGE_TRY(PlanBinary(context, TensorType::kInt8, &plan));
  BinaryQuantization q;
  MIDGE_TRY(ReadBinaryQuantization(context, Activation::kNone, &q));
  const RowGeometry geometry = RowGeometry::Of(context.output_shape(0));
  PowParams params = {q.a.scale,      q.b.scale,           1 / q.output.scale, q.a.zero_point,
                      q.b.zero_point, q.output.zero_point, geometry,           -1};
  for (int constant = 1; constant >= 0; --constant) {
    const TensorView other = context.input(constant);
    if (!other.is_constant() || other.shape().elements() != 1) continue;
    if (!(context.input_shape(1 - constant) == context.output_shape(0))) continue;
    params.mapped = 1 - constant;
    context.NewState<PowState>() = {plan.map, params};
    int8_t* const table = context.NewArray<int8_t>(256);
    if (table == nullptr) return {};
    const int8_t value = other.data<const int8_t>()[0];
    for (int32_t x = INT8_MIN; x <= INT8_MAX; ++x) {
      const auto at = static_cast<int8_t>(x);
      table[static_cast<uint8_t>(x)] =
          constant == 1 ? Pow(params, at, value) : Pow(params, value, at);
    }
    return {};
  }
  SetBinaryState(context, plan, params);
  return {};
}

Status EvalS8(const EvalContext& context, Rows rows) {
  const PowParams& params = context.state<PowState>().params;
  if (params.mapped < 0) return BinaryEval<PowS8>::Eval(context, rows);
  return LookUpRows<int8_t, isa::LookupS8>(context, rows, params.rows, params.mapped,
                                           context.StateArray<int8_t>(sizeof(PowState)));
}

constexpr auto kCode = BuiltinOp::kPow;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareS8, EvalS8>;
constexpr auto kInt32 = OpRow<kCode, TensorType::kInt32, PrepareBinary<TensorType::kInt32>,
                              BinaryEval<isa::PowS32>::Eval>;
constexpr auto kFloat32 = OpRow<kCode, TensorType::kFloat32, PrepareBinary<TensorType::kFloat32>,
                                BinaryEval<isa::PowF32>::Eval>;

}  // namespace

const Op kPowInt8 = kInt8(nullptr);
const Op kPowInt32 = kInt32(nullptr);
const Op kPowFloat32 = kFloat32(nullptr);
const Op kPow = kOpChain<kInt8, kInt32, kFloat32>;

}  // namespace midge
