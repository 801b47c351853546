// SPDX-License-Identifier: Apache-2.0
#include "kernels/pool_2d.h"

#include "kernels/requant.h"

namespace midge {
namespace {

// What both types check: operands, shapes, window.
Status PrepareShape(PrepareContext& context, TensorType type, WindowedShape* shape,
                    Activation* activation) {
  MIDGE_TRY(context.ExpectOperands(1, 1, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  Pool2DOptions options;
  MIDGE_TRY(context.Options(&options));
  MIDGE_TRY(MakeWindow(context, 0,
                       {options.padding, options.filter_h, options.filter_w, options.stride_h,
                        options.stride_w, 1, 1},
                       shape));
  if (shape->input_channels != shape->output_channels) {
    return context.Error(StatusCode::kBadShape, Operand::Output(0));
  }
  context.SetRowWindow(shape->row_window());
  *activation = options.activation;
  return {};
}

using StateQuantized = WindowedState<ClampRange>;
using StateF32 = WindowedState<FloatClampRange>;

template <typename T, typename State, typename Params>
Status EvalImages(const EvalContext& context, Rows rows,
                  void (*kernel)(const Params&, const RowView<const T>&, Rows, const RowView<T>&)) {
  Params params;
  State::ReadShape(context, &params.shape);
  params.clamp = context.state<State>().of_op;
  ForEachImage<T>(context, 0, params.shape, rows,
                  [&](const RowView<const T>& input, Rows image_rows, const RowView<T>& output) {
                    kernel(params, input, image_rows, output);
                  });
  return {};
}

// [low, high]: the range of the type.
Status PrepareQuantized(PrepareContext& context, TensorType type, int32_t low, int32_t high) {
  WindowedShape shape;
  Activation activation;
  MIDGE_TRY(PrepareShape(context, type, &shape, &activation));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  // Values pass through as they are, so both sides have to mean the same by them.
  if (input->zero_point != output->zero_point || !ScalesAgree(input->scale, output->scale)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  StateQuantized::New(context, shape, QuantizedActivationRange(activation, *output, low, high));
  return {};
}

}  // namespace

Status PreparePool2DS8(PrepareContext& context) {
  return PrepareQuantized(context, TensorType::kInt8, INT8_MIN, INT8_MAX);
}
Status PreparePool2DS16(PrepareContext& context) {
  return PrepareQuantized(context, TensorType::kInt16, INT16_MIN, INT16_MAX);
}
Status PreparePool2DU8(PrepareContext& context) {
  return PrepareQuantized(context, TensorType::kUInt8, 0, UINT8_MAX);
}

Status PreparePool2DF32(PrepareContext& context) {
  WindowedShape shape;
  Activation activation;
  MIDGE_TRY(PrepareShape(context, TensorType::kFloat32, &shape, &activation));
  StateF32::New(context, shape, FloatActivationRange(activation));
  return {};
}

Status EvalPool2DS8(const EvalContext& context, Rows rows, Pool2DS8* kernel) {
  return EvalImages<int8_t, StateQuantized>(context, rows, kernel);
}

Status EvalPool2DS16(const EvalContext& context, Rows rows, Pool2DS16* kernel) {
  return EvalImages<int16_t, StateQuantized>(context, rows, kernel);
}

Status EvalPool2DU8(const EvalContext& context, Rows rows, Pool2DU8* kernel) {
  return EvalImages<uint8_t, StateQuantized>(context, rows, kernel);
}

Status EvalPool2DF32(const EvalContext& context, Rows rows, Pool2DF32* kernel) {
  return EvalImages<float, StateF32>(context, rows, kernel);
}

}  // namespace midge
