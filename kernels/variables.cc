// SPDX-License-Identifier: Apache-2.0
//
// VarHandle, ReadVariable, AssignVariable: named variables, which keep their value from one
// Invoke() to the next.
//
// Shapes: everything that reads or assigns a variable has one type and shape.
// Numerics: Reset() sets a variable to zero, int8 ones to the zero point of the first tensor that
// is read from or assigned to them.
// Memory: a variable has a place of its own in the arena; the handle is that place, so reading and
// assigning copy. A variable that a subgraph uses must have a handle in the main graph too.
#include <cstring>

#include "midge/ops.h"

namespace midge {
namespace {

struct VariableState {
  uint32_t size_bytes;
  uint8_t zero;  // each byte of a variable that is reset
};

Status PrepareHandle(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(0, 0, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), TensorType::kResource));
  VarHandleOptions options;
  MIDGE_TRY(context.Options(&options));
  TensorView value;
  MIDGE_TRY(context.DeclareVariable(options, &value));
  const bool zero_point = value.type() == TensorType::kInt8;
  context.NewState<VariableState>() = {value.size_bytes(),
                                       static_cast<uint8_t>(zero_point ? value.zero_point() : 0)};
  if (context.in_main_graph()) context.RunAtReset();
  return {};
}

Status EvalHandle(const EvalContext& context, Rows) {
  if (context.moment() != EvalMoment::kClear) return {};
  const auto& state = context.state<VariableState>();
  if (state.size_bytes != 0) std::memset(context.output<uint8_t>(0), state.zero, state.size_bytes);
  return {};
}

struct CopyState {
  uint32_t size_bytes;
};

Status PrepareCopy(PrepareContext& context, int inputs, int outputs, Operand value) {
  MIDGE_TRY(context.ExpectOperands(inputs, inputs, outputs));
  MIDGE_TRY(context.ExpectType(Operand::Input(0), TensorType::kResource));
  MIDGE_TRY(context.ExpectLikeVariable(0, value));
  context.NewState<CopyState>() = {context.operand(value).size_bytes()};
  return {};
}

Status PrepareRead(PrepareContext& context) {
  return PrepareCopy(context, 1, 1, Operand::Output(0));
}
Status PrepareAssign(PrepareContext& context) {
  return PrepareCopy(context, 2, 0, Operand::Input(1));
}

void Copy(const EvalContext& context, uint8_t* to, const uint8_t* from) {
  const uint32_t size_bytes = context.state<CopyState>().size_bytes;
  if (size_bytes != 0) std::memcpy(to, from, size_bytes);
}

Status EvalRead(const EvalContext& context, Rows) {
  Copy(context, context.output<uint8_t>(0), context.input<uint8_t>(0));
  return {};
}

Status EvalAssign(const EvalContext& context, Rows) {
  Copy(context, context.variable<uint8_t>(0), context.input<uint8_t>(1));
  return {};
}

}  // namespace

const Op kAssignVariable = {
    BuiltinOp::kAssignVariable, TensorType::kAny, 0, nullptr, PrepareAssign, EvalAssign, nullptr};
const Op kReadVariable = {
    BuiltinOp::kReadVariable, TensorType::kAny, 0, nullptr, PrepareRead, EvalRead, nullptr};
const Op kVarHandle = {BuiltinOp::kVarHandle, TensorType::kAny, 0,      nullptr,
                       PrepareHandle,         EvalHandle,       nullptr};

}  // namespace midge
