// SPDX-License-Identifier: Apache-2.0
#include "kernels/batch_matmul.h"

#include <initializer_list>

#include "kernels/isa.h"
#include "kernels/loops.h"
#include "kernels/op_row.h"
#include "kernels/requant.h"
#include "kernels/weights.h"
#include "midge/ops.h"

namespace midge {
namespace {

enum : int { kA = 0, kB = 1 };

// Behind it the loops over batches, which move a and b on.
template <typename Params>
struct State {
  Params params;
  int32_t loop_count;
};

using Batches = LoopNest<2>;

// What all types check: operands, shapes.
Status PrepareShape(PrepareContext& context, TensorType type, TensorType b_type,
                    const BatchMatMulOptions& options, MatMulShape* shape, Batches* batches) {
  MIDGE_TRY(context.ExpectOperands(2, 2, 1));
  MIDGE_TRY(context.ExpectType(Operand::Input(kB), b_type));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), type));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kA), 2, kMaxRank));
  MIDGE_TRY(context.ExpectRank(Operand::Input(kB), 2, kMaxRank));
  const Shape a = context.input_shape(kA), b = context.input_shape(kB);
  const Shape output = context.output_shape(0);
  const int32_t a_columns = a.FromBack(0), b_columns = b.FromBack(0);
  shape->rows = a.FromBack(options.adj_x ? 0 : 1);
  shape->depth = a.FromBack(options.adj_x ? 1 : 0);
  shape->columns = b.FromBack(options.adj_y ? 1 : 0);
  shape->a_row_step = options.adj_x ? 1 : a_columns;
  shape->a_depth_step = options.adj_x ? a_columns : 1;
  shape->b_depth_step = options.adj_y ? 1 : b_columns;
  shape->b_column_step = options.adj_y ? b_columns : 1;
  if (b.FromBack(options.adj_y ? 0 : 1) != shape->depth) {
    return context.Error(StatusCode::kBadShape, Operand::Input(kB));
  }
  if (output.FromBack(1) != shape->rows || output.FromBack(0) != shape->columns) {
    return context.Error(StatusCode::kBadShape, Operand::Output(0));
  }
  for (int i = kMaxRank - 1; i >= 2; --i) {
    const int32_t extent = output.FromBack(i);
    for (const int k : {kA, kB}) {
      const int32_t of_operand = (k == kA ? a : b).FromBack(i);
      if (of_operand != extent && of_operand != 1) {
        return context.Error(StatusCode::kBadShape, Operand::Input(k));
      }
    }
    const auto step = [&](const Shape& operand) {
      return operand.FromBack(i) == 1 ? 0 : operand.Product(operand.rank() - i, operand.rank());
    };
    // Where neither operand has the extent, it is not that of their broadcast.
    if (extent != 1 && a.FromBack(i) == 1 && b.FromBack(i) == 1) {
      return context.Error(StatusCode::kBadShape, Operand::Output(0));
    }
    batches->Add({extent, {step(a), step(b)}});
  }
  return {};
}

// All operands of one type.
Status PrepareShape(PrepareContext& context, TensorType type, MatMulShape* shape,
                    Batches* batches) {
  BatchMatMulOptions options;
  MIDGE_TRY(context.Options(&options));
  return PrepareShape(context, type, type, options, shape, batches);
}

template <typename Params>
Status Keep(PrepareContext& context, const Params& params, const Batches& batches) {
  context.NewState<State<Params>>() = {params, batches.count};
  AppendLoops(context, batches);
  return {};
}

// Calls kernel(params, a, b, output) for each pair of a batch.
template <typename Params, typename A, typename B, typename Kernel>
Status EvalBatches(const EvalContext& context, const MatMulShape& shape, const Kernel& kernel) {
  const auto& state = context.state<State<Params>>();
  const A* const a = context.input<A>(kA);
  const B* const b = context.input<B>(kB);
  A* output = context.output<A>(0);
  ForEachIteration(context.StateArray<Loop<2>>(sizeof(State<Params>)), state.loop_count,
                   [&](const Offsets<2>& offsets) {
                     kernel(state.params, a + offsets.at[0], b + offsets.at[1], output);
                     output += shape.rows * shape.columns;
                   });
  return {};
}

struct Quantizations {
  QuantParam a, b, output;
};

Status ReadQuantizations(const PrepareContext& context, int32_t most_exponent, Quantizations* q,
                         QuantizedMultiplier* multiplier) {
  const Result<QuantParam> a = context.PerTensor(Operand::Input(kA));
  MIDGE_TRY(a.status());
  const Result<QuantParam> b = context.PerTensor(Operand::Input(kB));
  MIDGE_TRY(b.status());
  const Result<QuantParam> output = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(output.status());
  *q = {*a, *b, *output};
  *multiplier = MultiplierOfRatio(a->scale, b->scale, output->scale);
  return multiplier->exponent <= most_exponent
             ? Status()
             : context.Error(StatusCode::kBadQuantization, Operand::Output(0));
}

Status PrepareInt8(PrepareContext& context) {
  BatchMatMulS8Params params;
  Batches batches;
  Quantizations q;
  MIDGE_TRY(PrepareShape(context, TensorType::kInt8, &params.shape, &batches));
  MIDGE_TRY(ReadQuantizations(context, kMostExponent, &q, &params.multiplier));
  params.a_zero_point = static_cast<int16_t>(q.a.zero_point);
  params.b_zero_point = static_cast<int16_t>(q.b.zero_point);
  params.output_zero_point = static_cast<int16_t>(q.output.zero_point);
  return Keep(context, params, batches);
}
Status EvalInt8(const EvalContext& context, Rows) {
  return EvalBatches<BatchMatMulS8Params, int8_t, int8_t>(
      context, context.state<State<BatchMatMulS8Params>>().params.shape, isa::BatchMatMulS8);
}

Status PrepareInt16(PrepareContext& context) {
  BatchMatMulS16Params params;
  Batches batches;
  Quantizations q;
  MIDGE_TRY(PrepareShape(context, TensorType::kInt16, &params.shape, &batches));
  MIDGE_TRY(ReadQuantizations(context, kMostWideExponent, &q, &params.multiplier));
  if (q.a.zero_point != 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(kA));
  }
  if (q.b.zero_point != 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Input(kB));
  }
  if (q.output.zero_point != 0) {
    return context.Error(StatusCode::kBadQuantization, Operand::Output(0));
  }
  return Keep(context, params, batches);
}
Status EvalInt16(const EvalContext& context, Rows) {
  return EvalBatches<BatchMatMulS16Params, int16_t, int16_t>(
      context, context.state<State<BatchMatMulS16Params>>().params.shape, isa::BatchMatMulS16);
}

Status PrepareFloat32(PrepareContext& context) {
  MatMulShape shape;
  Batches batches;
  MIDGE_TRY(PrepareShape(context, TensorType::kFloat32, &shape, &batches));
  return Keep(context, shape, batches);
}
Status EvalFloat32(const EvalContext& context, Rows) {
  return EvalBatches<MatMulShape, float, float>(context, context.state<State<MatMulShape>>().params,
                                                isa::BatchMatMulF32);
}

Status PrepareFloat32Int8(PrepareContext& context) {
  BatchMatMulOptions options;
  MIDGE_TRY(context.Options(&options));
  BatchMatMulF32S8Params params;
  Batches batches;
  MIDGE_TRY(PrepareShape(context, TensorType::kFloat32, TensorType::kInt8, options, &params.shape,
                         &batches));
  const Result<QuantParam> b = context.PerTensor(Operand::Input(kB));
  MIDGE_TRY(b.status());
  params.b_scale = b->scale;
  params.asymmetric = options.asymmetric_quantize_inputs;
  context.RequestScratch(params.scratch_bytes());
  return Keep(context, params, batches);
}
Status EvalFloat32Int8(const EvalContext& context, Rows) {
  using Params = BatchMatMulF32S8Params;
  auto* const scratch = context.scratch<uint8_t>();
  return EvalBatches<Params, float, int8_t>(
      context, context.state<State<Params>>().params.shape,
      [=](const Params& params, const float* a, const int8_t* b, float* output) {
        isa::BatchMatMulF32S8(params, a, b, scratch, output);
      });
}

constexpr BuiltinOp kCode = BuiltinOp::kBatchMatMul;
constexpr auto kInt8 = OpRow<kCode, TensorType::kInt8, PrepareInt8, EvalInt8>;
constexpr auto kInt16 = OpRow<kCode, TensorType::kInt16, PrepareInt16, EvalInt16>;
constexpr auto kFloat32 =
    WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kFloat32, PrepareFloat32, EvalFloat32>;
constexpr auto kFloat32Int8 = WeightsOpRow<kCode, TensorType::kFloat32, TensorType::kInt8,
                                           PrepareFloat32Int8, EvalFloat32Int8>;

}  // namespace

const Op kBatchMatMulInt8 = kInt8(nullptr);
const Op kBatchMatMulInt16 = kInt16(nullptr);
const Op kBatchMatMulFloat32 = kFloat32(nullptr);
const Op kBatchMatMulFloat32Int8 = kFloat32Int8(nullptr);
const Op kBatchMatMul = kOpChain<kInt8, kFloat32, kInt16, kFloat32Int8>;

}  // namespace midge
