// SPDX-License-Identifier: Apache-2.0
#include "midge/describe.h"

#include "midge/config.h"
#include "model/refused_model.h"
#include "prepare_node.h"
#include "text_writer.h"

namespace midge {
namespace {

using Writer = internal::TextWriter;

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
    {StatusCode::kBadIndex, "refers to a tensor, buffer, op code or subgraph that does not exist"},
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
  const int rank = tensor.shape().rank();
  for (int i = 0; i < rank && i < kMaxRank; ++i) {
    out.Char(i == 0 ? ' ' : 'x');
    out.Number(tensor.shape()[i]);
  }
  out.Text(rank > kMaxRank ? "x…]" : "]");
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

// A Status's node or tensor in its graph.
struct Place {
  Model graph;
  int graph_index = 0;
  int number = -1;  // in the graph
  NodeView node = {};
  bool has_node = false;
  int32_t tensor = -1;  // that the Status names, by itself or as an operand
};

Place PlaceOf(Status status, const Model& model) {
  Place place;
  const bool is_tensor = status.tensor() >= 0;
  place.number = is_tensor ? status.tensor() : status.node();
  if (model.bytes().empty() || (!is_tensor && status.node() == Status::kNoNode)) return place;
  place.graph = GraphOf(model, place.number, is_tensor, &place.graph_index);
  place.number -= is_tensor ? place.graph.first_tensor() : place.graph.first_node();
  if (is_tensor) {
    place.tensor = place.number < place.graph.tensor_count() ? place.number : -1;
    return place;
  }
  place.has_node = place.number < place.graph.node_count();
  if (!place.has_node) return place;
  place.node = place.graph.node(place.number);
  const Operand operand = status.operand();
  const Span<const int32_t> list = operand.is_output() ? place.node.outputs : place.node.inputs;
  if (!operand.is_none() && static_cast<size_t>(operand.index()) < list.size()) {
    place.tensor = list[static_cast<size_t>(operand.index())];
  }
  return place;
}

// "node 12 (CONV_2D), input 1 [weights, INT8 8x3x3x4]: ", as far as it applies.
void WritePlace(Writer& out, Status status, const Place& place) {
  const bool is_tensor = status.tensor() >= 0;
  if (!is_tensor && status.node() == Status::kNoNode) return;
  out.Text(is_tensor ? "tensor " : "node ");
  out.Number(place.number);
  if (place.graph_index != 0) {
    out.Text(" of subgraph ");
    out.Number(place.graph_index);
  }
  if (place.has_node) {
    out.Text(" (");
    WriteOp(out, place.node);
    out.Char(')');
  }
  if (const Operand operand = status.operand(); !is_tensor && !operand.is_none()) {
    out.Text(operand.is_output() ? ", output " : ", input ");
    out.Number(operand.index());
  }
  WriteTensor(out, place.graph, place.tensor);
  out.Text(": ");
}

// The ops of ops.h, whose names BuiltinOp shares.
bool IsKnown(BuiltinOp code) {
  char symbol[40];
  return OpSymbol(code, symbol)[0] != '\0';
}

void WriteRegister(Writer& out, BuiltinOp code) {
  char symbol[40];
  out.Text("; register midge::");
  out.Text(OpSymbol(code, symbol));
}

void WriteMissingOp(Writer& out, const NodeView& node) {
  if (node.code == BuiltinOp::kCustom) {
    out.Text("; register an Op with this custom_name");
  } else if (IsKnown(node.code)) {
    WriteRegister(out, node.code);
  } else {
    out.Text(", and Midge has none; write it as an Op of your own");
  }
}

// The n-th row for the op, in the order in which rows are looked for; null behind the last.
const Op* RowOf(const OpResolverView& ops, BuiltinOp code, int n) {
  for (int i = 0; i < ops.count(); ++i) {
    for (const Op* op = &ops.row(i); op != nullptr; op = op->next) {
      if (op->code == code && n-- == 0) return op;
    }
  }
  return nullptr;
}

// "; its rows take INT8, FLOAT32; register midge::kAdd, …"
void WriteRows(Writer& out, const OpResolverView& ops, const Place& place, Operand operand) {
  const auto type_of = [&](const Op& op) {
    return operand.index() == op.key_input ? op.type : op.weights_type;
  };
  const BuiltinOp code = place.node.code;
  const char* before = "; its rows take ";
  for (int n = 0; RowOf(ops, code, n) != nullptr; ++n) {
    const TensorType type = type_of(*RowOf(ops, code, n));
    int same = 0;
    while (type_of(*RowOf(ops, code, same)) != type) ++same;
    if (same < n) continue;  // said already
    out.Text(before);
    out.Text(TypeName(type));
    before = ", ";
  }
  if (IsKnown(code)) {
    WriteRegister(out, code);
    out.Text(" for all types that Midge has");
  }
}

// Who else writes the tensor; -1 if nobody does.
int WriterOf(const Model& graph, int32_t tensor) {
  for (int n = 0; n < graph.node_count(); ++n) {
    for (const int32_t t : graph.node(n).outputs) {
      if (t == tensor) return n;
    }
  }
  return -1;
}

void WriteWriter(Writer& out, const Place& place, const char* nobody) {
  const int writer = WriterOf(place.graph, place.tensor);
  if (writer < 0) {
    out.Text(nobody);
    return;
  }
  out.Text("; node ");
  out.Number(writer);
  out.Text(" (");
  WriteOp(out, place.graph.node(writer));
  out.Text(") writes it");
}

void WriteScale(Writer& out, const Span<const float> scales) {
  for (size_t i = 0; i < scales.size(); ++i) {
    uint32_t bits;
    std::memcpy(&bits, &scales[i], sizeof bits);
    if (bits - 1 < 0x7f800000u - 1) continue;
    out.Text("; scale ");
    out.Number(static_cast<int64_t>(i));
    out.Text((bits & 0x7fffffffu) > 0x7f800000u ? " is not a number"
             : bits << 1 == 0                   ? " is 0"
             : bits == 0x7f800000u              ? " is infinite"
                                                : " is negative");
    return;
  }
}

// What was found, by looking at the model again.
void WriteFound(Writer& out, Status status, const Place& place) {
  const TensorView tensor = place.tensor >= 0 ? place.graph.tensor(place.tensor) : TensorView();
  switch (status.code()) {
    case StatusCode::kUnsupportedOpVersion:
      out.Text("; it is ");
      out.Number(place.node.version);
      out.Text(", and may be up to ");
      out.Number(kMaxOpVersion);
      break;
    case StatusCode::kTooLarge:
      if (tensor.shape().rank() > kMaxRank) {
        out.Text("; it has ");
        out.Count(tensor.shape().rank(), "dimension");
        out.Text(", and may have up to ");
        out.Number(kMaxRank);
      }
      break;
    case StatusCode::kBadOperands:
      if (!place.has_node) break;
      out.Text("; it has ");
      out.Count(static_cast<int64_t>(place.node.inputs.size()), "input");
      out.Text(" and ");
      out.Count(static_cast<int64_t>(place.node.outputs.size()), "output");
      break;
    case StatusCode::kForeignOptions:
      out.Text("; they are of type ");
      out.Number(place.node.options_type);
      break;
    case StatusCode::kNotWritten:
      WriteWriter(out, place, "; no node does");
      break;
    case StatusCode::kWrittenTwice:
      WriteWriter(out, place, "");
      break;
    case StatusCode::kBadQuantization:
      out.Text("; it has ");
      out.Count(static_cast<int64_t>(tensor.quantization().scales().size()), "scale");
      out.Text(" and ");
      out.Count(tensor.quantization().zero_point_count(), "zero point");
      break;
    case StatusCode::kBadScale:
      WriteScale(out, tensor.quantization().scales());
      break;
    case StatusCode::kBadZeroPoint:
      if (tensor.quantization().zero_point_count() == 0) break;
      out.Text("; it is ");
      out.Number(tensor.quantization().zero_point(0));
      break;
    case StatusCode::kBadQuantizedDimension:
      out.Text("; it is dimension ");
      out.Number(tensor.quantization().dimension());
      break;
    case StatusCode::kMissingOp:
      WriteMissingOp(out, place.node);
      break;
    case StatusCode::kTooDeep:
      out.Text("; they may call each other ");
      out.Number(kMaxCallDepth);
      out.Text(" deep");
      break;
    case StatusCode::kTooManyIterations:
      out.Text("; all loops together may make ");
      out.Number(kMaxIterations);
      break;
    default:
      break;
  }
}

// What a shape does not agree with, where the op names no one shape that it needs.
void WriteOtherShapes(Writer& out, Operand at_fault, const Place& place) {
  const char* before = "; beside ";
  for (const bool outputs : {false, true}) {
    const Span<const int32_t> list = outputs ? place.node.outputs : place.node.inputs;
    for (size_t i = 0; i < list.size(); ++i) {
      const int number = static_cast<int>(i);
      const Operand operand = outputs ? Operand::Output(number) : Operand::Input(number);
      if (list[i] < 0 || operand.bits() == at_fault.bits()) continue;
      out.Text(before);
      out.Text(outputs ? "output " : "input ");
      out.Number(number);
      WriteTensor(out, place.graph, list[i]);
      before = ", ";
    }
  }
}

// What would have been right: the op's Prepare says it when it is asked once more.
void WriteNeeded(Writer& out, Status status, const OpResolverView& ops, const Place& place) {
  internal::PrepareState state = {};
  internal::NodePlan plan;
  state.ops = &ops;
  state.model = &place.graph;
  state.node = place.node;
  state.node_index = status.node();
  state.plan = &plan;
  state.nodes_left = kMaxNodes;
  state.needed = internal::kNothingNeeded;
  if (internal::PrepareNode(ops, state) != status) return;
  const uint32_t needed = state.needed;
  if (needed == internal::kNothingNeeded) {
    if (status.code() == StatusCode::kBadShape) WriteOtherShapes(out, status.operand(), place);
    return;
  }
  out.Text("; needs ");
  const auto number = static_cast<int64_t>(needed & 0xff);
  switch (status.code()) {
    case StatusCode::kUnsupportedType:
      out.Text(TypeName(static_cast<TensorType>(needed)));
      break;
    case StatusCode::kBadShape:
      if ((needed & internal::kNeedsShape) != 0) {
        if (number == 0) out.Text("one element");
        out.Dims(state.needed_dims, static_cast<int>(number));
        break;
      }
      out.Number(number);
      if (needed >> 8 != needed % 256) {
        out.Text(" to ");
        out.Number(needed >> 8);
      }
      out.Text(" dimensions");
      break;
    case StatusCode::kBadQuantization:
      out.Count(needed, "scale");
      break;
    default:
      out.Text("dimension ");
      out.Number(needed);
      break;
  }
}

void WriteDetails(Writer& out, Status status, const Place& place) {
  out.Text(TextOf(status.code()));
  if (place.has_node || place.tensor >= 0) WriteFound(out, status, place);
}

}  // namespace

const char* OpSymbol(BuiltinOp code, Span<char> buffer) {
  // Words that the format does not take apart, and abbreviations.
  struct Exception {
    BuiltinOp code;
    const char* symbol;
  };
  constexpr Exception kExceptions[] = {{BuiltinOp::kBatchMatMul, "kBatchMatMul"},
                                       {BuiltinOp::kBatchToSpaceND, "kBatchToSpaceND"},
                                       {BuiltinOp::kCumSum, "kCumSum"},
                                       {BuiltinOp::kGatherND, "kGatherND"},
                                       {BuiltinOp::kPadV2, "kPadV2"},
                                       {BuiltinOp::kScatterND, "kScatterND"},
                                       {BuiltinOp::kSpaceToBatchND, "kSpaceToBatchND"},
                                       {BuiltinOp::kTopKV2, "kTopKV2"}};
  Writer out(buffer);
  switch (code) {
    case BuiltinOp::kAdd:
    case BuiltinOp::kAveragePool2D:
    case BuiltinOp::kConcatenation:
    case BuiltinOp::kConv2D:
    case BuiltinOp::kDepthwiseConv2D:
    case BuiltinOp::kDepthToSpace:
    case BuiltinOp::kDequantize:
    case BuiltinOp::kEmbeddingLookup:
    case BuiltinOp::kFloor:
    case BuiltinOp::kFullyConnected:
    case BuiltinOp::kL2Normalization:
    case BuiltinOp::kLogistic:
    case BuiltinOp::kMaxPool2D:
    case BuiltinOp::kMul:
    case BuiltinOp::kRelu:
    case BuiltinOp::kReluN1To1:
    case BuiltinOp::kRelu6:
    case BuiltinOp::kReshape:
    case BuiltinOp::kResizeBilinear:
    case BuiltinOp::kSoftmax:
    case BuiltinOp::kSpaceToDepth:
    case BuiltinOp::kSvdf:
    case BuiltinOp::kTanh:
    case BuiltinOp::kPad:
    case BuiltinOp::kGather:
    case BuiltinOp::kBatchToSpaceND:
    case BuiltinOp::kSpaceToBatchND:
    case BuiltinOp::kTranspose:
    case BuiltinOp::kMean:
    case BuiltinOp::kSub:
    case BuiltinOp::kDiv:
    case BuiltinOp::kSqueeze:
    case BuiltinOp::kUnidirectionalSequenceLstm:
    case BuiltinOp::kStridedSlice:
    case BuiltinOp::kExp:
    case BuiltinOp::kTopKV2:
    case BuiltinOp::kSplit:
    case BuiltinOp::kLogSoftmax:
    case BuiltinOp::kCast:
    case BuiltinOp::kPrelu:
    case BuiltinOp::kMaximum:
    case BuiltinOp::kArgMax:
    case BuiltinOp::kMinimum:
    case BuiltinOp::kLess:
    case BuiltinOp::kNeg:
    case BuiltinOp::kPadV2:
    case BuiltinOp::kGreater:
    case BuiltinOp::kGreaterEqual:
    case BuiltinOp::kLessEqual:
    case BuiltinOp::kSelect:
    case BuiltinOp::kSlice:
    case BuiltinOp::kSin:
    case BuiltinOp::kTransposeConv:
    case BuiltinOp::kTile:
    case BuiltinOp::kExpandDims:
    case BuiltinOp::kEqual:
    case BuiltinOp::kNotEqual:
    case BuiltinOp::kLog:
    case BuiltinOp::kSum:
    case BuiltinOp::kSqrt:
    case BuiltinOp::kRsqrt:
    case BuiltinOp::kShape:
    case BuiltinOp::kPow:
    case BuiltinOp::kArgMin:
    case BuiltinOp::kReduceProd:
    case BuiltinOp::kReduceMax:
    case BuiltinOp::kPack:
    case BuiltinOp::kLogicalOr:
    case BuiltinOp::kOneHot:
    case BuiltinOp::kLogicalAnd:
    case BuiltinOp::kLogicalNot:
    case BuiltinOp::kUnpack:
    case BuiltinOp::kReduceMin:
    case BuiltinOp::kFloorDiv:
    case BuiltinOp::kReduceAny:
    case BuiltinOp::kSquare:
    case BuiltinOp::kZerosLike:
    case BuiltinOp::kFill:
    case BuiltinOp::kFloorMod:
    case BuiltinOp::kRange:
    case BuiltinOp::kResizeNearestNeighbor:
    case BuiltinOp::kLeakyRelu:
    case BuiltinOp::kSquaredDifference:
    case BuiltinOp::kMirrorPad:
    case BuiltinOp::kAbs:
    case BuiltinOp::kSplitV:
    case BuiltinOp::kCeil:
    case BuiltinOp::kReverseV2:
    case BuiltinOp::kAddN:
    case BuiltinOp::kGatherND:
    case BuiltinOp::kCos:
    case BuiltinOp::kWhere:
    case BuiltinOp::kRank:
    case BuiltinOp::kElu:
    case BuiltinOp::kQuantize:
    case BuiltinOp::kRound:
    case BuiltinOp::kHardSwish:
    case BuiltinOp::kIf:
    case BuiltinOp::kWhile:
    case BuiltinOp::kScatterND:
    case BuiltinOp::kSelectV2:
    case BuiltinOp::kBatchMatMul:
    case BuiltinOp::kCumSum:
    case BuiltinOp::kCallOnce:
    case BuiltinOp::kBroadcastTo:
    case BuiltinOp::kReduceAll:
    case BuiltinOp::kVarHandle:
    case BuiltinOp::kReadVariable:
    case BuiltinOp::kAssignVariable:
    case BuiltinOp::kBroadcastArgs:
    case BuiltinOp::kGelu:
    case BuiltinOp::kDynamicUpdateSlice:
      break;
    default:
      return buffer.data();
  }
  for (const Exception& exception : kExceptions) {
    if (exception.code != code) continue;
    out.Text(exception.symbol);
    return buffer.data();
  }
  out.Char('k');
  bool word_begins = true;
  for (const char* c = OpName(code); *c != '\0'; ++c) {
    if (*c == '_') {
      word_begins = true;
      continue;
    }
    const bool is_letter = *c >= 'A' && *c <= 'Z';
    out.Char(is_letter && !word_begins ? static_cast<char>(*c + ('a' - 'A')) : *c);
    word_begins = !is_letter && word_begins;
  }
  return buffer.data();
}

const char* Describe(Status status, const Model& model, Span<char> buffer) {
  Writer out(buffer);
  const Place place = PlaceOf(status, model);
  WritePlace(out, status, place);
  WriteDetails(out, status, place);
  return buffer.data();
}

const char* Describe(Status status, Span<const uint8_t> model_bytes, Span<char> buffer) {
  Writer out(buffer);
  internal::WriteRefusedPlace(out, status, model_bytes);
  if (!internal::WriteRefusedDetail(out, status, model_bytes)) out.Text(TextOf(status.code()));
  return buffer.data();
}

const char* Describe(Status status, const Interpreter& interpreter, Span<char> buffer) {
  const Model& model = interpreter.model();
  if (!status.ok() && model.bytes().empty()) {
    return Describe(status, interpreter.model_bytes(), buffer);
  }
  Writer out(buffer);
  if (status.code() != StatusCode::kArenaTooSmall) {
    const Place place = PlaceOf(status, model);
    WritePlace(out, status, place);
    WriteDetails(out, status, place);
    if (!place.has_node) return buffer.data();
    if (status.code() == StatusCode::kMissingKernel) {
      WriteRows(out, interpreter.ops(), place, status.operand());
    } else {
      WriteNeeded(out, status, interpreter.ops(), place);
    }
    return buffer.data();
  }
  const ArenaUsage usage = interpreter.arena_usage();
  if (usage.activations_apart && usage.total_bytes() <= interpreter.arena_bytes()) {
    out.Text("block of activations too small: needs ");
    out.Number(usage.activation_bytes);
    out.Text(" bytes");
    return buffer.data();
  }
  out.Text("arena too small: needs ");
  out.Number(static_cast<int64_t>(interpreter.arena_used_bytes()));
  out.Text(" bytes, has ");
  out.Number(static_cast<int64_t>(interpreter.arena_bytes()));
  return buffer.data();
}

}  // namespace midge
