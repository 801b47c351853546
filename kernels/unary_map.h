// SPDX-License-Identifier: Apache-2.0
//
// Ops that map each element of one tensor to an element of another, wherever it stands: what their
// Prepare and Eval share. An op adds its parameters and a kernel
//
//   void Kernel(const Params& params, const In* input, int32_t count, Out* output);
//
// output[i] = f(input[i]) for i < count; input and output may be the same memory, or the output
// narrower elements at the same address. Its row is {…, Prepare, UnaryEval<isa::Kernel>::Eval, …}.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/isa.h"
#include "midge/op.h"

namespace midge {

// The tensor type of elements T.
template <typename T>
inline constexpr TensorType kTypeOf = std::is_same_v<T, float>      ? TensorType::kFloat32
                                      : std::is_same_v<T, int8_t>   ? TensorType::kInt8
                                      : std::is_same_v<T, uint8_t>  ? TensorType::kUInt8
                                      : std::is_same_v<T, int16_t>  ? TensorType::kInt16
                                      : std::is_same_v<T, int64_t>  ? TensorType::kInt64
                                      : std::is_same_v<T, uint32_t> ? TensorType::kUInt32
                                      : std::is_same_v<T, Truth>    ? TensorType::kBool
                                                                    : TensorType::kInt32;

// Checks operands, types and shapes, and states what memory such a node needs: rows stand for
// themselves, and the output may lie over the input where its elements are not larger.
Status CheckUnary(PrepareContext& context, TensorType input_type, TensorType output_type);

// The same where both are of one type.
template <TensorType kType>
Status CheckUnary(PrepareContext& context) {
  return CheckUnary(context, kType, kType);
}

// The quantization of both; int16 tensors are symmetric.
struct UnaryQuantization {
  QuantParam input, output;
};
Status ReadUnaryQuantization(PrepareContext& context, UnaryQuantization* quantization);

template <typename Params>
struct UnaryState {
  RowGeometry rows;
  Params params;
};

template <typename Params>
void SetUnaryState(PrepareContext& context, const Params& params) {
  context.NewState<UnaryState<Params>>() = {RowGeometry::Of(context.output_shape(0)), params};
}

// Prepare of ops of one type without parameters.
template <TensorType kType>
Status PrepareUnary(PrepareContext& context) {
  MIDGE_TRY(CheckUnary<kType>(context));
  SetUnaryState(context, NoParams{});
  return {};
}

// Calls f(input, count, output) for blocks of neighbouring elements that make up the rows: all at
// once, unless a ring wraps within them.
template <typename In, typename Out, typename F>
void ForEachBlock(Rows rows, const RowGeometry& geometry, const RowView<const In>& input,
                  const RowView<Out>& output, const F& f) {
  rows = rows.Clip(geometry.count);
  if (rows.begin >= rows.end) return;
  const int32_t last = rows.end - 1;
  const ptrdiff_t distance = static_cast<ptrdiff_t>(last - rows.begin) * geometry.elements;
  const bool at_once = input.Row(last) - input.Row(rows.begin) == distance &&
                       output.Row(last) - output.Row(rows.begin) == distance;
  const int32_t block_rows = at_once ? rows.end - rows.begin : 1;
  for (int32_t y = rows.begin; y < rows.end; y += block_rows) {
    f(input.Row(y), block_rows * geometry.elements, output.Row(y));
  }
}

// Looks the rows of input `operand` up in a table: kLookup is isa::LookupS8 or isa::LookupS16.
template <typename T, void (*kLookup)(const T*, const T*, int32_t, T*)>
Status LookUpRows(const EvalContext& context, Rows rows, const RowGeometry& geometry, int operand,
                  const T* table) {
  const auto input = context.InputRows<T>(operand, geometry.elements);
  const auto output = context.OutputRows<T>(0, geometry.elements);
  ForEachBlock(rows, geometry, input, output,
               [&](const T* in, int32_t count, T* out) { kLookup(table, in, count, out); });
  return {};
}

template <auto kKernel>
struct UnaryEval;

template <typename Params, typename In, typename Out,
          void (*kKernel)(const Params&, const In*, int32_t, Out*)>
struct UnaryEval<kKernel> {
  static Status Eval(const EvalContext& context, Rows rows) {
    const auto& state = context.state<UnaryState<Params>>();
    const auto input = context.InputRows<In>(0, state.rows.elements);
    const auto output = context.OutputRows<Out>(0, state.rows.elements);
    ForEachBlock(rows, state.rows, input, output, [&](const In* in, int32_t count, Out* out) {
      kKernel(state.params, in, count, out);
    });
    return {};
  }
};

// int8 to int8 by table: such an op only has to say what becomes of each of the 256 values, and the
// table is part of the node's state. `f(q)` is the output for input q.
template <typename F>
void SetTableS8(PrepareContext& context, const F& f) {
  context.NewState<RowGeometry>() = RowGeometry::Of(context.output_shape(0));
  int8_t* const table = context.NewArray<int8_t>(256);
  if (table == nullptr) return;
  for (int32_t q = INT8_MIN; q <= INT8_MAX; ++q) {
    table[static_cast<uint8_t>(q)] = static_cast<int8_t>(f(q));
  }
}

Status EvalTableS8(const EvalContext& context, Rows rows);

// Prepare of an int8 (or uint8) op that is a real function, by floats as the field defines it:
// docs/NUMERICS.md "Tables of real functions". Its Eval is EvalTableS8, which only sees bits.
Status PrepareRealTable8(PrepareContext& context, TensorType type, float (*f)(float));
template <TensorType kType, float (*kFunction)(float)>
Status PrepareRealTable(PrepareContext& context) {
  return PrepareRealTable8(context, kType, kFunction);
}

// Prepare of an int16 op that is a real function, interpolated between 513 results that are part of
// the node's state. Where f is NaN or minus infinity the output is the lowest.
Status PrepareRealTableS16(PrepareContext& context, float (*f)(float));
template <float (*kFunction)(float)>
Status PrepareRealTableS16(PrepareContext& context) {
  return PrepareRealTableS16(context, kFunction);
}

Status EvalTableS16(const EvalContext& context, Rows rows);

}  // namespace midge
