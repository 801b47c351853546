// SPDX-License-Identifier: Apache-2.0
//
// Pad, PadV2: a tensor with elements added before and after it in each dimension.
//
// Shapes    input [d0, …], paddings [rank, 2], output [paddings[0, 0] + d0 + paddings[0, 1], …];
//           PadV2: value [1].
// Math      output[i0, …] = input[i0 - paddings[0, 0], …] where that exists, else the value. That
//           of Pad is the output's zero point, or 0. Nothing is rescaled: the parameters of input
//           and value are taken to be the output's.
// Memory    row window: of one image, or wherever no dimension outside the rows is padded, the same
//           row or the one `paddings` further up. No scratch. Moves bytes of any type, so it has no
//           variants.
#include <cstring>
#include <initializer_list>

#include "kernels/movable.h"
#include "kernels/paddings.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kPaddings = 1, kValue = 2 };

// Output rows are made of lines; a line is one run of input bytes with padding around it. The
// dimensions around the lines follow the state, outermost first: `outer` of them count rows,
// `inner` the lines of a row.
struct PadState {
  PadDimension line;  // in bytes
  int32_t row_count, lines_per_row;
  int32_t input_row_bytes;
  int32_t value;  // of Pad
  uint8_t outer, inner;
  uint8_t element_bytes;
};

// The dimensions of a row, or of rows, while they are merged.
struct PadNest {
  PadDimension dimensions[kMaxRank];
  int count = 0;

  // Adds a dimension inside the others. A dimension of one element that is not padded vanishes;
  // inside any other one that is not padded only makes its elements larger.
  void Add(const PadDimension& inner) {
    if (count > 0 && dimensions[count - 1].extent() == 1 && dimensions[count - 1].size == 1)
      --count;
    if (count > 0 && inner.before == 0 && inner.after == 0) {
      PadDimension& outer = dimensions[count - 1];
      outer = {outer.before * inner.size, outer.size * inner.size, outer.after * inner.size};
      return;
    }
    dimensions[count++] = inner;
  }
};

// Output rows depend on input rows as a window says if the dimensions outside the rows are not
// padded, or there is only one image, whose rows move down.
RowWindow WindowOf(const Shape& input, const Shape& output, const PadDimension* dimensions,
                   int row_dimensions) {
  const int rank = input.rank();
  const int outside = rank - row_dimensions;  // dimensions that count rows
  const bool same_view = RowGeometry::Of(input).count == input.Product(0, outside) &&
                         RowGeometry::Of(output).count == output.Product(0, outside);
  if (!same_view) return RowWindow::Whole();
  for (int i = 0; i < outside; ++i) {
    const PadDimension& d = dimensions[i];
    if (d.before == 0 && d.after == 0) continue;
    // Only the dimension nearest to the rows may be padded, and only once.
    const bool one_image = i == outside - 1 && output.Product(0, i) == 1;
    if (!one_image || d.before > UINT16_MAX) return RowWindow::Whole();
    return {1, 1, static_cast<uint16_t>(d.before)};
  }
  return RowWindow::SameRow();
}

Status Prepare(PrepareContext& context, int32_t value) {
  MIDGE_TRY(ExpectMovable(context, Operand::Input(kInput)));
  const TensorType type = context.input_type(kInput);
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  PadDimension dimensions[kMaxRank];
  MIDGE_TRY(ReadPaddings(context, kInput, kPaddings, dimensions));
  const Shape input = context.input_shape(kInput), output = context.output_shape(0);

  const RowGeometry rows = RowGeometry::Of(output);
  const int rank = output.rank();
  const bool two = rank >= 3 && output.FromBack(2) != 1;
  const int row_dimensions = two ? 2 : rank < 1 ? 0 : 1;
  // A value that is an activation would be seen through the window as well.
  if (!context.has_input(kValue) || context.input(kValue).is_constant()) {
    context.SetRowWindow(WindowOf(input, output, dimensions, row_dimensions));
  }

  PadNest outer, inner;
  for (int i = 0; i < rank - row_dimensions; ++i) outer.Add(dimensions[i]);
  for (int i = rank - row_dimensions; i < rank; ++i) inner.Add(dimensions[i]);
  inner.Add({0, ElementBytes(type), 0});  // of an element, the bytes

  PadState& state = context.NewState<PadState>();
  state.line = inner.dimensions[--inner.count];
  state.row_count = rows.count;
  state.lines_per_row = 1;
  state.input_row_bytes = state.line.size;
  for (int i = 0; i < inner.count; ++i) {
    state.lines_per_row *= inner.dimensions[i].extent();
    state.input_row_bytes *= inner.dimensions[i].size;
  }
  state.outer = static_cast<uint8_t>(outer.count);
  state.inner = static_cast<uint8_t>(inner.count);
  state.value = value;
  state.element_bytes = static_cast<uint8_t>(ElementBytes(type));
  for (const PadNest* nest : {&outer, &inner}) {
    PadDimension* const kept = context.NewArray<PadDimension>(nest->count);
    for (int i = 0; kept != nullptr && i < nest->count; ++i) kept[i] = nest->dimensions[i];
  }
  return {};
}

// The index among the input's that an index among the output's stands for, both counted through all
// `count` dimensions; -1 in the padding.
int32_t InputIndex(const PadDimension* dimensions, int count, int32_t index) {
  int32_t input_index = 0, input_step = 1;
  for (int i = count - 1; i >= 0; --i) {
    const PadDimension& d = dimensions[i];
    const int32_t rest = i == 0 ? 0 : index / d.extent();
    const int32_t at = index - rest * d.extent() - d.before;
    if (at < 0 || at >= d.size) return -1;
    input_index += at * input_step;
    input_step *= d.size;
    index = rest;
  }
  return input_index;
}

Status EvalWith(const EvalContext& context, const uint8_t* value, Rows rows) {
  const auto& state = context.state<PadState>();
  const auto* const outer = context.StateArray<PadDimension>(sizeof(PadState));
  const PadDimension* const inner = outer + state.outer;
  const PadDimension& line = state.line;
  const int32_t row_bytes = state.lines_per_row * line.extent();
  const auto input = context.InputRows<uint8_t>(kInput, state.input_row_bytes);
  const auto output = context.OutputRows<uint8_t>(0, row_bytes);
  const auto fill = [&](uint8_t* to, int32_t count) {
    FillElements(value, state.element_bytes, to, count);
  };
  rows = rows.Clip(state.row_count);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    uint8_t* out = output.Row(y);
    const int32_t input_row = InputIndex(outer, state.outer, y);
    if (input_row < 0) {
      fill(out, row_bytes);
      continue;
    }
    for (int32_t l = 0; l < state.lines_per_row; ++l) {
      const int32_t input_line = InputIndex(inner, state.inner, l);
      if (input_line < 0) {
        fill(out, line.extent());
      } else {
        const uint8_t* const in = input.Row(input_row) + input_line * line.size;
        fill(out, line.before);
        std::memcpy(out + line.before, in, static_cast<size_t>(line.size));
        fill(out + line.before + line.size, line.after);
      }
      out += line.extent();
    }
  }
  return {};
}

Status PreparePad(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(2, 2, 1));
  int32_t value;
  MIDGE_TRY(ReadPaddingValue(context, &value));
  return Prepare(context, value);
}

Status EvalPad(const EvalContext& context, Rows rows) {
  const PaddingElement element(context.state<PadState>().value);
  return EvalWith(context, element.bytes(), rows);
}

Status PreparePadV2(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(3, 3, 1));
  MIDGE_TRY(context.ExpectType(Operand::Input(kValue), context.input_type(kInput)));
  if (context.input_shape(kValue).elements() != 1) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kValue));
  }
  return Prepare(context, 0);
}

Status EvalPadV2(const EvalContext& context, Rows rows) {
  return EvalWith(context, context.input<uint8_t>(kValue), rows);
}

}  // namespace

const Op kPad = {BuiltinOp::kPad, TensorType::kAny, kInput, nullptr, PreparePad, EvalPad, nullptr};
const Op kPadV2 = {BuiltinOp::kPadV2, TensorType::kAny, kInput, nullptr,
                   PreparePadV2,      EvalPadV2,        nullptr};

}  // namespace midge
