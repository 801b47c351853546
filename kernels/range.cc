// SPDX-License-Identifier: Apache-2.0
//
// Range: numbers at equal distances, as many as the output has elements.
//
// Shapes    start [1], limit [1], delta [1], output [n]. The limit is not read.
// Math      output[0] = start, output[i + 1] = output[i] + delta (integers modulo 2^bits).
// Memory    no scratch.
#include <initializer_list>

#include "kernels/row_chain.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kStart = 0, kDelta = 2, kInputCount };

struct RangeState {
  int32_t count;
};

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  const TensorType type = context.input_type(kStart);
  for (const int i : {kStart, kDelta}) {
    MIDGE_TRY(context.ExpectType(Operand::Input(i), type));
    if (context.input_shape(i).elements() != 1) {
      return context.Error(StatusCode::kBadShape, Operand::Input(i));
    }
  }
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), 1, 1));
  context.NewState<RangeState>() = {context.output_shape(0)[0]};
  return {};
}

float Next(float value, float delta) { return value + delta; }
int32_t Next(int32_t value, int32_t delta) {
  return static_cast<int32_t>(static_cast<uint32_t>(value) + static_cast<uint32_t>(delta));
}
int64_t Next(int64_t value, int64_t delta) {
  return static_cast<int64_t>(static_cast<uint64_t>(value) + static_cast<uint64_t>(delta));
}

// Constants of 8 bytes may lie at any multiple of 4.
template <typename T>
T Scalar(const EvalContext& context, int i) {
  T value;
  std::memcpy(&value, context.input<uint8_t>(i), sizeof value);
  return value;
}

template <typename T>
Status Eval(const EvalContext& context, Rows) {
  const int32_t count = context.state<RangeState>().count;
  T value = Scalar<T>(context, kStart);
  const T delta = Scalar<T>(context, kDelta);
  auto* const output = context.output<T>(0);
  for (int32_t i = 0; i < count; ++i) {
    output[i] = value;
    value = Next(value, delta);
  }
  return {};
}

template <typename T>
struct Range {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kRange, kTypeOf<T>, kStart, nullptr, Prepare, Eval<T>, next};
  }
};

}  // namespace

const Op kRangeFloat32 = Range<float>::Row(nullptr);
const Op kRangeInt32 = Range<int32_t>::Row(nullptr);
const Op kRangeInt64 = Range<int64_t>::Row(nullptr);
const Op kRange = RowChain<Range, float, int32_t, int64_t>::kRow;

}  // namespace midge
