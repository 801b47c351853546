// SPDX-License-Identifier: Apache-2.0
#include "kernels/softmax.h"

#include <limits>
#include <type_traits>

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/unary_map.h"
#include "midge/ops.h"

namespace midge {
namespace {

Status PrepareShape(PrepareContext& context, TensorType type, TensorType output_type,
                    SoftmaxShape* shape, float* beta) {
  MIDGE_TRY(CheckUnary(context, type, output_type));
  const Shape input = context.input_shape(0);
  if (input.rank() < 1) return context.Error(StatusCode::kBadShape, Operand::Input(0));
  SoftmaxOptions options;
  MIDGE_TRY(context.Options(&options));
  *shape = {RowGeometry::Of(input), input.FromBack(0)};
  *beta = options.beta;
  return {};
}

// Not zero, negative, infinite or not a number.
bool IsPositive(float beta) { return ScaleBits(beta) > 0 && ScaleBits(beta) < 0x7f800000; }

// T: int8_t or uint8_t.
template <typename T>
Status PrepareByte(PrepareContext& context) {
  SoftmaxShape shape;
  float beta;
  const bool wide = std::is_signed_v<T> && context.output_type(0) == TensorType::kInt16;
  MIDGE_TRY(
      PrepareShape(context, kTypeOf<T>, wide ? TensorType::kInt16 : kTypeOf<T>, &shape, &beta));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  const bool good_output =
      wide ? IsNearPowerOfTwo(output->scale, -16) && output->zero_point == INT16_MIN
           : ScaleBits(output->scale) == ScaleBits(1.f / 256) &&
                 output->zero_point == std::numeric_limits<T>::min();
  if (!good_output) return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  if (!IsPositive(beta)) return context.Error(StatusCode::kBadOptions);

  constexpr int32_t kDifferenceIntegerBits = 5;
  constexpr int32_t kFractionalBits = 31 - kDifferenceIntegerBits;
  QuantizedMultiplier multiplier = MultiplierOfRatio(beta, input->scale, 1.f, kFractionalBits);
  // So fine a scale that all values of a row are equal to Q5, and so coarse a one that no two are.
  if (multiplier.exponent < 1) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(0));
  }
  if (multiplier.exponent > 31) multiplier = {INT32_MAX, 31};
  const int32_t limit =
      (((1 << kDifferenceIntegerBits) - 1) << kFractionalBits) >> multiplier.exponent;
  context.NewState<SoftmaxS8Params>() = {
      shape, multiplier, static_cast<int16_t>(limit < INT16_MAX ? limit : INT16_MAX), wide};
  context.RequestScratch(SoftmaxS8ScratchBytes(context.input_shape(0).elements()));
  return {};
}

Status EvalInt8(const EvalContext& context, Rows rows) {
  const auto& params = context.state<SoftmaxS8Params>();
  const RowGeometry& geometry = params.shape.rows;
  const auto input = context.InputRows<int8_t>(0, geometry.elements);
  rows = rows.Clip(geometry.count);
  if (params.wide_output) {
    isa::SoftmaxS8S16(params, input, rows, context.scratch<int32_t>(),
                      context.OutputRows<int16_t>(0, geometry.elements));
  } else {
    isa::SoftmaxS8(params, input, rows, context.scratch<int32_t>(),
                   context.OutputRows<int8_t>(0, geometry.elements));
  }
  return {};
}

Status EvalUInt8(const EvalContext& context, Rows rows) {
  const auto& params = context.state<SoftmaxS8Params>();
  const RowGeometry& geometry = params.shape.rows;
  isa::SoftmaxU8(params, context.InputRows<uint8_t>(0, geometry.elements),
                 rows.Clip(geometry.count), context.scratch<int32_t>(),
                 context.OutputRows<uint8_t>(0, geometry.elements));
  return {};
}

Status PrepareInt16(PrepareContext& context) {
  SoftmaxS16Params params = {};
  float beta;
  MIDGE_TRY(PrepareShape(context, TensorType::kInt16, TensorType::kInt16, &params.shape, &beta));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(0));
  MIDGE_TRY(input.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  if (!IsNearPowerOfTwo(output->scale, -15) || output->zero_point != 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  if (!IsPositive(beta)) return context.Error(StatusCode::kBadOptions);
  // The sum of exponentials has 31 bits.
  if (params.shape.channels > UINT16_MAX) {
    return context.Error(StatusCode::kBadShape, Operand::Input(0));
  }
  // To units of 10 / 65535.
  constexpr double kUnit = 10.0 / 65535.0;
  params.multiplier = MultiplierOfRatio(input->scale, beta, kUnit);
  constexpr int32_t kDifferenceBits = 16;
  if (!FitsRequantizer(params.multiplier, kDifferenceBits)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(0));
  }
  context.NewState<SoftmaxS16Params>() = params;
  return {};
}

Status EvalInt16(const EvalContext& context, Rows rows) {
  const auto& params = context.state<SoftmaxS16Params>();
  const RowGeometry& geometry = params.shape.rows;
  isa::SoftmaxS16(params, context.InputRows<int16_t>(0, geometry.elements),
                  rows.Clip(geometry.count), context.OutputRows<int16_t>(0, geometry.elements));
  return {};
}

Status PrepareFloat32(PrepareContext& context) {
  SoftmaxF32Params params;
  MIDGE_TRY(PrepareShape(context, TensorType::kFloat32, TensorType::kFloat32, &params.shape,
                         &params.beta));
  context.NewState<SoftmaxF32Params>() = params;
  return {};
}

Status EvalFloat32(const EvalContext& context, Rows rows) {
  const auto& params = context.state<SoftmaxF32Params>();
  const RowGeometry& geometry = params.shape.rows;
  isa::SoftmaxF32(params, context.InputRows<float>(0, geometry.elements), rows.Clip(geometry.count),
                  context.OutputRows<float>(0, geometry.elements));
  return {};
}

constexpr auto kCode = BuiltinOp::kSoftmax;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareByte<int8_t>, EvalInt8>;
constexpr auto kUInt8 = OpRow<kCode, TensorType::kUInt8, PrepareByte<uint8_t>, EvalUInt8>;
constexpr auto kInt16 = OpRow<kCode, TensorType::kInt16, PrepareInt16, EvalInt16>;
constexpr auto kFloat32 = OpRow<kCode, TensorType::kFloat32, PrepareFloat32, EvalFloat32>;

}  // namespace

const Op kSoftmaxInt8 = kInt8(nullptr);
const Op kSoftmaxInt16 = kInt16(nullptr);
const Op kSoftmaxUInt8 = kUInt8(nullptr);
const Op kSoftmaxFloat32 = kFloat32(nullptr);
const Op kSoftmax = kOpChain<kInt8, kInt16, kFloat32, kUInt8>;

}  // namespace midge
