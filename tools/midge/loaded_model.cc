// SPDX-License-Identifier: Apache-2.0
#include "loaded_model.h"

#include <algorithm>
#include <cctype>
#include <cstdarg>

#include "allocate.h"
#include "command_line.h"
#include "float16_source.h"
#include "layers.h"
#include "midge/all_ops.h"
#include "midge/describe.h"
#include "midge/ops_by_rows.h"
#include "plan_file.h"
#include "prepare_node.h"

namespace midge_tool {
namespace {

using midge::BuiltinOp;
using midge::Model;
using midge::NodeView;
using midge::Op;
using midge::StatusCode;
using midge::TensorType;

// "FLOAT32" -> "Float32", "UINT8" -> "UInt8": how ops.h forms the names of rows.
std::string Suffix(TensorType type) {
  std::string name = midge::TypeName(type);
  for (size_t i = name[0] == 'U' ? 2 : 1; i < name.size(); ++i) {
    name[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return name;
}

constexpr midge::OpResolver kByRows{&midge::kAveragePool2DInt8ByRows,
                                    &midge::kAveragePool2DInt16ByRows,
                                    &midge::kAveragePool2DFloat32ByRows,
                                    &midge::kMaxPool2DInt8ByRows,
                                    &midge::kMaxPool2DInt16ByRows,
                                    &midge::kMaxPool2DFloat32ByRows,
                                    &midge::kMeanInt8ByRows,
                                    &midge::kMeanInt16ByRows,
                                    &midge::kMeanFloat32ByRows};

bool IsByRows(const Op& row) {
  const midge::OpResolverView ops = kByRows;
  for (int i = 0; i < ops.count(); ++i) {
    if (&ops.row(i) == &row) return true;
  }
  return false;
}

std::string SymbolOf(const Op& row) {
  // Weights are int8 for quantized activations and of the activations' type for others, or named.
  const bool quantized = row.type == TensorType::kInt8 || row.type == TensorType::kInt16;
  const TensorType usual = quantized ? TensorType::kInt8 : row.type;
  char name[40];
  std::string symbol = midge::OpSymbol(row.code, name);
  // An op of one row has no other name.
  const midge::OpResolverView ops = midge::kAllOps;
  for (int i = 0; i < ops.count(); ++i) {
    if (ops.row(i).code == row.code && ops.row(i).next == nullptr) return symbol;
  }
  if (row.type != TensorType::kAny) symbol += Suffix(row.type);
  if (row.weights_type != TensorType::kAny && row.weights_type != usual) {
    symbol += Suffix(row.weights_type);
  }
  if (IsByRows(row)) symbol += "ByRows";
  return symbol;
}

// The type of input i, kAny if it is absent.
TensorType InputType(const Model& model, const NodeView& node, size_t i) {
  return i < node.inputs.size() && node.inputs[i] >= 0 ? model.tensor(node.inputs[i]).type()
                                                       : TensorType::kAny;
}

const Op* RowIn(midge::OpResolverView ops, const Model& model, const NodeView& node) {
  for (int i = 0; i < ops.count(); ++i) {
    for (const Op* row = &ops.row(i); row != nullptr; row = row->next) {
      if (midge::internal::CheckServes(*row, model, node, midge::internal::Float16Source).ok())
        return row;
    }
  }
  return nullptr;
}

// The row that serves a node; null if there is none. Midge's own rows are never custom ops.
const Op* RowFor(const Model& model, const NodeView& node, bool by_rows) {
  const Op* const row = by_rows ? RowIn(kByRows, model, node) : nullptr;
  return row != nullptr ? row : RowIn(midge::kAllOps, model, node);
}

std::string OperandTypes(const Model& model, midge::Span<const int32_t> tensors) {
  std::string text;
  for (const int32_t t : tensors) {
    if (!text.empty()) text += ",";
    text += t < 0 ? "-" : midge::TypeName(model.tensor(t).type());
  }
  return text;
}

// Describe() and, since the op itself is missing, the types of its operands.
std::string DescribeFor(const midge::Interpreter& interpreter, midge::Status status) {
  const Model& model = interpreter.model();
  char text[512];
  std::string line = Describe(status, interpreter, text);
  if (status.code() == StatusCode::kMissingOp) {
    const NodeView node = model.node(status.node());
    line += " (types " + OperandTypes(model, node.inputs) + " -> " +
            OperandTypes(model, node.outputs) + ")";
  }
  return line;
}

void AddUsedOps(const Model& graph, bool by_rows, std::vector<UsedOp>* ops) {
  for (int n = 0; n < graph.node_count(); ++n) {
    const NodeView node = graph.node(n);
    const Op* row = RowFor(graph, node, by_rows);
    UsedOp op = {OpNameOf(node), "", row != nullptr ? SymbolOf(*row) : "", 1, row};
    op.type = midge::TypeName(InputType(graph, node, row != nullptr ? row->key_input : 0));
    const auto same = std::find_if(ops->begin(), ops->end(), [&](const UsedOp& other) {
      return other.name == op.name && other.symbol == op.symbol &&
             (row != nullptr || other.type == op.type);
    });
    if (same == ops->end()) {
      ops->push_back(op);
    } else {
      ++same->node_count;
      if (same->type != op.type) same->type = "any";
    }
  }
}

}  // namespace

int LoadModel(const char* program, const char* path, LoadedModel* loaded) {
  if (const int failed = ReadFile(program, path, &loaded->file)) return failed;
  const midge::Result<Model> model = Model::Verify(loaded->file.bytes());
  if (!model.ok()) {
    char text[512];
    return Fail(program, "%s: %s", path,
                Describe(model.status(), midge::Span<const uint8_t>(loaded->file.bytes()), text));
  }
  loaded->model = *model;

  Block arena;
  midge::Interpreter interpreter(*model, midge::kAllOps, {});
  const midge::Status status =
      AllocateAsNeeded(*model, midge::kAllOps, false, &arena, &interpreter);
  if (status.code() == StatusCode::kArenaTooSmall) {
    return Fail(program, "%s: not enough memory for its arena", path);
  }
  loaded->arena_usage = interpreter.arena_usage();
  loaded->error = status.ok() ? "" : DescribeFor(interpreter, status);
  return kExitOk;
}

midge::ArenaUsage StreamedUsage(const LoadedModel& loaded) {
  Block arena;
  midge::Interpreter interpreter(loaded.model, midge::kAllOps, {});
  const midge::Status status =
      AllocateAsNeeded(loaded.model, midge::kAllOps, true, &arena, &interpreter);
  return status.ok() ? interpreter.arena_usage() : loaded.arena_usage;
}

std::vector<UsedOp> UsedOps(const Model& model, bool by_rows) {
  std::vector<UsedOp> ops;
  for (int g = 0; g < model.subgraph_count(); ++g) AddUsedOps(model.Subgraph(g), by_rows, &ops);
  return ops;
}

UsedOpResolver::UsedOpResolver(const Model& model, bool by_rows) {
  for (const UsedOp& op : UsedOps(model, by_rows)) {
    if (op.row == nullptr) continue;
    rows_.push_back(*op.row);
    rows_.back().next = nullptr;
  }
  for (const Op& row : rows_) heads_.push_back(&row);
  count_ = static_cast<int>(heads_.size());
}

int KeepPlan(const char* program, const char* path, const HostPlanOptions& options,
             LoadedModel* loaded, HostPlan* plan) {
  HostPlan made;
  std::vector<uint8_t> file;
  char text[512];
  midge::Status status =
      MakePlannedFile(loaded->model, UsedOpResolver(loaded->model).view(), options, &file, &made);
  HostPlan made_by_rows;
  std::vector<uint8_t> file_by_rows;
  const UsedOpResolver ops_by_rows(loaded->model, true);
  loaded->by_rows =
      MakePlannedFile(loaded->model, ops_by_rows.view(), options, &file_by_rows, &made_by_rows)
          .ok() &&
      (!status.ok() || made_by_rows.activation_bytes < made.activation_bytes);
  if (loaded->by_rows) {
    status = {};
    made = std::move(made_by_rows);
    file = std::move(file_by_rows);
  }
  if (plan != nullptr) *plan = std::move(made);
  if (options.stream_input && status.code() == StatusCode::kUnsupportedOption) {
    return Fail(program, "%s: node %d needs its input whole, so rows of it cannot be streamed",
                path, status.node());
  }
  if (!status.ok()) {
    return Fail(program, "%s: %s", path, Describe(status, loaded->model, text));
  }
  const UsedOpResolver ops(loaded->model, loaded->by_rows);
  // The old bytes are copied in the new ones, so the model can move there.
  if (!loaded->file.Allocate(file.size())) return Fail(program, "not enough memory");
  std::copy(file.begin(), file.end(), loaded->file.bytes().begin());

  // What a device will say of it.
  Block arena;
  midge::Interpreter measure(loaded->file.bytes(), ops.view(), {});
  midge::Status allocated = measure.AllocateTensorsAsPlanned();
  if (allocated.code() == StatusCode::kArenaTooSmall) {
    if (!arena.Allocate(measure.arena_used_bytes())) return Fail(program, "not enough memory");
    midge::Interpreter interpreter(loaded->file.bytes(), ops.view(), arena.bytes());
    allocated = interpreter.AllocateTensorsAsPlanned();
  }
  if (!allocated.ok()) return Fail(program, "%s: %s", path, Describe(allocated, measure, text));
  loaded->model = measure.model();
  loaded->arena_usage = measure.arena_usage();
  return kExitOk;
}

std::vector<UsedOp> AllRows() {
  std::vector<UsedOp> rows;
  const midge::OpResolverView ops = midge::kAllOps;
  for (int i = 0; i < ops.count(); ++i) {
    for (const Op* row = &ops.row(i); row != nullptr; row = row->next) {
      rows.push_back({midge::OpName(row->code),
                      row->type == TensorType::kAny ? "any" : midge::TypeName(row->type),
                      SymbolOf(*row), 0, row});
    }
  }
  return rows;
}

std::string OpNameOf(const NodeView& node) {
  if (node.code != BuiltinOp::kCustom) return midge::OpName(node.code);
  std::string name;
  for (const char c : node.custom_name) {
    name += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return name;
}

std::string ShapeText(const midge::Shape& shape) {
  std::string text;
  for (int i = 0; i < shape.rank(); ++i) text += Format(i == 0 ? "%d" : ",%d", shape[i]);
  return "[" + text + "]";
}

std::string HashText(midge::Span<const uint8_t> bytes) {
  return Format("%016llx", static_cast<unsigned long long>(HashBytes(bytes)));
}

std::string FileName(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::string Format(const char* format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  std::string text(static_cast<size_t>(std::vsnprintf(nullptr, 0, format, arguments)), '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  va_end(arguments);
  return text;
}

}  // namespace midge_tool
