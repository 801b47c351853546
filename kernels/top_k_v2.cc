// SPDX-License-Identifier: Apache-2.0
//
// TopKV2: the k largest elements of each row, largest first, and where they stand. Of equal ones
// those that stand first come first.
//
// Shapes    input [R…, n], k [1], values [R…, k], indices int32 [R…, k]; R rows. The operand that
//           repeats k is not read.
// Memory    needs the whole input. No scratch.
#include "kernels/row_chain.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kCount = 1, kInputCount };
enum : int { kValues = 0, kIndices = 1, kOutputCount };

struct TopKState {
  int32_t rows, elements, most;
};

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, kOutputCount));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kInput), 1, kMaxRank));
  MIDGE_TRY(context.ExpectType(Operand::Output(kValues), context.input_type(kInput)));
  MIDGE_TRY(context.ExpectType(Operand::Output(kIndices), TensorType::kInt32));
  const Shape input = context.input_shape(kInput), values = context.output_shape(kValues);
  MIDGE_TRY(context.ExpectShape(Operand::Output(kIndices), values));
  bool agree = values.rank() == input.rank() && values.FromBack(0) <= input.FromBack(0);
  for (int d = 0; agree && d < input.rank() - 1; ++d) agree = values[d] == input[d];
  if (!agree) return context.Error(StatusCode::kBadShape, Operand::Output(kValues));
  context.NewState<TopKState>() = {input.Product(0, input.rank() - 1), input.FromBack(0),
                                   values.FromBack(0)};
  return {};
}

template <typename T>
Status Eval(const EvalContext& context, Rows) {
  const auto& state = context.state<TopKState>();
  const auto* in = context.input<T>(kInput);
  auto* values = context.output<T>(kValues);
  auto* indices = context.output<int32_t>(kIndices);
  for (int32_t row = 0; row < state.rows; ++row) {
    int32_t found = 0;
    for (int32_t i = 0; i < state.elements; ++i) {
      // Among those that are kept, behind all that are not smaller.
      int32_t at = found;
      while (at > 0 && values[at - 1] < in[i]) --at;
      if (at == state.most) continue;
      if (found < state.most) ++found;
      for (int32_t j = found - 1; j > at; --j) {
        values[j] = values[j - 1];
        indices[j] = indices[j - 1];
      }
      values[at] = in[i];
      indices[at] = i;
    }
    in += state.elements;
    values += state.most;
    indices += state.most;
  }
  return {};
}

template <typename T>
struct TopK {
  static constexpr Op Row(const Op* next) {
    return {BuiltinOp::kTopKV2, kTypeOf<T>, kInput, nullptr, Prepare, Eval<T>, next};
  }
};

}  // namespace

const Op kTopKV2Float32 = TopK<float>::Row(nullptr);
const Op kTopKV2Int8 = TopK<int8_t>::Row(nullptr);
const Op kTopKV2Int16 = TopK<int16_t>::Row(nullptr);
const Op kTopKV2Int32 = TopK<int32_t>::Row(nullptr);
const Op kTopKV2Int64 = TopK<int64_t>::Row(nullptr);
const Op kTopKV2UInt8 = TopK<uint8_t>::Row(nullptr);
const Op kTopKV2 = RowChain<TopK, int8_t, float, int16_t, int32_t, int64_t, uint8_t>::kRow;

}  // namespace midge
