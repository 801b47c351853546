// SPDX-License-Identifier: Apache-2.0
#include "kernels/fully_connected.h"

#include "kernels/isa.h"
#include "kernels/requant.h"
#include "kernels/weights.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kFilter = 1, kBias = 2 };

// The output's rows, as RowGeometry sees them, in batches.
struct BatchRows {
  int32_t count;
  int32_t batches;  // of one row
};

// What both types check: operands, shapes.
Status PrepareShape(PrepareContext& context, TensorType type, TensorType bias_type,
                    FullyConnectedShape* shape, BatchRows* rows) {
  MIDGE_TRY(ExpectWeights(context, type, bias_type));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kFilter), 2, 2));
  const Shape filter = context.input(kFilter).shape();
  const Shape input = context.input(kInput).shape();
  const Shape output = context.output(0).shape();
  *shape = {filter[1], filter[0]};
  if (filter.elements() == 0 || output.FromBack(0) != shape->units) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kFilter));
  }
  if (input.elements() % shape->depth != 0 ||
      input.elements() / shape->depth != output.elements() / shape->units) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kInput));
  }
  const RowGeometry geometry = RowGeometry::Of(output);
  *rows = {geometry.count, geometry.elements / shape->units};
  if (RowGeometry::Of(input).count == rows->count && HasConstantWeights(context)) {
    context.SetRowWindow(RowWindow::SameRow());
  }
  return {};
}

struct StateS8 {
  FullyConnectedS8Params params;
  bool per_channel;  // then multipliers are behind the state, else here
  int8_t exponent;
  int32_t multiplier_q31;
  BatchRows rows;
};

struct StateF32 {
  FullyConnectedF32Params params;
  BatchRows rows;
};

// Calls f(input, batches, output) for each of the given rows.
template <typename T, typename F>
void ForEachRow(const EvalContext& context, const FullyConnectedShape& shape, BatchRows all,
                Rows rows, const F& f) {
  const RowView<const T> input = context.InputRows<T>(kInput, all.batches * shape.depth);
  const RowView<T> output = context.OutputRows<T>(0, all.batches * shape.units);
  rows = rows.Clip(all.count);
  for (int32_t y = rows.begin; y < rows.end; ++y) f(input.Row(y), all.batches, output.Row(y));
}

Status PrepareInt8(PrepareContext& context) {
  FullyConnectedShape shape;
  BatchRows rows;
  MIDGE_TRY(PrepareShape(context, TensorType::kInt8, TensorType::kInt32, &shape, &rows));
  const Result<WeightsQuantization> quantization = ReadWeightsQuantization(context, 0);
  MIDGE_TRY(quantization.status());
  const QuantParam input = quantization->input, output = quantization->output;
  FullyConnectedOptions options;
  MIDGE_TRY(context.Options(&options));

  StateS8& state = context.NewState<StateS8>();
  state.rows = rows;
  state.params = {shape, static_cast<int8_t>(input.zero_point), 0,
                  static_cast<int16_t>(output.zero_point),
                  QuantizedActivationRange(options.activation, output, INT8_MIN, INT8_MAX)};
  const Span<const float> filter_scales = quantization->filter_scales;
  state.per_channel = filter_scales.size() > 1;
  if (state.per_channel) {
    return AppendMultipliers(context, input.scale, filter_scales, output.scale);
  }
  const Result<QuantParam> filter = context.PerTensor(Operand::Input(kFilter));
  MIDGE_TRY(filter.status());
  const QuantizedMultiplier multiplier =
      MultiplierOfRatio(input.scale, filter->scale, output.scale);
  if (!FitsExponent(multiplier)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(kFilter));
  }
  state.params.filter_zero_point = static_cast<int8_t>(filter->zero_point);
  state.multiplier_q31 = multiplier.multiplier_q31;
  state.exponent = static_cast<int8_t>(multiplier.exponent);
  return {};
}

Status EvalInt8(const EvalContext& context, Rows rows) {
  const auto& state = context.state<StateS8>();
  const FullyConnectedShape& shape = state.params.shape;
  const ChannelMultipliers multipliers =
      state.per_channel ? MultiplierArrays(context, sizeof(StateS8), shape.units)
                        : ChannelMultipliers{&state.multiplier_q31, &state.exponent, 0};
  ForEachRow<int8_t>(
      context, shape, state.rows, rows, [&](const int8_t* input, int32_t batches, int8_t* output) {
        isa::FullyConnectedS8(state.params, multipliers, input, context.input<int8_t>(kFilter),
                              context.input<int32_t>(kBias), batches, output);
      });
  return {};
}

Status PrepareFloat32(PrepareContext& context) {
  FullyConnectedShape shape;
  BatchRows rows;
  MIDGE_TRY(PrepareShape(context, TensorType::kFloat32, TensorType::kFloat32, &shape, &rows));
  FullyConnectedOptions options;
  MIDGE_TRY(context.Options(&options));
  context.NewState<StateF32>() = {{shape, FloatActivationRange(options.activation)}, rows};
  return {};
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  const auto& state = context.state<StateF32>();
  ForEachRow<float>(context, state.params.shape, state.rows, rows,
                    [&](const float* input, int32_t batches, float* output) {
                      isa::FullyConnectedF32(state.params, input, context.input<float>(kFilter),
                                             context.input<float>(kBias), batches, output);
                    });
  return {};
}

}  // namespace

const Op kFullyConnectedFloat32 = {BuiltinOp::kFullyConnected,
                                   TensorType::kFloat32,
                                   kInput,
                                   nullptr,
                                   PrepareFloat32,
                                   EvalFloat32,
                                   nullptr};
const Op kFullyConnectedInt8 = {
    BuiltinOp::kFullyConnected, TensorType::kInt8, kInput, nullptr, PrepareInt8, EvalInt8, nullptr};
const Op kFullyConnected = {
    BuiltinOp::kFullyConnected, TensorType::kInt8, kInput, nullptr, PrepareInt8, EvalInt8,
    &kFullyConnectedFloat32};

}  // namespace midge
