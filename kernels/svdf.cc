// SPDX-License-Identifier: Apache-2.0
#include "kernels/svdf.h"

#include <initializer_list>

#include "kernels/isa.h"
#include "kernels/requant.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kInput = 0, kFeature = 1, kTime = 2, kBias = 3, kState = 4 };

// What all types check: operands, shapes.
Status PrepareShape(PrepareContext& context, TensorType type, TensorType time_type,
                    TensorType bias_type, SvdfOptions* options, SvdfShape* shape) {
  MIDGE_TRY(context.ExpectOperands(3, 5, 1));
  if (!context.has_input(kState)) {
    return context.Error(StatusCode::kBadOperands, Operand::Input(kState));
  }
  MIDGE_TRY(context.ExpectType(Operand::Input(kInput), type));
  MIDGE_TRY(context.ExpectType(Operand::Input(kFeature), type));
  MIDGE_TRY(context.ExpectType(Operand::Input(kTime), time_type));
  MIDGE_TRY(context.ExpectType(Operand::Input(kState), time_type));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  MIDGE_TRY(context.ExpectVariable(Operand::Input(kState)));
  MIDGE_TRY(context.Options(options));
  for (const int i : {kInput, kFeature, kTime}) {
    MIDGE_TRY(context.ExpectRank(Operand::Input(i), 2, 2));
  }
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), 2, 2));
  const Shape input = context.input_shape(kInput), feature = context.input_shape(kFeature);
  const Shape time = context.input_shape(kTime), output = context.output_shape(0);
  const int32_t filters = feature[0];
  *shape = {input[0], input[1], filters / options->rank, options->rank, time[1]};
  if (feature[1] != shape->inputs || filters % shape->rank != 0) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kFeature));
  }
  if (time[0] != filters || shape->memory == 0) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kTime));
  }
  if (output[0] != shape->batches || output[1] != shape->units) {
    return context.Error(StatusCode::kBadShape, Operand::Output(0));
  }
  // Each product of two dimensions is that of a tensor, but all three might overflow.
  const int64_t state_elements = int64_t{shape->batches} * (filters * shape->memory);
  if (context.input_shape(kState).elements() != state_elements) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kState));
  }
  if (!context.has_input(kBias)) return {};
  MIDGE_TRY(context.ExpectType(Operand::Input(kBias), bias_type));
  return context.input_shape(kBias).elements() == shape->units
             ? Status()
             : context.Error(StatusCode::kBadShape, Operand::Input(kBias));
}

// The kernel for the type of the state and the time weights.
template <typename State>
Status EvalState(const EvalContext& context) {
  isa::SvdfS8<State>(context.state<SvdfS8Params>(), context.input<int8_t>(kInput),
                     context.input<int8_t>(kFeature), context.input<State>(kTime),
                     context.input<int32_t>(kBias), context.variable<State>(kState),
                     context.output<int8_t>(0));
  return {};
}

Status EvalInt8(const EvalContext& context, Rows) { return EvalState<int8_t>(context); }
Status EvalInt16State(const EvalContext& context, Rows) { return EvalState<int16_t>(context); }

Status PrepareQuantized(PrepareContext& context, TensorType state_type) {
  SvdfOptions options;
  SvdfS8Params params;
  MIDGE_TRY(PrepareShape(context, TensorType::kInt8, state_type, TensorType::kInt32, &options,
                         &params.shape));
  QuantParam inputs[5];
  for (const int i : {kInput, kFeature, kTime, kState}) {
    const Result<QuantParam> quantization = context.PerTensor(Operand::Input(i));
    MIDGE_TRY(quantization.status());
    inputs[i] = *quantization;
  }
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  const QuantParam input = inputs[kInput], state = inputs[kState];
  params.feature_multiplier = MultiplierOfRatio(input.scale, inputs[kFeature].scale, state.scale);
  params.time_multiplier = MultiplierOfRatio(state.scale, inputs[kTime].scale, output->scale);
  if (!FitsExponent(params.feature_multiplier)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(kFeature));
  }
  if (!FitsExponent(params.time_multiplier)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(kTime));
  }
  params.input_zero_point = static_cast<int16_t>(input.zero_point);
  params.state_zero_point = static_cast<int16_t>(state.zero_point);
  params.output_zero_point = static_cast<int16_t>(output->zero_point);
  context.NewState<SvdfS8Params>() = params;
  return {};
}

Status PrepareInt8(PrepareContext& context) { return PrepareQuantized(context, TensorType::kInt8); }
Status PrepareInt16State(PrepareContext& context) {
  return PrepareQuantized(context, TensorType::kInt16);
}

Status PrepareFloat32(PrepareContext& context) {
  SvdfOptions options;
  SvdfShape shape;
  constexpr TensorType kType = TensorType::kFloat32;
  MIDGE_TRY(PrepareShape(context, kType, kType, kType, &options, &shape));
  context.NewState<SvdfF32Params>() = {shape, FloatActivationRange(options.activation)};
  return {};
}

Status EvalFloat32(const EvalContext& context, Rows) {
  isa::SvdfF32(context.state<SvdfF32Params>(), context.input<float>(kInput),
               context.input<float>(kFeature), context.input<float>(kTime),
               context.input<float>(kBias), context.variable<float>(kState),
               context.output<float>(0));
  return {};
}

}  // namespace

// Rows are found by the type of the state.
const Op kSvdfFloat32 = {BuiltinOp::kSvdf, TensorType::kFloat32, kState, nullptr,
                         PrepareFloat32,   EvalFloat32,          nullptr};
const Op kSvdfInt16 = {BuiltinOp::kSvdf,  TensorType::kInt16, kState, nullptr,
                       PrepareInt16State, EvalInt16State,     nullptr};
const Op kSvdfInt8 = {BuiltinOp::kSvdf, TensorType::kInt8, kState, nullptr,
                      PrepareInt8,      EvalInt8,          nullptr};
namespace {
const Op kSvdfInt16Float32 = {BuiltinOp::kSvdf,  TensorType::kInt16, kState,       nullptr,
                              PrepareInt16State, EvalInt16State,     &kSvdfFloat32};
}
const Op kSvdf = {BuiltinOp::kSvdf, TensorType::kInt8, kState, nullptr, PrepareInt8,
                  EvalInt8,         &kSvdfInt16Float32};

}  // namespace midge
