// SPDX-License-Identifier: Apache-2.0
//
// Concatenation: tensors one after another along a dimension. parts.h has its contract.
//
// int8 operands have the output's parameters: nothing is rescaled. Those of uint8, which models of
// TF 1 have, need not: docs/NUMERICS.md "CONCATENATION".
#include <cstring>

#include "kernels/movable.h"
#include "kernels/parts.h"
#include "kernels/requant.h"
#include "midge/ops.h"

namespace midge {
namespace {

// Compared as bits: a comparison of floats costs a library call where there is no FPU.
bool SameParameters(const TensorView& a, const TensorView& b) {
  const float scale_a = a.scale(), scale_b = b.scale();
  return std::memcmp(&scale_a, &scale_b, sizeof scale_a) == 0 && a.zero_point() == b.zero_point();
}

Status PrepareRescaled(PrepareContext& context, int axis) {
  int32_t* table_of = nullptr;
  MIDGE_TRY(PrepareJoinByTables(context, axis, &table_of));
  const Result<QuantParam> to = context.PerTensor(Operand::Output(0));
  MIDGE_TRY(to.status());
  int32_t tables = 0;
  for (int i = 0; i < context.input_count(); ++i) {
    const Result<QuantParam> from = context.PerTensor(Operand::Input(i));
    MIDGE_TRY(from.status());
    const bool is_moved = SameParameters(context.input(i), context.output(0));
    uint8_t* const table = is_moved ? nullptr : context.NewArray<uint8_t>(256);
    if (table_of != nullptr) table_of[i] = is_moved ? -1 : tables++;
    if (table == nullptr) continue;
    const FloatRescaler rescale(from->scale, to->scale);
    for (int32_t q = 0; q < 256; ++q) {
      const int32_t value = rescale(q, from->zero_point) + to->zero_point;
      table[q] = static_cast<uint8_t>(Clamp(value, 0, UINT8_MAX));
    }
  }
  return {};
}

Status Prepare(PrepareContext& context) {
  const int inputs = context.input_count();
  MIDGE_TRY(context.ExpectOperands(inputs, inputs, 1));
  ConcatenationOptions options;
  MIDGE_TRY(context.Options(&options));
  if (options.activation != Activation::kNone) {
    return context.Error(StatusCode::kUnsupportedOption);
  }
  const TensorView output = context.output(0);
  const int axis = DimensionOf(options.axis, output.shape().rank());
  if (axis < 0) return context.Error(StatusCode::kBadOptions);
  for (int i = 0; ElementBits(output.type()) == 8 && i < inputs; ++i) {
    if (context.input(i).type() != output.type() || SameParameters(context.input(i), output)) {
      continue;
    }
    if (output.type() == TensorType::kUInt8) return PrepareRescaled(context, axis);
    return context.Error(StatusCode::kBadQuantization, Operand::Input(i));
  }
  return PrepareJoin(context, axis, false);
}

}  // namespace

const Op kConcatenation = {
    BuiltinOp::kConcatenation, TensorType::kAny, 0, nullptr, Prepare, EvalJoin, nullptr};

}  // namespace midge
