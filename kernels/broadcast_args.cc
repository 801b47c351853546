// SPDX-License-Identifier: Apache-2.0
//
// BroadcastArgs: the shape that two shapes have together, as NumPy broadcasts.
//
// Shapes    a [ranks of a], b [rank of b], output [the larger rank], all int32 or all int64.
// Math      from the innermost dimension out: that of the other where one is 1 or is not there;
//           kBadData at b if they differ otherwise.
// Memory    needs everything. No scratch.
#include "kernels/row_chain.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kA = 0, kB = 1, kInputCount };

struct BroadcastState {
  int32_t rank[kInputCount];
};

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  const TensorType type = context.input_type(kA);
  MIDGE_TRY(context.ExpectType(Operand::Input(kB), type));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  BroadcastState& state = context.NewState<BroadcastState>();
  for (int i = kA; i <= kB; ++i) {
    MIDGE_TRY(context.ExpectRank(Operand::Input(i), 1, 1));
    state.rank[i] = context.input_shape(i)[0];
  }
  const int32_t most = state.rank[kA] > state.rank[kB] ? state.rank[kA] : state.rank[kB];
  return context.ExpectShape(Operand::Output(0), Shape(&most, 1));
}

// Extent `d` from the back; constants of 8 bytes may lie at any multiple of 4.
template <typename T>
T ExtentAt(const EvalContext& context, int i, int32_t d) {
  const int32_t rank = context.state<BroadcastState>().rank[i];
  if (d >= rank) return 1;
  T extent;
  std::memcpy(&extent, context.input<uint8_t>(i) + (rank - 1 - d) * int32_t{sizeof extent},
              sizeof extent);
  return extent;
}

template <typename T>
Status Eval(const EvalContext& context, Rows) {
  const auto& state = context.state<BroadcastState>();
  const int32_t most = state.rank[kA] > state.rank[kB] ? state.rank[kA] : state.rank[kB];
  T* const output = context.output<T>(0);
  for (int32_t d = 0; d < most; ++d) {
    const T a = ExtentAt<T>(context, kA, d), b = ExtentAt<T>(context, kB, d);
    if (a != b && a != 1 && b != 1) {
      return Status(StatusCode::kBadData, Status::kNoNode, Operand::Input(kB));
    }
    output[most - 1 - d] = a == 1 ? b : a;
  }
  return {};
}

template <typename T>
struct BroadcastArgs {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kBroadcastArgs, kTypeOf<T>, kA, nullptr, Prepare, Eval<T>, next};
  }
};

}  // namespace

const Op kBroadcastArgsInt32 = BroadcastArgs<int32_t>::Row(nullptr);
const Op kBroadcastArgsInt64 = BroadcastArgs<int64_t>::Row(nullptr);
const Op kBroadcastArgs = RowChain<BroadcastArgs, int32_t, int64_t>::kRow;

}  // namespace midge
