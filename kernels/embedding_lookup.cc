// SPDX-License-Identifier: Apache-2.0
//
// EmbeddingLookup: rows of a table, in the order in which indices name them. lookup.h has the
// contract.
//
// Shapes    indices [J], table [e, I…], output [J, I…].
// Math      int8 table, float output: output[j, i] = scale * table[indices[j], i], the scale being
//           the table's or the row's. Else output[j, i] = table[indices[j], i].
#include "kernels/lookup.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kIndices = 0, kTable = 1, kInputCount };

// The scales follow.
struct EmbeddingState {
  LookupState lookup;
  int32_t scales;  // 0: rows are copied
};

Status PlanRows(PrepareContext& context, LookupState* state) {
  MIDGE_TRY(context.ExpectOperands(kInputCount, kInputCount, 1));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kTable), 1, kMaxRank));
  return PlanAxisLookup(context, kTable, kIndices, 0, 0, state);
}

Status PrepareFloat32(PrepareContext& context) {
  LookupState state;
  MIDGE_TRY(PlanRows(context, &state));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), TensorType::kFloat32));
  context.NewState<LookupState>() = state;
  return {};
}

Status EvalFloat32(const EvalContext& context, Rows) {
  return CopySlabs(context, context.state<LookupState>(), kTable, kIndices);
}

Status PrepareInt8(PrepareContext& context) {
  EmbeddingState state = {};
  MIDGE_TRY(PlanRows(context, &state.lookup));
  const TensorView table = context.input(kTable);
  if (context.output_type(0) == table.type()) {
    context.NewState<EmbeddingState>() = state;
    return {};
  }
  MIDGE_TRY(context.ExpectType(Operand::Output(0), TensorType::kFloat32));
  const Result<Span<const float>> scales =
      context.PerChannelScales(Operand::Input(kTable), 0, table.shape()[0]);
  MIDGE_TRY(scales.status());
  state.scales = static_cast<int32_t>(scales->size());
  context.NewState<EmbeddingState>() = state;
  float* const kept = context.NewArray<float>(state.scales);
  for (int i = 0; kept != nullptr && i < state.scales; ++i) {
    kept[i] = (*scales)[static_cast<size_t>(i)];
  }
  return {};
}

Status EvalInt8(const EvalContext& context, Rows) {
  const auto& state = context.state<EmbeddingState>();
  const LookupState& lookup = state.lookup;
  if (state.scales == 0) return CopySlabs(context, lookup, kTable, kIndices);
  const auto* const scales = context.StateArray<float>(sizeof(EmbeddingState));
  auto* out = context.output<float>(0);
  for (int32_t j = 0; j < lookup.count; ++j) {
    int32_t row;
    if (!FindSlab(lookup, context.input<uint8_t>(kIndices), j, &row)) {
      return Status(StatusCode::kBadData, Status::kNoNode, Operand::Input(kIndices));
    }
    const int8_t* const in = context.input<int8_t>(kTable) + row * lookup.slab_bytes;
    const float scale = scales[state.scales == 1 ? 0 : row];
    for (int32_t i = 0; i < lookup.slab_bytes; ++i) *out++ = scale * static_cast<float>(in[i]);
  }
  return {};
}

}  // namespace

const Op kEmbeddingLookupFloat32 = {BuiltinOp::kEmbeddingLookup,
                                    TensorType::kFloat32,
                                    kTable,
                                    nullptr,
                                    PrepareFloat32,
                                    EvalFloat32,
                                    nullptr};
const Op kEmbeddingLookupInt8 = {BuiltinOp::kEmbeddingLookup,
                                 TensorType::kInt8,
                                 kTable,
                                 nullptr,
                                 PrepareInt8,
                                 EvalInt8,
                                 nullptr};
const Op kEmbeddingLookup = {
    BuiltinOp::kEmbeddingLookup, TensorType::kInt8, kTable, nullptr, PrepareInt8, EvalInt8,
    &kEmbeddingLookupFloat32};

}  // namespace midge
