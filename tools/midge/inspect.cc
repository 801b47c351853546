// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "command_line.h"
#include "commands.h"
#include "loaded_model.h"
#include "midge/describe.h"

namespace midge_tool {
namespace {

using midge::Model;
using midge::NodeView;
using midge::Span;
using midge::TensorView;

constexpr char kProgram[] = "midge inspect";

constexpr char kHelp[] =
    "usage: midge inspect [--json] MODEL.tflite\n"
    "\n"
    "Shows what a model holds and what it needs: nodes with their ops, tensors, ops to register,\n"
    "bytes of constants, and the arena, which is the same on every machine:\n"
    "  program      operands, state and tables of the nodes\n"
    "  activations  tensors and scratch\n"
    "  planning     tables of AllocateTensors(), where the activations are later\n"
    "\n"
    "  --json  the same for programs\n"
    "\n"
    "Exits with 1 if the model is not sound, or needs something that Midge has not.\n";

std::string TensorName(const Model& model, int tensor) {
  const Span<const char> name = model.tensor_name(tensor);
  return std::string(name.begin(), name.end());
}

bool Contains(Span<const int32_t> list, int32_t value) {
  for (const int32_t item : list) {
    if (item == value) return true;
  }
  return false;
}

const char* KindOf(const Model& model, int tensor) {
  if (Contains(model.inputs(), tensor)) return "input";
  if (Contains(model.outputs(), tensor)) return "output";
  if (model.tensor(tensor).is_constant()) return "constant";
  return model.is_variable(tensor) ? "variable" : "activation";
}

// Several tensors may share one buffer.
size_t ConstantBytes(const Model& model) {
  std::set<const uint8_t*> seen;
  size_t total = 0;
  for (int t = 0; t < model.tensor_count(); ++t) {
    const TensorView tensor = model.tensor(t);
    if (!tensor.is_constant() || !seen.insert(tensor.bytes().data()).second) continue;
    total += tensor.size_bytes();
  }
  return total;
}

// Names are the model's own: control characters must not reach a terminal.
std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

std::string TypeAndShape(const TensorView& tensor) {
  return midge::TypeName(tensor.type()) + std::string(" ") + ShapeText(tensor.shape());
}

std::string QuantizationText(const TensorView& tensor) {
  const auto scales = tensor.quantization().scales();
  if (scales.empty()) return "";
  if (scales.size() > 1) {
    return Format("%zu scales, dimension %d", scales.size(), tensor.quantization().dimension());
  }
  return Format("%.9g * (q - %d)", static_cast<double>(tensor.scale()), tensor.zero_point());
}

// Columns as wide as their widest cell, two blanks apart.
void PrintTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::printf("%s\n", line.c_str());
  }
}

void PrintNodes(const Model& model) {
  std::vector<std::vector<std::string>> rows = {{"node", "op", "version", "outputs", "inputs"}};
  for (int n = 0; n < model.node_count(); ++n) {
    const NodeView node = model.node(n);
    std::string inputs, outputs;
    for (const int32_t t : node.outputs) {
      outputs += Format("%s%d %s", outputs.empty() ? "" : ", ", t,
                        t < 0 ? "" : TypeAndShape(model.tensor(t)).c_str());
    }
    for (const int32_t t : node.inputs) {
      inputs += inputs.empty() ? "" : ", ";
      inputs += t < 0 ? "-" : Format("%d %s", t, TypeAndShape(model.tensor(t)).c_str());
    }
    rows.push_back(
        {std::to_string(n), OpNameOf(node), std::to_string(node.version), outputs, inputs});
  }
  PrintTable(rows);
}

void PrintTensors(const Model& model) {
  std::vector<std::vector<std::string>> rows = {
      {"tensor", "kind", "type", "shape", "bytes", "quantization", "name"}};
  for (int t = 0; t < model.tensor_count(); ++t) {
    const TensorView tensor = model.tensor(t);
    rows.push_back({std::to_string(t), KindOf(model, t), midge::TypeName(tensor.type()),
                    ShapeText(tensor.shape()), std::to_string(tensor.size_bytes()),
                    QuantizationText(tensor), Printable(TensorName(model, t))});
  }
  PrintTable(rows);
}

void PrintOps(const Model& model) {
  std::vector<std::vector<std::string>> rows = {{"op", "type", "nodes", "register"}};
  for (const UsedOp& op : UsedOps(model)) {
    rows.push_back({op.name, op.type, std::to_string(op.node_count),
                    op.symbol.empty() ? "(none)" : "midge::" + op.symbol});
  }
  PrintTable(rows);
}

void PrintReport(const char* path, const LoadedModel& loaded) {
  const Model& model = loaded.model;
  std::printf("%s\n\n", Printable(path).c_str());
  PrintNodes(model);
  std::printf("\n");
  PrintTensors(model);
  std::printf("\n");
  PrintOps(model);
  std::printf("\nmodel      %zu bytes, hash %s\nconstants  %zu bytes\n", loaded.file.bytes().size(),
              HashText(loaded.file.bytes()).c_str(), ConstantBytes(model));
  if (!loaded.error.empty()) return;
  const midge::ArenaUsage& usage = loaded.arena_usage;
  std::printf("arena      %u bytes: program %u, activations %u (planning %u)\n",
              usage.total_bytes(), usage.program_bytes, usage.activation_bytes,
              usage.planning_bytes);
}

// Bytes of the UTF-8 sequence that begins here; 0 if none does.
size_t Utf8Length(const std::string& text, size_t begin) {
  const auto lead = static_cast<unsigned char>(text[begin]);
  size_t length = 0;
  if (lead < 0x80) length = 1;
  if (lead >= 0xc2 && lead < 0xe0) length = 2;
  if (lead >= 0xe0 && lead < 0xf0) length = 3;
  if (lead >= 0xf0 && lead < 0xf5) length = 4;
  if (begin + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[begin + i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

std::string Quoted(const std::string& text) {
  std::string result = "\"";
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text, i);
    const char c = text[i];
    if (length > 1) {
      result += text.substr(i, length);
    } else if (length == 0) {
      result += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      result += std::string("\\") + c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      result += Format("\\u%04x", c);
    } else {
      result += c;
    }
    i += length == 0 ? 1 : length;
  }
  return result + "\"";
}

std::string IndexList(Span<const int32_t> list) {
  std::string text;
  for (const int32_t value : list) text += Format(text.empty() ? "%d" : ",%d", value);
  return "[" + text + "]";
}

std::string JsonList(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) text += (text.size() > 1 ? ",\n  " : "\n  ") + item;
  return text + "\n ]";
}

std::string JsonTensor(const Model& model, int t) {
  const TensorView tensor = model.tensor(t);
  std::string text = Format("{\"tensor\":%d,\"name\":%s,\"kind\":\"%s\",\"type\":\"%s\"", t,
                            Quoted(TensorName(model, t)).c_str(), KindOf(model, t),
                            midge::TypeName(tensor.type()));
  text +=
      Format(",\"shape\":%s,\"bytes\":%u", ShapeText(tensor.shape()).c_str(), tensor.size_bytes());
  const auto& quantization = tensor.quantization();
  if (!quantization.scales().empty()) {
    std::string scales, zero_points;
    for (const float scale : quantization.scales()) {
      // JSON has no infinities or NaN, and a file may hold any bits.
      const bool finite = scale - scale == 0.f;
      scales += scales.empty() ? "" : ",";
      scales += finite ? Format("%.9g", static_cast<double>(scale)) : "null";
    }
    for (int i = 0; i < quantization.zero_point_count(); ++i) {
      zero_points +=
          Format(i == 0 ? "%lld" : ",%lld", static_cast<long long>(quantization.zero_point(i)));
    }
    text += ",\"scales\":[" + scales + "],\"zero_points\":[" + zero_points + "]" +
            Format(",\"quantized_dimension\":%d", quantization.dimension());
  }
  return text + "}";
}

void PrintJson(const char* path, const LoadedModel& loaded) {
  const Model& model = loaded.model;
  std::vector<std::string> nodes, tensors, ops;
  for (int n = 0; n < model.node_count(); ++n) {
    const NodeView node = model.node(n);
    nodes.push_back(Format("{\"node\":%d,\"op\":%s,\"version\":%d,\"inputs\":%s,\"outputs\":%s}", n,
                           Quoted(OpNameOf(node)).c_str(), node.version,
                           IndexList(node.inputs).c_str(), IndexList(node.outputs).c_str()));
  }
  for (int t = 0; t < model.tensor_count(); ++t) tensors.push_back(JsonTensor(model, t));
  for (const UsedOp& op : UsedOps(model)) {
    ops.push_back(Format("{\"op\":%s,\"type\":\"%s\",\"nodes\":%d,\"register\":%s}",
                         Quoted(op.name).c_str(), op.type.c_str(), op.node_count,
                         op.symbol.empty() ? "null" : Quoted("midge::" + op.symbol).c_str()));
  }
  const midge::ArenaUsage& usage = loaded.arena_usage;
  std::string arena = "null";
  if (loaded.error.empty()) {
    arena = Format("{\"total_bytes\":%u,\"program_bytes\":%u,\"activation_bytes\":%u,",
                   usage.total_bytes(), usage.program_bytes, usage.activation_bytes);
    arena += Format("\"planning_bytes\":%u}", usage.planning_bytes);
  }
  std::printf(
      "{\"model\":%s,\n \"bytes\":%zu,\n \"hash\":\"%s\",\n \"constant_bytes\":%zu,\n"
      " \"arena\":%s,\n \"error\":%s,\n \"inputs\":%s,\n \"outputs\":%s,\n"
      " \"ops\":%s,\n \"nodes\":%s,\n \"tensors\":%s}\n",
      Quoted(FileName(path)).c_str(), loaded.file.bytes().size(),
      HashText(loaded.file.bytes()).c_str(), ConstantBytes(model), arena.c_str(),
      loaded.error.empty() ? "null" : Quoted(loaded.error).c_str(),
      IndexList(model.inputs()).c_str(), IndexList(model.outputs()).c_str(), JsonList(ops).c_str(),
      JsonList(nodes).c_str(), JsonList(tensors).c_str());
}

}  // namespace

int Inspect(int argc, char** argv) {
  bool json = false;
  const Option options[] = {{"--json", nullptr, &json}};
  const char* path;
  bool done;
  const int parsed = ParseModelArguments(kProgram, kHelp, argc, argv, options, &path, &done);
  if (done) return parsed;
  if (path == nullptr) return FailUsage(kProgram, "no model given");
  LoadedModel loaded;
  if (const int failed = LoadModel(kProgram, path, &loaded)) return failed;
  if (json) {
    PrintJson(path, loaded);
  } else {
    PrintReport(path, loaded);
  }
  if (loaded.error.empty()) return kExitOk;
  return Fail(kProgram, "%s: %s", path, loaded.error.c_str());
}

}  // namespace midge_tool
