// SPDX-License-Identifier: Apache-2.0
#include "kernels/binary_map.h"

namespace midge {
namespace {

// Of a tensor seen with kMaxRank dimensions, counted from the innermost: the product of dimensions
// [begin, end).
int32_t ProductFromBack(const Shape& shape, int begin, int end) {
  int32_t product = 1;
  for (int i = begin; i < end; ++i) product *= shape.FromBack(i);
  return product;
}

// Adds the loops over dimensions [begin, end), counted from the innermost, whose elements are
// `unit[k]` big.
void AddLoops(const Shape& output, const Shape* const* inputs, int begin, int end,
              const int32_t* unit, LoopNest<2>* nest) {
  for (int d = end - 1; d >= begin; --d) {
    Loop<2> loop = {output.FromBack(d), {}};
    for (int k = 0; k < 2; ++k) {
      if (inputs[k]->FromBack(d) == loop.extent) {
        loop.step[k] = ProductFromBack(*inputs[k], begin, d) * unit[k];
      }
    }
    nest->Add(loop);
  }
}

}  // namespace

Status PlanBinary(PrepareContext& context, TensorType input_type, TensorType output_type,
                  BinaryPlan* plan) {
  MIDGE_TRY(context.ExpectOperands(2, 2, 1));
  MIDGE_TRY(context.ExpectType(Operand::Input(0), input_type));
  MIDGE_TRY(context.ExpectType(Operand::Input(1), input_type));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), output_type));
  const Shape a = context.input(0).shape(), b = context.input(1).shape();
  const Shape output = context.output(0).shape();
  for (int d = 0; d < kMaxRank; ++d) {
    const int32_t extent_a = a.FromBack(d), extent_b = b.FromBack(d);
    if (extent_a != extent_b && extent_a != 1 && extent_b != 1) {
      return context.Error(StatusCode::kBadShape, Operand::Input(1));
    }
    if (output.FromBack(d) != (extent_a == 1 ? extent_b : extent_a)) {
      return context.Error(StatusCode::kBadShape, Operand::Output(0));
    }
  }

  const RowGeometry rows = RowGeometry::Of(output);
  const int row_dimensions = rows.elements == output.FromBack(0) ? 1 : 2;
  const Shape* const inputs[] = {&a, &b};
  const int32_t input_bytes = ElementBits(input_type) / 8;
  const int32_t element_units[] = {input_bytes, input_bytes};
  constexpr int32_t kRowUnits[] = {1, 1};
  AddLoops(output, inputs, row_dimensions, kMaxRank, kRowUnits, &plan->outer);
  AddLoops(output, inputs, 0, row_dimensions, element_units, &plan->inner);

  BinaryMap& map = plan->map;
  map = {};
  map.row_count = rows.count;
  map.output_row_bytes = rows.elements * (ElementBits(output_type) / 8);
  // The innermost loop is the run. It is dense: where an operand steps, all inside it is one
  // element.
  map.run_elements = 1;
  if (plan->inner.count > 0) {
    const Loop<2>& run = plan->inner.loops[--plan->inner.count];
    map.run_elements = run.extent;
    map.repeat = run.step[0] == 0   ? Repeat::kFirst
                 : run.step[1] == 0 ? Repeat::kSecond
                                    : Repeat::kNone;
  }
  map.output_run_bytes = map.run_elements * (ElementBits(output_type) / 8);
  const LoopNest<2>& outer = plan->outer;
  const bool same_rows = outer.count == 0 || (outer.count == 1 && outer.loops[0].step[0] == 1 &&
                                              outer.loops[0].step[1] == 1);
  if (same_rows) plan->outer.count = 0;
  map.outer_loops = static_cast<uint8_t>(plan->outer.count);
  map.inner_loops = static_cast<uint8_t>(plan->inner.count);

  bool same_row_window = true;
  for (int k = 1; k >= 0; --k) {
    map.input_row_bytes[k] = ProductFromBack(*inputs[k], 0, row_dimensions) * input_bytes;
    if (context.input(k).is_constant()) continue;
    same_row_window = same_row_window &&
                      ProductFromBack(*inputs[k], row_dimensions, kMaxRank) == rows.count &&
                      RowGeometry::Of(*inputs[k]).count == rows.count;
    if (inputs[k]->elements() == output.elements() && input_type == output_type) {
      context.AllowInPlace(k);
    }
  }
  if (same_row_window) context.SetRowWindow(RowWindow::SameRow());
  return {};
}

Status ReadBinaryQuantization(PrepareContext& context, Activation activation,
                              BinaryQuantization* quantization) {
  const Result<QuantParam> a = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(a.status());
  const Result<QuantParam> b = context.PerTensor(Operand::Input(1));
  MIDGE_TRY(b.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  *quantization = {*a, *b, *output,
                   QuantizedActivationRange(activation, *output, INT8_MIN, INT8_MAX)};
  return {};
}

void ForEachRun(const EvalContext& context, Rows rows, const BinaryMap& map, const Loop<2>* loops,
                const void* params, BinaryRun run) {
  const auto a = context.InputRows<uint8_t>(0, map.input_row_bytes[0]);
  const auto b = context.InputRows<uint8_t>(1, map.input_row_bytes[1]);
  const auto output = context.OutputRows<uint8_t>(0, map.output_row_bytes);
  rows = rows.Clip(map.row_count);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    Offsets<2> row = {{y, y}};
    if (map.outer_loops != 0) row = OffsetsAt(loops, map.outer_loops, y);
    const uint8_t* const row_a = a.Row(row.at[0]);
    const uint8_t* const row_b = b.Row(row.at[1]);
    uint8_t* out = output.Row(y);
    ForEachIteration(loops + map.outer_loops, map.inner_loops, [&](const Offsets<2>& offsets) {
      run(params, map.repeat, row_a + offsets.at[0], row_b + offsets.at[1], map.run_elements, out);
      out += map.output_run_bytes;
    });
  }
}

}  // namespace midge
