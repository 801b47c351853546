// SPDX-License-Identifier: Apache-2.0
#include "kernels/broadcast.h"

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
template <int kOperands>
void AddLoops(const Shape& output, const Shape (&inputs)[kOperands], int begin, int end,
              const int32_t (&unit)[kOperands], LoopNest<kOperands>* nest) {
  for (int d = end - 1; d >= begin; --d) {
    Loop<kOperands> loop = {output.FromBack(d), {}};
    for (int k = 0; k < kOperands; ++k) {
      if (inputs[k].FromBack(d) == loop.extent) {
        loop.step[k] = ProductFromBack(inputs[k], begin, d) * unit[k];
      }
    }
    nest->Add(loop);
  }
}

}  // namespace

template <int kOperands>
Status PlanBroadcast(PrepareContext& context, const Shape (&inputs)[kOperands],
                     BroadcastPlan<kOperands>* plan) {
  const Shape output = context.output_shape(0);
  for (int d = 0; d < kMaxRank; ++d) {
    int32_t common = 1;
    for (int k = 0; k < kOperands; ++k) {
      const int32_t extent = inputs[k].FromBack(d);
      if (extent == 1) continue;
      if (common != 1 && common != extent) {
        return context.Error(StatusCode::kBadShape, Operand::Input(k));
      }
      common = extent;
    }
    if (output.FromBack(d) != common) {
      return context.Error(StatusCode::kBadShape, Operand::Output(0));
    }
  }

  const RowGeometry rows = RowGeometry::Of(output);
  const int row_dimensions = rows.elements == output.FromBack(0) ? 1 : 2;
  const int32_t output_bytes = ElementBits(context.output_type(0)) / 8;
  int32_t row_units[kOperands], element_units[kOperands];
  for (int k = 0; k < kOperands; ++k) {
    row_units[k] = 1;
    element_units[k] = ElementBits(context.input_type(k)) / 8;
  }
  AddLoops(output, inputs, row_dimensions, kMaxRank, row_units, &plan->outer);
  AddLoops(output, inputs, 0, row_dimensions, element_units, &plan->inner);

  BroadcastMap<kOperands>& map = plan->map;
  map = {};
  map.row_count = rows.count;
  map.output_row_bytes = rows.elements * output_bytes;
  // The innermost loop is the run. It is dense: where an operand steps, all inside it is one
  // element.
  map.run_elements = 1;
  if (plan->inner.count > 0) {
    const Loop<kOperands>& run = plan->inner.loops[--plan->inner.count];
    map.run_elements = run.extent;
    for (int k = 0; k < kOperands; ++k) {
      if (run.step[k] == 0) map.repeated = static_cast<uint8_t>(map.repeated | 1 << k);
    }
  }
  map.output_run_bytes = map.run_elements * output_bytes;
  LoopNest<kOperands>& outer = plan->outer;
  bool same_rows = outer.count <= 1;
  for (int k = 0; k < kOperands; ++k) {
    same_rows = same_rows && (outer.count == 0 || outer.loops[0].step[k] == 1);
  }
  if (same_rows) outer.count = 0;
  map.outer_loops = static_cast<uint8_t>(outer.count);
  map.inner_loops = static_cast<uint8_t>(plan->inner.count);

  bool same_row_window = true;
  for (int k = kOperands - 1; k >= 0; --k) {
    map.input_row_bytes[k] = ProductFromBack(inputs[k], 0, row_dimensions) * element_units[k];
    const TensorView input = context.input(k);
    if (input.is_constant()) continue;
    same_row_window = same_row_window &&
                      ProductFromBack(inputs[k], row_dimensions, kMaxRank) == rows.count &&
                      RowGeometry::Of(input.shape()).count == rows.count;
    // Bytes may be stored over elements of any type; other types only over their own.
    if (inputs[k].elements() == output.elements() &&
        (input.type() == context.output_type(0) || output_bytes == 1)) {
      context.AllowInPlace(k);
    }
  }
  if (same_row_window) context.SetRowWindow(RowWindow::SameRow());
  return {};
}

template <int kOperands>
void ForEachRun(const EvalContext& context, Rows rows, const BroadcastMap<kOperands>& map,
                const Loop<kOperands>* loops, const void* params, BroadcastRun<kOperands> run) {
  const auto output = context.OutputRows<uint8_t>(0, map.output_row_bytes);
  rows = rows.Clip(map.row_count);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    Offsets<kOperands> row;
    for (int k = 0; k < kOperands; ++k) row.at[k] = y;
    if (map.outer_loops != 0) row = OffsetsAt(loops, map.outer_loops, y);
    const uint8_t* row_data[kOperands];
    for (int k = 0; k < kOperands; ++k) {
      row_data[k] = context.InputRows<uint8_t>(k, map.input_row_bytes[k]).Row(row.at[k]);
    }
    uint8_t* out = output.Row(y);
    ForEachIteration(loops + map.outer_loops, map.inner_loops,
                     [&](const Offsets<kOperands>& offsets) {
                       const uint8_t* inputs[kOperands];
                       for (int k = 0; k < kOperands; ++k) inputs[k] = row_data[k] + offsets.at[k];
                       run(params, map.repeated, inputs, map.run_elements, out);
                       out += map.output_run_bytes;
                     });
  }
}

template Status PlanBroadcast(PrepareContext&, const Shape (&)[2], BroadcastPlan<2>*);
template void ForEachRun(const EvalContext&, Rows, const BroadcastMap<2>&, const Loop<2>*,
                         const void*, BroadcastRun<2>);
template Status PlanBroadcast(PrepareContext&, const Shape (&)[3], BroadcastPlan<3>*);
template void ForEachRun(const EvalContext&, Rows, const BroadcastMap<3>&, const Loop<3>*,
                         const void*, BroadcastRun<3>);

}  // namespace midge
