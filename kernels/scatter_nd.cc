// SPDX-License-Identifier: Apache-2.0
//
// ScatterND: zeros to which slabs are added where indices say. lookup.h has the contract.
//
// Shapes    indices [J…, D], updates [J…, I…], output [e1 … eD, I…]. The operand that repeats the
//           output's shape is not read.
// Math      output[indices[j]] = sum of updates[j] over all j with these indices, modulo 2^bits for
//           integers, `or` for bool.
#include <type_traits>

#include "kernels/elementwise.h"
#include "kernels/lookup.h"
#include "kernels/row_chain.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kIndices = 0, kUpdates = 1, kShape = 2, kInputCount };

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), context.input_type(kUpdates)));
  LookupState state;
  MIDGE_TRY(
      PlanTupleLookup(context, kIndices, Operand::Output(0), Operand::Input(kUpdates), &state));
  context.NewState<LookupState>() = state;
  return {};
}

float Sum(float a, float b) { return a + b; }
Truth Sum(Truth a, Truth b) { return TruthOf(IsTrue(a) || IsTrue(b)); }
template <typename T>
T Sum(T a, T b) {
  using Unsigned = std::make_unsigned_t<T>;
  return static_cast<T>(static_cast<Unsigned>(a) + static_cast<Unsigned>(b));
}

template <typename T>
Status Eval(const EvalContext& context, Rows) {
  const auto& state = context.state<LookupState>();
  const auto* update = context.input<T>(kUpdates);
  auto* const output = context.output<T>(0);
  std::memset(output, 0, static_cast<size_t>(state.table_slabs * state.slab_bytes));
  const int32_t slab_elements = state.slab_bytes / static_cast<int32_t>(sizeof(T));
  for (int32_t j = 0; j < state.count; ++j) {
    int32_t slab;
    if (!FindSlab(state, context.input<uint8_t>(kIndices), j, &slab)) {
      return Status(StatusCode::kBadData, Status::kNoNode, Operand::Input(kIndices));
    }
    T* const to = output + slab * slab_elements;
    for (int32_t i = 0; i < slab_elements; ++i) to[i] = Sum(to[i], *update++);
  }
  return {};
}

template <typename T>
struct ScatterND {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kScatterND, kTypeOf<T>, kUpdates, nullptr, Prepare, Eval<T>, next};
  }
};

}  // namespace

const Op kScatterNDFloat32 = ScatterND<float>::Row(nullptr);
const Op kScatterNDInt8 = ScatterND<int8_t>::Row(nullptr);
const Op kScatterNDInt32 = ScatterND<int32_t>::Row(nullptr);
const Op kScatterNDInt64 = ScatterND<int64_t>::Row(nullptr);
const Op kScatterNDUInt8 = ScatterND<uint8_t>::Row(nullptr);
const Op kScatterNDBool = ScatterND<Truth>::Row(nullptr);
const Op kScatterND = RowChain<ScatterND, float, int8_t, int32_t, int64_t, uint8_t, Truth>::kRow;

}  // namespace midge
