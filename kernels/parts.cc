// SPDX-License-Identifier: Apache-2.0
#include "kernels/parts.h"

#include <cstring>

#include "kernels/isa.h"
#include "kernels/movable.h"

namespace midge {
namespace {

// Rows are whole lines. Without a row window there is one row, with all lines. The bytes of each
// part's piece follow, then, if there are tables, the table of each part and the tables.
struct PartsState {
  int32_t row_count, lines_per_row;
  int32_t line_bytes;
  int32_t has_tables;
};

Operand PartOperand(bool parts_are_inputs, int i) {
  return parts_are_inputs ? Operand::Input(i) : Operand::Output(i);
}

Status Prepare(PrepareContext& context, Operand whole_operand, bool parts_are_inputs, int axis,
               bool stacked, int32_t** tables = nullptr) {
  const int part_count = parts_are_inputs ? context.input_count() : context.output_count();
  const TensorView whole = context.operand(whole_operand);
  const Shape shape = whole.shape();
  MIDGE_TRY(ExpectMovable(context, whole_operand));
  if (part_count == 0) return context.Error(StatusCode::kBadOperands);

  const int32_t lines = shape.Product(0, axis);
  const RowGeometry rows = RowGeometry::Of(shape);
  bool by_rows = rows.count > 0 && lines % rows.count == 0;
  int64_t extent = 0;
  for (int i = 0; i < part_count; ++i) {
    const Operand operand = PartOperand(parts_are_inputs, i);
    MIDGE_TRY(context.ExpectType(operand, whole.type()));
    const TensorView part = context.operand(operand);
    bool agrees = part.shape().rank() == shape.rank() - (stacked ? 1 : 0);
    for (int d = 0, at = 0; agrees && d < shape.rank(); ++d) {
      if (stacked && d == axis) continue;
      agrees = d == axis || part.shape()[at] == shape[d];
      ++at;
    }
    if (!agrees) return context.Error(StatusCode::kBadShape, operand);
    extent += stacked ? 1 : part.shape()[axis];
    by_rows = by_rows && (part.is_constant() || RowGeometry::Of(part.shape()).count == rows.count);
  }
  if (extent != shape[axis]) return context.Error(StatusCode::kBadShape, whole_operand);
  if (part_count == 1 && tables == nullptr) {
    context.AliasOutput(parts_are_inputs ? 0 : whole_operand.index());
    context.NewState<PartsState>() = {0, 0, 0, 0};
    return {};
  }
  if (by_rows) context.SetRowWindow(RowWindow::SameRow());
  if (lines == 1 && tables == nullptr) {
    // Parts follow each other in the whole.
    if (parts_are_inputs) {
      context.OfferInputViews();
    } else {
      context.OfferOutputViews(whole_operand.index());
    }
  }

  PartsState& state = context.NewState<PartsState>();
  state.row_count = by_rows ? rows.count : 1;
  state.lines_per_row = lines / state.row_count;
  const int32_t inner_bytes =
      shape.Product(axis + 1, shape.rank()) * (ElementBits(whole.type()) / 8);
  state.line_bytes = shape[axis] * inner_bytes;
  int32_t* const pieces = context.NewArray<int32_t>(part_count);
  for (int i = 0; pieces != nullptr && i < part_count; ++i) {
    const Shape part = context.operand(PartOperand(parts_are_inputs, i)).shape();
    pieces[i] = (stacked ? 1 : part[axis]) * inner_bytes;
  }
  state.has_tables = tables != nullptr ? 1 : 0;
  if (tables != nullptr) *tables = context.NewArray<int32_t>(part_count);
  return {};
}

// Copies `count` pieces, which lie that far apart, but for a part that lies in the whole already.
void CopyPieces(const uint8_t* from, int32_t from_step, uint8_t* to, int32_t to_step,
                int32_t piece_bytes, int32_t count) {
  if (from == to) return;
  for (; count > 0; --count, from += from_step, to += to_step) {
    std::memcpy(to, from, static_cast<size_t>(piece_bytes));
  }
}

// The same by a table.
void LookUpPieces(const uint8_t* table, const uint8_t* from, int32_t from_step, uint8_t* to,
                  int32_t to_step, int32_t piece_bytes, int32_t count) {
  for (; count > 0; --count, from += from_step, to += to_step) {
    isa::LookupS8(reinterpret_cast<const int8_t*>(table), reinterpret_cast<const int8_t*>(from),
                  piece_bytes, reinterpret_cast<int8_t*>(to));
  }
}

// Calls f(row, part, bytes of its piece, where in a line that is) for every part of every row.
template <typename F>
void ForEachPart(const EvalContext& context, Rows rows, int part_count, const F& f) {
  const auto& state = context.state<PartsState>();
  const auto* const pieces = context.StateArray<int32_t>(sizeof(PartsState));
  rows = rows.Clip(state.row_count);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    int32_t at = 0;
    for (int i = 0; i < part_count; ++i) {
      f(y, i, pieces[i], at);
      at += pieces[i];
    }
  }
}

}  // namespace

Status PrepareJoin(PrepareContext& context, int axis, bool stacked) {
  return Prepare(context, Operand::Output(0), true, axis, stacked);
}

Status PrepareJoinByTables(PrepareContext& context, int axis, int32_t** tables) {
  return Prepare(context, Operand::Output(0), true, axis, false, tables);
}

Status PrepareTakeApart(PrepareContext& context, int whole_input, int axis, bool stacked) {
  return Prepare(context, Operand::Input(whole_input), false, axis, stacked);
}

Status EvalJoin(const EvalContext& context, Rows rows) {
  const auto& state = context.state<PartsState>();
  const int32_t lines = state.lines_per_row, line_bytes = state.line_bytes;
  const auto output = context.OutputRows<uint8_t>(0, lines * line_bytes);
  const uint32_t numbers_bytes = static_cast<uint32_t>(context.input_count()) * 4;
  const auto* const table_of = context.StateArray<int32_t>(sizeof(PartsState) + numbers_bytes);
  const auto* const tables = context.StateArray<uint8_t>(sizeof(PartsState) + 2 * numbers_bytes);
  ForEachPart(context, rows, context.input_count(),
              [&](int32_t y, int part, int32_t piece_bytes, int32_t at) {
                const auto input = context.InputRows<uint8_t>(part, lines * piece_bytes);
                if (state.has_tables != 0 && table_of[part] >= 0) {
                  LookUpPieces(tables + 256 * table_of[part], input.Row(y), piece_bytes,
                               output.Row(y) + at, line_bytes, piece_bytes, lines);
                  return;
                }
                CopyPieces(input.Row(y), piece_bytes, output.Row(y) + at, line_bytes, piece_bytes,
                           lines);
              });
  return {};
}

template <int kWholeInput>
Status EvalTakeApart(const EvalContext& context, Rows rows) {
  const auto& state = context.state<PartsState>();
  const int32_t lines = state.lines_per_row, line_bytes = state.line_bytes;
  const auto input = context.InputRows<uint8_t>(kWholeInput, lines * line_bytes);
  ForEachPart(context, rows, context.output_count(),
              [&](int32_t y, int part, int32_t piece_bytes, int32_t at) {
                const auto output = context.OutputRows<uint8_t>(part, lines * piece_bytes);
                CopyPieces(input.Row(y) + at, line_bytes, output.Row(y), piece_bytes, piece_bytes,
                           lines);
              });
  return {};
}

template Status EvalTakeApart<0>(const EvalContext& context, Rows rows);
template Status EvalTakeApart<1>(const EvalContext& context, Rows rows);

}  // namespace midge
