// SPDX-License-Identifier: Apache-2.0
#include "kernels/unidirectional_sequence_lstm.h"

#include "kernels/isa.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/weights.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int {
  kInput = 0,
  kWeights = 1,      // one per gate
  kRecurrent = 5,    // one per gate
  kPeephole = 9,     // to kBias
  kBias = 12,        // one per gate
  kProjection = 16,  // to kHidden
  kHidden = 18,
  kCell = 19,
  kNormalization = 20  // to kEnd
};
constexpr int kEnd = 24;

constexpr float kNoClip = __builtin_huge_valf();

struct Types {
  TensorType activations, weights, bias, cell;
};

// What all types check: operands, shapes, options.
Status PrepareShape(PrepareContext& context, const Types& types,
                    UnidirectionalSequenceLstmOptions* options, LstmShape* shape) {
  MIDGE_TRY(context.ExpectOperands(1, kEnd, 1));
  MIDGE_TRY(context.Options(options));
  for (int i = kPeephole; i < kEnd; ++i) {
    const bool variation = i < kBias || (i >= kProjection && i < kHidden) || i >= kNormalization;
    if (variation && context.has_input(i)) {
      return context.Error(StatusCode::kUnsupportedOption, Operand::Input(i));
    }
  }
  // Without them the input gate would be what the forget gate leaves over.
  if (!context.has_input(kWeights) && context.has_input(kWeights + kForgetGate)) {
    return context.Error(StatusCode::kUnsupportedOption, Operand::Input(kWeights));
  }
  MIDGE_TRY(context.ExpectRank(Operand::Input(kInput), 3, 3));
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), 3, 3));
  const Shape input = context.input_shape(kInput), output = context.output_shape(0);
  const bool time_major = options->time_major;
  *shape = {input[time_major ? 1 : 0], input[time_major ? 0 : 1], input[2], output[2], time_major};
  MIDGE_TRY(context.ExpectType(Operand::Output(0), types.activations));
  if (output[0] != input[0] || output[1] != input[1]) {
    return context.Error(StatusCode::kBadShape, Operand::Output(0));
  }
  for (int i = kWeights; i < kPeephole; ++i) {
    const Operand operand = Operand::Input(i);
    if (!context.has_input(i)) return context.Error(StatusCode::kBadOperands, operand);
    MIDGE_TRY(context.ExpectType(operand, types.weights));
    const int32_t dims[] = {shape->cells, i < kRecurrent ? shape->inputs : shape->cells};
    MIDGE_TRY(context.ExpectShape(operand, Shape(dims, 2)));
  }
  for (int i = kBias; i < kBias + kLstmGates; ++i) {
    const Operand operand = Operand::Input(i);
    if (!context.has_input(i)) return context.Error(StatusCode::kBadOperands, operand);
    MIDGE_TRY(context.ExpectType(operand, types.bias));
    MIDGE_TRY(context.ExpectShape(operand, Shape(&shape->cells, 1)));
  }
  const int64_t state_elements = int64_t{shape->batches} * shape->cells;
  for (int i = kHidden; i <= kCell; ++i) {
    const Operand operand = Operand::Input(i);
    if (!context.has_input(i)) return context.Error(StatusCode::kBadOperands, operand);
    MIDGE_TRY(context.ExpectType(operand, i == kHidden ? types.activations : types.cell));
    MIDGE_TRY(context.ExpectVariable(operand));
    if (context.input_shape(i).elements() != state_elements) {
      return context.Error(StatusCode::kBadShape, operand);
    }
  }
  return {};
}

template <typename Weight, typename Bias>
LstmWeights<Weight, Bias> WeightsOf(const EvalContext& context) {
  LstmWeights<Weight, Bias> weights;
  for (int k = 0; k < kLstmGates; ++k) {
    weights.weights[k] = context.input<Weight>(kWeights + k);
    weights.recurrent[k] = context.input<Weight>(kRecurrent + k);
    weights.bias[k] = context.input<Bias>(kBias + k);
  }
  return weights;
}

// Symmetric, so that a zero point other than 0 has no meaning.
Result<float> SymmetricScale(const PrepareContext& context, int input) {
  const Result<QuantParam> quantization = context.PerTensor(Operand::Input(input));
  MIDGE_TRY(quantization.status());
  if (quantization->zero_point != 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(input));
  }
  return quantization->scale;
}

// `most_exponent`: of the requantization of the sums.
Status PrepareQuantized(PrepareContext& context, const Types& types, int32_t most_exponent) {
  UnidirectionalSequenceLstmOptions options;
  LstmQuantizedParams params;
  MIDGE_TRY(PrepareShape(context, types, &options, &params.shape));
  const Result<QuantParam> input = context.PerTensor(Operand::Input(kInput));
  MIDGE_TRY(input.status());
  const Result<QuantParam> hidden = context.PerTensor(Operand::Input(kHidden));
  MIDGE_TRY(hidden.status());
  const Result<float> cell = SymmetricScale(context, kCell);
  MIDGE_TRY(cell.status());
  params.input_zero_point = static_cast<int16_t>(input->zero_point);
  params.hidden_zero_point = static_cast<int16_t>(hidden->zero_point);

  constexpr int32_t kGateFractionalBits = 12;
  const MultiplierMaker of_weights(input->scale, 1.f, kGateFractionalBits);
  const MultiplierMaker of_recurrent(hidden->scale, 1.f, kGateFractionalBits);
  for (int i = kWeights; i < kPeephole; ++i) {
    const Result<float> scale = SymmetricScale(context, i);
    MIDGE_TRY(scale.status());
    const bool recurrent = i >= kRecurrent;
    const QuantizedMultiplier m = (recurrent ? of_recurrent : of_weights)(*scale);
    if (m.exponent > most_exponent) {
      return context.Error(StatusCode::kBadQuantization, Operand::Input(i));
    }
    const int k = i - (recurrent ? kRecurrent : kWeights);
    (recurrent ? params.recurrent_multiplier_q31 : params.weights_multiplier_q31)[k] =
        m.multiplier_q31;
    (recurrent ? params.recurrent_exponent : params.weights_exponent)[k] =
        static_cast<int8_t>(m.exponent);
  }

  // A power of two: 2^(exponent - 127) in the bits of a float.
  const int32_t bits = ScaleBits(*cell);
  const int32_t cell_exponent = (bits >> 23) - 127;
  if ((bits & 0x7fffff) != 0 || cell_exponent < -30 || cell_exponent > 2) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(kCell));
  }
  params.cell_shift = static_cast<int8_t>(cell_exponent + kGateFractionalBits);
  constexpr float kGateScale = 1.f / 32768;
  params.cell_multiplier = MultiplierOfRatio(kGateScale, kGateScale, *cell);
  params.hidden_multiplier = MultiplierOfRatio(kGateScale, kGateScale, hidden->scale);
  if (!FitsExponent(params.hidden_multiplier)) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(kHidden));
  }
  params.cell_clip = {INT16_MIN, INT16_MAX};
  if (ScaleBits(options.cell_clip) > 0) {
    const int32_t clip = TruncateToInteger(options.cell_clip, -cell_exponent);
    const auto most = static_cast<int16_t>(clip < INT16_MAX ? clip : INT16_MAX);
    params.cell_clip = {static_cast<int16_t>(-most), most};
  }
  context.NewState<LstmQuantizedParams>() = params;
  return {};
}

Status PrepareInt8(PrepareContext& context) {
  return PrepareQuantized(
      context, {TensorType::kInt8, TensorType::kInt8, TensorType::kInt32, TensorType::kInt16}, 30);
}
Status PrepareInt16(PrepareContext& context) {
  return PrepareQuantized(
      context, {TensorType::kInt16, TensorType::kInt8, TensorType::kInt64, TensorType::kInt16},
      kMostWideExponent);
}

Status EvalInt8(const EvalContext& context, Rows) {
  isa::UnidirectionalSequenceLstmS8(
      context.state<LstmQuantizedParams>(), WeightsOf<int8_t, int32_t>(context),
      context.input<int8_t>(kInput), context.variable<int8_t>(kHidden),
      context.variable<int16_t>(kCell), context.output<int8_t>(0));
  return {};
}

Status EvalInt16(const EvalContext& context, Rows) {
  isa::UnidirectionalSequenceLstmS16(
      context.state<LstmQuantizedParams>(), WeightsOf<int8_t, PackedInt64>(context),
      context.input<int16_t>(kInput), context.variable<int16_t>(kHidden),
      context.variable<int16_t>(kCell), context.output<int16_t>(0));
  return {};
}

Status PrepareFloat32(PrepareContext& context) {
  constexpr TensorType kType = TensorType::kFloat32;
  UnidirectionalSequenceLstmOptions options;
  LstmF32Params params;
  MIDGE_TRY(PrepareShape(context, {kType, kType, kType, kType}, &options, &params.shape));
  params.cell_clip = ScaleBits(options.cell_clip) > 0 ? options.cell_clip : kNoClip;
  context.NewState<LstmF32Params>() = params;
  return {};
}

Status EvalFloat32(const EvalContext& context, Rows) {
  isa::UnidirectionalSequenceLstmF32(context.state<LstmF32Params>(),
                                     WeightsOf<float, float>(context), context.input<float>(kInput),
                                     context.variable<float>(kHidden),
                                     context.variable<float>(kCell), context.output<float>(0));
  return {};
}

Status PrepareFloat32Int8(PrepareContext& context) {
  constexpr TensorType kType = TensorType::kFloat32;
  UnidirectionalSequenceLstmOptions options;
  LstmF32S8Params params;
  MIDGE_TRY(
      PrepareShape(context, {kType, TensorType::kInt8, kType, kType}, &options, &params.shape));
  params.cell_clip = ScaleBits(options.cell_clip) > 0 ? options.cell_clip : kNoClip;
  params.asymmetric = options.asymmetric_quantize_inputs;
  for (int k = 0; k < kLstmGates; ++k) {
    const Result<float> weights = SymmetricScale(context, kWeights + k);
    MIDGE_TRY(weights.status());
    const Result<float> recurrent = SymmetricScale(context, kRecurrent + k);
    MIDGE_TRY(recurrent.status());
    params.weights_scale[k] = *weights;
    params.recurrent_scale[k] = *recurrent;
  }
  context.NewState<LstmF32S8Params>() = params;
  context.RequestScratch(static_cast<uint32_t>(params.shape.inputs + params.shape.cells));
  return {};
}

Status EvalFloat32Int8(const EvalContext& context, Rows) {
  isa::UnidirectionalSequenceLstmF32S8(
      context.state<LstmF32S8Params>(), WeightsOf<int8_t, float>(context),
      context.input<float>(kInput), context.variable<float>(kHidden),
      context.variable<float>(kCell), context.scratch<int8_t>(), context.output<float>(0));
  return {};
}

constexpr BuiltinOp kCode = BuiltinOp::kUnidirectionalSequenceLstm;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareInt8, EvalInt8>;
constexpr auto kInt16 = OpRow<kCode, TensorType::kInt16, PrepareInt16, EvalInt16>;
constexpr auto kFloat32 =
    WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kFloat32, PrepareFloat32, EvalFloat32>;
constexpr auto kFloat32Int8 = WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kInt8,
                                           PrepareFloat32Int8, EvalFloat32Int8>;

}  // namespace

const Op kUnidirectionalSequenceLstmInt8 = kInt8(nullptr);
const Op kUnidirectionalSequenceLstmInt16 = kInt16(nullptr);
const Op kUnidirectionalSequenceLstmFloat32 = kFloat32(nullptr);
const Op kUnidirectionalSequenceLstmFloat32Int8 = kFloat32Int8(nullptr);
const Op kUnidirectionalSequenceLstm = kOpChain<kInt8, kInt16, kFloat32, kFloat32Int8>;

}  // namespace midge
