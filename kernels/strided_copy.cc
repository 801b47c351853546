// SPDX-License-Identifier: Apache-2.0
#include "kernels/strided_copy.h"

#include <cstring>

#include "kernels/movable.h"

namespace midge {
namespace {

// Rows of the output, seen through a row window; without one a single row that is everything. A row
// consists of runs of `run` blocks, whose places in the input the loops find, in rows and bytes.
// The loops follow the state.
struct CopyState {
  int32_t row_count, output_row_bytes;
  int32_t input_row_bytes, row_stride;
  int32_t first_row, first_byte;
  int32_t block_bytes, run, run_step;
  int32_t loops;
};

using CopyNest = LoopNest<2, CopyWalk::kMost + 1>;

// How far a loop or several of them reach from where they begin.
struct Reach {
  int32_t low = 0, high = 0;
  void Add(int32_t extent, int32_t step) {
    const int32_t last = (extent - 1) * step;
    if (last < 0) low += last;
    if (last > 0) high += last;
  }
};

// A walk seen row by row, if it can be: `outer` of its dimensions count the rows of the output.
struct RowWalk {
  bool possible;
  int outer;
  int32_t first_row, first_element;
  RowWindow window;
};

RowWalk SeeRows(const CopyWalk& walk, const RowGeometry& input, const RowGeometry& output) {
  RowWalk rows = {};
  int32_t extent = 1, step = 0;
  for (; extent < output.count; ++rows.outer) {
    const CopyWalk::Dimension& d = walk.dimensions[rows.outer];
    if (d.extent == 1) continue;
    if (extent != 1 && step != d.extent * d.step) return rows;
    step = d.step;
    extent *= d.extent;
  }
  if (extent == 1) step = input.elements;  // any rate will do for one row
  if (step <= 0 || step % input.elements != 0) return rows;

  Reach whole_rows, elements;
  for (int i = rows.outer; i < walk.count; ++i) {
    const CopyWalk::Dimension& d = walk.dimensions[i];
    if (d.step % input.elements == 0) {
      whole_rows.Add(d.extent, d.step / input.elements);
    } else {
      elements.Add(d.extent, d.step);
    }
  }
  rows.first_row = walk.first / input.elements;
  rows.first_element = walk.first - rows.first_row * input.elements;
  const int32_t stride = step / input.elements, span = rows.first_row + whole_rows.high + 1;
  rows.window = {static_cast<uint16_t>(stride), static_cast<uint16_t>(span), 0};
  rows.possible = rows.first_element + elements.low >= 0 &&
                  rows.first_element + elements.high < input.elements && stride <= UINT16_MAX &&
                  span <= UINT16_MAX;
  return rows;
}

// Whether the places in the input only ever grow.
bool IsAscending(const CopyWalk& walk) {
  int32_t reach = 0;
  for (int i = walk.count - 1; i >= 0; --i) {
    const CopyWalk::Dimension& d = walk.dimensions[i];
    if (d.extent == 1) continue;
    if (d.step <= reach) return false;
    reach += (d.extent - 1) * d.step;
  }
  return true;
}

// Whether the output is a piece of the input as it lies there.
bool IsOneBlock(const CopyWalk& walk) {
  int32_t elements = 1;
  for (int i = walk.count - 1; i >= 0; --i) {
    const CopyWalk::Dimension& d = walk.dimensions[i];
    if (d.extent == 1) continue;
    if (d.step != elements) return false;
    elements *= d.extent;
  }
  return true;
}

template <typename T>
void CopyElements(const uint8_t* from, int32_t step, int32_t count, uint8_t* to) {
  for (; count > 0; --count, from += step, to += sizeof(T)) {
    T element;
    std::memcpy(&element, from, sizeof element);
    std::memcpy(to, &element, sizeof element);
  }
}

// Block after block, so that `to` may lie over what has been read.
void CopyRun(const uint8_t* from, const CopyState& state, uint8_t* to) {
  if (from == to && state.run == 1) return;  // of a view, all blocks
  switch (state.block_bytes) {
    case 1:
      return CopyElements<uint8_t>(from, state.run_step, state.run, to);
    case 2:
      return CopyElements<uint16_t>(from, state.run_step, state.run, to);
    case 4:
      return CopyElements<uint32_t>(from, state.run_step, state.run, to);
    case 8:
      return CopyElements<uint64_t>(from, state.run_step, state.run, to);
    default:
      break;
  }
  for (int32_t i = 0; i < state.run; ++i, from += state.run_step, to += state.block_bytes) {
    std::memmove(to, from, static_cast<size_t>(state.block_bytes));
  }
}

}  // namespace

Status PrepareCopy(PrepareContext& context, int input_index, const CopyWalk& walk) {
  const Operand input_operand = Operand::Input(input_index);
  const TensorView input = context.input(input_index), output = context.output(0);
  MIDGE_TRY(ExpectMovable(context, input_operand));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), input.type()));
  CopyState& state = context.NewState<CopyState>();
  if (output.size_bytes() == 0) return {};

  const RowGeometry input_rows = RowGeometry::Of(input.shape());
  const RowGeometry output_rows = RowGeometry::Of(output.shape());
  const RowWalk rows = SeeRows(walk, input_rows, output_rows);
  const int32_t element_bytes = ElementBytes(input.type());
  CopyNest nest;
  for (int i = rows.possible ? rows.outer : 0; i < walk.count; ++i) {
    const CopyWalk::Dimension& d = walk.dimensions[i];
    if (rows.possible && d.step % input_rows.elements == 0) {
      nest.Add({d.extent, {d.step / input_rows.elements, 0}});
    } else {
      nest.Add({d.extent, {0, d.step * element_bytes}});
    }
  }
  nest.Add({element_bytes, {0, 1}});
  const auto take_innermost = [&nest](int32_t step, int32_t* extent) {
    if (nest.count == 0) return false;
    const Loop<2>& innermost = nest.loops[nest.count - 1];
    if (innermost.step[0] != 0 || (step != 0 && innermost.step[1] != step)) return false;
    *extent = innermost.extent;
    --nest.count;
    return true;
  };
  state.block_bytes = state.run = 1;
  take_innermost(1, &state.block_bytes);
  if (nest.count > 0) state.run_step = nest.loops[nest.count - 1].step[1];
  take_innermost(0, &state.run);

  const bool ascending = IsAscending(walk);
  if (ascending && output.size_bytes() == input.size_bytes()) {  // so nothing moves
    context.AliasOutput(input_index);
    state = {};
    return {};
  }
  if (ascending) context.AllowInPlace(input_index);
  if (IsOneBlock(walk)) {
    const auto first = static_cast<uint32_t>(walk.first);
    context.OfferOutputViews(input_index, first * static_cast<uint32_t>(element_bytes));
  }
  state.loops = nest.count;
  if (rows.possible) {
    context.SetRowWindow(rows.window);
    state.row_count = output_rows.count;
    state.output_row_bytes = output_rows.elements * element_bytes;
    state.input_row_bytes = input_rows.elements * element_bytes;
    state.row_stride = rows.window.stride;
    state.first_row = rows.first_row;
    state.first_byte = rows.first_element * element_bytes;
  } else {
    state.row_count = 1;
    state.first_byte = walk.first * element_bytes;
  }
  AppendLoops(context, nest);
  return {};
}

Status EvalCopyOf(const EvalContext& context, int input_index, Rows rows) {
  const auto& state = context.state<CopyState>();
  const auto* const loops = context.StateArray<Loop<2>>(sizeof(CopyState));
  const auto input = context.InputRows<uint8_t>(input_index, state.input_row_bytes);
  const auto output = context.OutputRows<uint8_t>(0, state.output_row_bytes);
  const int32_t run_bytes = state.run * state.block_bytes;
  rows = rows.Clip(state.row_count);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t first_row = state.first_row + y * state.row_stride;
    uint8_t* out = output.Row(y);
    ForEachIteration<CopyWalk::kMost>(loops, state.loops, [&](const Offsets<2>& offsets) {
      CopyRun(input.Row(first_row + offsets.at[0]) + state.first_byte + offsets.at[1], state, out);
      out += run_bytes;
    });
  }
  return {};
}

}  // namespace midge
