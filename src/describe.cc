// SPDX-License-Identifier: Apache-2.0
#include "midge/describe.h"

namespace midge {
namespace {

// Appends to a buffer, always NUL-terminated, and drops what does not fit.
class Writer {
 public:
  explicit Writer(Span<char> buffer) : buffer_(buffer) { Terminate(); }

  void Text(const char* text) {
    while (*text != '\0') Char(*text++);
  }
  void Text(Span<const char> text) {
    for (const char c : text) Char(c);
  }
  void Number(uint32_t value) {
    char digits[10];
    int count = 0;
    do {
      digits[count++] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    while (count > 0) Char(digits[--count]);
  }
  void Number(int value) {  // int32_t is `long` on Arm
    if (value < 0) Char('-');
    Number(value < 0 ? 0u - static_cast<uint32_t>(value) : static_cast<uint32_t>(value));
  }

 private:
  void Char(char c) {
    if (length_ + 1 >= buffer_.size()) return;
    buffer_[length_++] = c;
    Terminate();
  }
  void Terminate() {
    if (length_ < buffer_.size()) buffer_[length_] = '\0';
  }

  Span<char> buffer_;
  size_t length_ = 0;
};

struct CodeText {
  StatusCode code;
  const char* text;
};

constexpr CodeText kTexts[] = {
    {StatusCode::kOk, "ok"},
    {StatusCode::kNotAModel, "these bytes are not a .tflite model (no TFL3 identifier)"},
    {StatusCode::kCorruptModel, "the model is corrupt or cut short"},
    {StatusCode::kUnsupportedSchemaVersion, "the model's schema version is not 3"},
    {StatusCode::kUnsupportedOpVersion, "the op's version is one that no op has"},
    {StatusCode::kTooLarge, "larger than a limit in midge/config.h"},
    {StatusCode::kBadIndex, "refers to a tensor, buffer or op code that does not exist"},
    {StatusCode::kBadShape, "has a shape that does not fit the op"},
    {StatusCode::kBadBufferSize, "has data whose length differs from its shape and type"},
    {StatusCode::kNotWritten, "is read, but nothing has written it before"},
    {StatusCode::kWrittenTwice, "is written by an earlier node as well"},
    {StatusCode::kWritesInput, "is an input of the graph and may not be written"},
    {StatusCode::kWritesConstant, "is a constant or a variable and may not be written"},
    {StatusCode::kBadGraph,
     "is not of the kind that is needed here: an input that is no constant, "
     "a variable, or a variable's handle"},
    {StatusCode::kTooDeep, "calls subgraphs that call each other too deep, or themselves"},
    {StatusCode::kBadOperands, "wrong number of operands, or a required one is missing"},
    {StatusCode::kMissingOptions, "its options are missing"},
    {StatusCode::kForeignOptions, "its options are those of another op"},
    {StatusCode::kBadOptions, "its options are out of range"},
    {StatusCode::kBadQuantization,
     "has scales or zero points that are missing, of the wrong number, or of no use to the op"},
    {StatusCode::kBadScale,
     "has a scale that is not above zero and finite, or not what the op fixes"},
    {StatusCode::kBadZeroPoint, "has a zero point beyond its type, or not what the op fixes"},
    {StatusCode::kBadQuantizedDimension, "has scales along another dimension than its channels"},
    {StatusCode::kUnsupportedType, "has a type that this op does not take"},
    {StatusCode::kUnsupportedOption, "uses an option that Midge does not implement"},
    {StatusCode::kNotConstant, "must be a constant"},
    {StatusCode::kNoPlan, "the model has no embedded plan: run `midge plan` on it"},
    {StatusCode::kBadPlan,
     "the embedded plan is not for this model, these ops or this library: run `midge plan` again"},
    {StatusCode::kBadOfflinePlan,
     "the metadata OfflineMemoryAllocation is damaged, or places it misaligned or over another"},
    {StatusCode::kMissingOp, "its op is not in the resolver"},
    {StatusCode::kMissingKernel, "the resolver has its op, but not for this type"},
    {StatusCode::kArenaTooSmall, "the arena is too small"},
    {StatusCode::kArenaMisaligned, "the arena must be aligned: alignas(16)"},
    {StatusCode::kModelMisaligned, "the model must be aligned: alignas(16)"},
    {StatusCode::kInvalidArgument, "invalid argument"},
    {StatusCode::kNotAllocated, "AllocateTensors() has not succeeded"},
    {StatusCode::kTooManyRows, "more rows than the input has: RestartRows() begins the next one"},
    {StatusCode::kInputIsFed, "this plan takes the input row by row: use InvokeRows()"},
    {StatusCode::kStopped, "stopped by the monitor"},
    {StatusCode::kBadData, "holds an index that is out of range"},
    {StatusCode::kOpFailed, "the op reported failure"},
    {StatusCode::kTooManyIterations,
     "loops do not end: more rounds than a limit in midge/config.h"},
};

const char* TextOf(StatusCode code) {
  for (const CodeText& entry : kTexts) {
    if (entry.code == code) return entry.text;
  }
  return "unknown status";
}

void WriteOp(Writer& out, const NodeView& node) {
  if (node.code == BuiltinOp::kCustom) {
    out.Text("custom op ");
    out.Text(node.custom_name);
  } else {
    out.Text(OpName(node.code));
  }
}

void WriteTensor(Writer& out, const Model& model, int32_t index) {
  if (index < 0 || index >= model.tensor_count()) return;
  const TensorView tensor = model.tensor(index);
  out.Text(" [");
  if (const Span<const char> name = model.tensor_name(index); !name.empty()) {
    out.Text(name);
    out.Text(", ");
  }
  out.Text(TypeName(tensor.type()));
  for (int i = 0; i < tensor.shape().rank(); ++i) {
    out.Text(i == 0 ? " " : "x");
    out.Number(static_cast<int>(tensor.shape()[i]));
  }
  out.Text("]");
}

// The graph of the number that a node (or a tensor) has over all graphs.
Model GraphOf(const Model& model, int number, bool tensor, int* graph) {
  Model found = model;
  for (*graph = 0; *graph + 1 < model.subgraph_count(); ++*graph) {
    const Model next = model.Subgraph(*graph + 1);
    if (number < (tensor ? next.first_tensor() : next.first_node())) break;
    found = next;
  }
  return found;
}

// "node 12 (CONV_2D), input 1 [weights, INT8 8x3x3x4]: ", as far as it applies.
void WritePlace(Writer& out, Status status, const Model& model) {
  const bool is_tensor = status.tensor() >= 0;
  if (!is_tensor && status.node() == Status::kNoNode) return;
  int number = is_tensor ? status.tensor() : status.node();
  Model graph;
  int graph_index = 0;
  if (!model.bytes().empty()) {
    graph = GraphOf(model, number, is_tensor, &graph_index);
    number -= is_tensor ? graph.first_tensor() : graph.first_node();
  }
  out.Text(is_tensor ? "tensor " : "node ");
  out.Number(number);
  if (graph_index != 0) {
    out.Text(" of subgraph ");
    out.Number(graph_index);
  }
  if (is_tensor) {
    if (!model.bytes().empty()) WriteTensor(out, graph, number);
    out.Text(": ");
    return;
  }
  const bool known = !model.bytes().empty() && number < graph.node_count();
  const NodeView node = known ? graph.node(number) : NodeView{};
  if (known) {
    out.Text(" (");
    WriteOp(out, node);
    out.Text(")");
  }
  if (const Operand operand = status.operand(); !operand.is_none()) {
    out.Text(operand.is_output() ? ", output " : ", input ");
    out.Number(operand.index());
    const Span<const int32_t> list = operand.is_output() ? node.outputs : node.inputs;
    if (static_cast<size_t>(operand.index()) < list.size()) {
      WriteTensor(out, graph, list[static_cast<size_t>(operand.index())]);
    }
  }
  out.Text(": ");
}

}  // namespace

const char* Describe(Status status, const Model& model, Span<char> buffer) {
  Writer out(buffer);
  WritePlace(out, status, model);
  out.Text(TextOf(status.code()));
  return buffer.data();
}

const char* Describe(Status status, const Interpreter& interpreter, Span<char> buffer) {
  if (status.code() != StatusCode::kArenaTooSmall) {
    return Describe(status, interpreter.model(), buffer);
  }
  Writer out(buffer);
  const ArenaUsage usage = interpreter.arena_usage();
  if (usage.activations_apart && usage.total_bytes() <= interpreter.arena_bytes()) {
    out.Text("block of activations too small: needs ");
    out.Number(usage.activation_bytes);
    out.Text(" bytes");
    return buffer.data();
  }
  out.Text("arena too small: needs ");
  out.Number(static_cast<uint32_t>(interpreter.arena_used_bytes()));
  out.Text(" bytes, has ");
  out.Number(static_cast<uint32_t>(interpreter.arena_bytes()));
  return buffer.data();
}

}  // namespace midge
