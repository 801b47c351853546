// SPDX-License-Identifier: Apache-2.0
//
// If, While: nodes that run other subgraphs of the model. CallOnce: one that runs at Reset().
//
// If:       output = condition ? then(input…) : else(input…)
// While:    output = input; while (condition(output…)) output = body(output…)
// CallOnce: init(), before the first Invoke() and after each Reset()
//
// Shapes: operands have the types and shapes of the subgraphs' inputs and outputs; a condition is
// one bool.
// Memory: a subgraph's tensors lie in the node's scratch, so subgraphs that never run at the same
// time share it; values are copied in and out.
// Bounds: all the loops of one Invoke() together make at most kMaxIterations rounds, else
// kTooManyIterations; subgraphs call each other kMaxCallDepth deep at most, so no subgraph can call
// itself.
#include <cstring>
#include <initializer_list>

#include "midge/model.h"
#include "midge/ops.h"

namespace midge {
namespace {

// Appends the program of a subgraph with this many operands.
Status Append(PrepareContext& context, int index, size_t inputs, size_t outputs,
              Subprogram* program, Model* graph) {
  if (index <= 0 || index >= context.model().subgraph_count()) {
    return context.Error(StatusCode::kBadIndex);
  }
  *graph = context.model().Subgraph(index);
  if (graph->inputs().size() != inputs || graph->outputs().size() != outputs) {
    return context.Error(StatusCode::kBadOperands);
  }
  return context.AppendSubgraph(index, program);
}

// That operands of the node are like tensors of a subgraph, in order.
Status ExpectAlike(const PrepareContext& context, Operand (*operand)(int), int first,
                   const Model& graph, Span<const int32_t> tensors) {
  int i = first;
  for (const int32_t t : tensors) {
    MIDGE_TRY(context.ExpectType(operand(i), graph.tensor_type(t)));
    MIDGE_TRY(context.ExpectShape(operand(i), graph.tensor_shape(t)));
    ++i;
  }
  return {};
}

// The sizes of operands, which the node's state keeps for copying.
void AppendSizes(PrepareContext& context, TensorView (PrepareContext::*operand)(int) const,
                 int first, int count) {
  uint32_t* const sizes = context.NewArray<uint32_t>(count);
  for (int i = 0; sizes != nullptr && i < count; ++i) {
    sizes[i] = (context.*operand)(first + i).size_bytes();
  }
}

bool IsTrue(const void* condition) { return *static_cast<const uint8_t*>(condition) != 0; }

void CopyBytes(void* to, const void* from, uint32_t size_bytes) {
  if (size_bytes != 0) std::memcpy(to, from, size_bytes);
}

struct IfState {
  Subprogram then_program, else_program;
};

Status PrepareIf(PrepareContext& context) {
  const int inputs = context.input_count() - 1, outputs = context.output_count();
  MIDGE_TRY(context.ExpectOperands(inputs + 1, inputs + 1, outputs));
  if (inputs < 0) return context.Error(StatusCode::kBadOperands);
  MIDGE_TRY(context.ExpectType(Operand::Input(0), TensorType::kBool));
  if (context.input_shape(0).elements() != 1) {
    return context.Error(StatusCode::kBadShape, Operand::Input(0));
  }
  IfOptions options;
  MIDGE_TRY(context.Options(&options));
  IfState state = {};
  IfState& kept = context.NewState<IfState>();
  AppendSizes(context, &PrepareContext::input, 1, inputs);
  AppendSizes(context, &PrepareContext::output, 0, outputs);
  for (const bool condition : {true, false}) {
    Model graph;
    MIDGE_TRY(Append(context, condition ? options.then_subgraph : options.else_subgraph,
                     static_cast<size_t>(inputs), static_cast<size_t>(outputs),
                     condition ? &state.then_program : &state.else_program, &graph));
    MIDGE_TRY(ExpectAlike(context, Operand::Input, 1, graph, graph.inputs()));
    MIDGE_TRY(ExpectAlike(context, Operand::Output, 0, graph, graph.outputs()));
  }
  kept = state;
  return {};
}

Status EvalIf(const EvalContext& context, Rows) {
  const auto& state = context.state<IfState>();
  const auto* const input_bytes = context.StateArray<uint32_t>(sizeof(IfState));
  const int inputs = context.input_count() - 1;
  const uint32_t* const output_bytes = input_bytes + inputs;
  const Subprogram program =
      IsTrue(context.input<uint8_t>(0)) ? state.then_program : state.else_program;
  for (int i = 0; i < inputs; ++i) {
    CopyBytes(context.SubgraphOperand(program, i), context.input<uint8_t>(1 + i), input_bytes[i]);
  }
  MIDGE_TRY(context.RunSubgraph(program));
  for (int i = 0; i < context.output_count(); ++i) {
    CopyBytes(context.output<uint8_t>(i), context.SubgraphOperand(program, inputs + i),
              output_bytes[i]);
  }
  return {};
}

struct WhileState {
  Subprogram condition, body;
};

Status PrepareWhile(PrepareContext& context) {
  const int operands = context.input_count();
  MIDGE_TRY(context.ExpectOperands(operands, operands, operands));
  WhileOptions options;
  MIDGE_TRY(context.Options(&options));
  WhileState state = {};
  WhileState& kept = context.NewState<WhileState>();
  AppendSizes(context, &PrepareContext::input, 0, operands);
  const auto count = static_cast<size_t>(operands);
  Model graph;
  MIDGE_TRY(Append(context, options.condition_subgraph, count, 1, &state.condition, &graph));
  MIDGE_TRY(ExpectAlike(context, Operand::Input, 0, graph, graph.inputs()));
  const int32_t condition = graph.outputs()[0];
  if (graph.tensor_type(condition) != TensorType::kBool ||
      graph.tensor_shape(condition).elements() != 1) {
    return context.Error(StatusCode::kBadShape);
  }
  MIDGE_TRY(Append(context, options.body_subgraph, count, count, &state.body, &graph));
  for (const auto& list : {graph.inputs(), graph.outputs()}) {
    MIDGE_TRY(ExpectAlike(context, Operand::Input, 0, graph, list));
    MIDGE_TRY(ExpectAlike(context, Operand::Output, 0, graph, list));
  }
  kept = state;
  return {};
}

Status EvalWhile(const EvalContext& context, Rows) {
  const auto& state = context.state<WhileState>();
  const auto* const bytes = context.StateArray<uint32_t>(sizeof(WhileState));
  const int operands = context.input_count();
  for (int i = 0; i < operands; ++i) {
    CopyBytes(context.output<uint8_t>(i), context.input<uint8_t>(i), bytes[i]);
  }
  for (;;) {
    for (int i = 0; i < operands; ++i) {
      CopyBytes(context.SubgraphOperand(state.condition, i), context.output<uint8_t>(i), bytes[i]);
    }
    MIDGE_TRY(context.RunSubgraph(state.condition));
    if (!IsTrue(context.SubgraphOperand(state.condition, operands))) return {};
    MIDGE_TRY(context.CountIteration());
    for (int i = 0; i < operands; ++i) {
      CopyBytes(context.SubgraphOperand(state.body, i), context.output<uint8_t>(i), bytes[i]);
    }
    MIDGE_TRY(context.RunSubgraph(state.body));
    for (int i = 0; i < operands; ++i) {
      CopyBytes(context.output<uint8_t>(i), context.SubgraphOperand(state.body, operands + i),
                bytes[i]);
    }
  }
}

Status PrepareCallOnce(PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(0, 0, 0));
  CallOnceOptions options;
  MIDGE_TRY(context.Options(&options));
  if (!context.in_main_graph()) return context.Error(StatusCode::kUnsupportedOption);
  Subprogram& kept = context.NewState<Subprogram>();
  Subprogram program = {};
  Model graph;
  MIDGE_TRY(Append(context, options.init_subgraph, 0, 0, &program, &graph));
  kept = program;
  context.RunAtReset();
  return {};
}

Status EvalCallOnce(const EvalContext& context, Rows) {
  if (context.moment() != EvalMoment::kInitialize) return {};
  return context.RunSubgraph(context.state<Subprogram>());
}

}  // namespace

const Op kCallOnce = {BuiltinOp::kCallOnce, TensorType::kAny, 0,      nullptr,
                      PrepareCallOnce,      EvalCallOnce,     nullptr};
const Op kIf = {BuiltinOp::kIf, TensorType::kAny, 0, nullptr, PrepareIf, EvalIf, nullptr};
const Op kWhile = {BuiltinOp::kWhile, TensorType::kAny, 0,      nullptr,
                   PrepareWhile,      EvalWhile,        nullptr};

}  // namespace midge
