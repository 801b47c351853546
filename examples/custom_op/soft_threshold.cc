// SPDX-License-Identifier: Apache-2.0
#include "soft_threshold.h"

#include <cstring>

namespace {

using midge::EvalContext;
using midge::Operand;
using midge::PrepareContext;
using midge::RowGeometry;
using midge::Rows;
using midge::Status;
using midge::StatusCode;
using midge::TensorType;

// Lies in the arena between Prepare and Eval: fixed-width members, no pointers.
struct State {
  float threshold;
  int32_t row_count;
  int32_t row_elements;
};

Status Prepare(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), TensorType::kFloat32));
  MIDGE_TRY(context.ExpectShape(Operand::Output(0), context.input(0).shape()));
  const midge::Span<const uint8_t> options = context.custom_options();
  float threshold;
  if (options.size() != sizeof threshold) return context.Error(StatusCode::kBadOptions);
  std::memcpy(&threshold, options.data(), sizeof threshold);
  if (!(threshold >= 0.f)) return context.Error(StatusCode::kBadOptions);  // or not a number

  const RowGeometry geometry = RowGeometry::Of(context.output(0).shape());
  context.NewState<State>() = {threshold, geometry.count, geometry.elements};
  // An output row needs the same row of the input, and each element only itself: the planner may
  // then put the output where the input is.
  context.SetRowWindow(midge::RowWindow::SameRow());
  context.AllowInPlace(0);
  return {};
}

Status Eval(const EvalContext& context, Rows rows) {
  const auto& state = context.state<State>();
  const auto input = context.InputRows<float>(0, state.row_elements);
  const auto output = context.OutputRows<float>(0, state.row_elements);
  const Rows clipped = rows.Clip(state.row_count);
  for (int32_t row = clipped.begin; row < clipped.end; ++row) {
    const float* x = input.Row(row);
    float* y = output.Row(row);
    for (int32_t i = 0; i < state.row_elements; ++i) {
      const float shrunk = (x[i] < 0.f ? -x[i] : x[i]) - state.threshold;
      y[i] = shrunk <= 0.f ? 0.f : x[i] < 0.f ? -shrunk : shrunk;
    }
  }
  return {};
}

}  // namespace

const midge::Op kSoftThreshold = {midge::BuiltinOp::kCustom,
                                  TensorType::kFloat32,
                                  0,  // the input that has this type
                                  "SoftThreshold",
                                  Prepare,
                                  Eval,
                                  nullptr};
