// SPDX-License-Identifier: Apache-2.0
#include "kernels/add_n.h"

#include <cstring>

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

template <TensorType kType>
Status Check(PrepareContext& context) {
  const int count = context.input_count();
  MIDGE_TRY(context.ExpectOperands(count < 1 ? 1 : count, count, 1));
  const Shape shape = context.output_shape(0);
  for (int i = 0; i < count; ++i) {
    MIDGE_TRY(context.ExpectType(Operand::Input(i), kType));
    MIDGE_TRY(context.ExpectShape(Operand::Input(i), shape));
  }
  MIDGE_TRY(context.ExpectType(Operand::Output(0), kType));
  context.SetRowWindow(RowWindow::SameRow());
  context.AllowInPlace(0);
  return {};
}

template <TensorType kType>
Status PreparePlain(PrepareContext& context) {
  MIDGE_TRY(Check<kType>(context));
  SetUnaryState(context, NoParams{});
  return {};
}

Status PrepareInt8(PrepareContext& context) {
  MIDGE_TRY(Check<TensorType::kInt8>(context));
  UnaryQuantization q;
  MIDGE_TRY(ReadUnaryQuantization(context, &q));
  const int count = context.input_count();
  for (int i = 1; i < count; ++i) {
    const Result<QuantParam> other = context.PerTensor(Operand::Input(i));
    MIDGE_TRY(other.status());
    if (ScaleBits(other->scale) != ScaleBits(q.input.scale) ||
        other->zero_point != q.input.zero_point) {
      return context.Error(StatusCode::kBadQuantization, Operand::Input(i));
    }
  }
  const QuantizedMultiplier m = MultiplierOfRatio(q.input.scale, 1.f, q.output.scale, 1 - 20);
  if (m.exponent > 0) return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  SetUnaryState(context, AddNS8Params{m, count * q.input.zero_point, q.output.zero_point});
  return {};
}

// Runs of kRun elements: their sums, then finish(sums, count, output).
template <typename Params, typename T, typename Sum, typename F>
void ForEachRunOfSums(const EvalContext& context, Rows rows, const F& finish) {
  constexpr int32_t kRun = 32;
  const auto& state = context.state<UnaryState<Params>>();
  const int32_t elements = state.rows.elements;
  rows = rows.Clip(state.rows.count);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    T* const output = context.OutputRows<T>(0, elements).Row(y);
    for (int32_t begin = 0; begin < elements; begin += kRun) {
      const int32_t count = elements - begin < kRun ? elements - begin : kRun;
      Sum sums[kRun] = {};
      for (int k = 0; k < context.input_count(); ++k) {
        isa::Accumulate(context.InputRows<T>(k, elements).Row(y) + begin, count, sums);
      }
      finish(state.params, sums, count, output + begin);
    }
  }
}

Status EvalInt8(const EvalContext& context, Rows rows) {
  ForEachRunOfSums<AddNS8Params, int8_t, int32_t>(context, rows, isa::AddNS8);
  return {};
}

template <typename T, typename Sum>
Status EvalPlain(const EvalContext& context, Rows rows) {
  ForEachRunOfSums<NoParams, T, Sum>(
      context, rows, [](const NoParams&, const Sum* sums, int32_t count, T* output) {
        std::memcpy(output, sums, static_cast<size_t>(count) * sizeof(T));
      });
  return {};
}

constexpr auto kCode = BuiltinOp::kAddN;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareInt8, EvalInt8>;
constexpr auto kInt32 = OpRow<kCode, TensorType::kInt32, PreparePlain<TensorType::kInt32>,
                              EvalPlain<int32_t, uint32_t>>;
constexpr auto kFloat32 =
    OpRow<kCode, TensorType::kFloat32, PreparePlain<TensorType::kFloat32>, EvalPlain<float, float>>;

}  // namespace

const Op kAddNInt8 = kInt8(nullptr);
const Op kAddNInt32 = kInt32(nullptr);
const Op kAddNFloat32 = kFloat32(nullptr);
const Op kAddN = kOpChain<kInt8, kInt32, kFloat32>;

}  // namespace midge
