// SPDX-License-Identifier: Apache-2.0
//
// Runs a whole network on recorded inputs and compares every layer and every output:
//
//   networks MODEL FOLDER [--arena-bytes N] [--records N]
//
// FOLDER holds, for N = 1, 2, …: N.in.bin and N.out.bin, all inputs (outputs) raw in the graph's
// order, repeated for each Invoke; and N.layers.tsv (may be missing), one line per node output
// after the last Invoke: node, op, output, tensor, type, shape, bytes, hash, first values.
// --arena-bytes states what arena_used_bytes() must be, here and on every other machine; --records
// is how many to run, by default all.
//
// Integers must be equal. Floats may differ by kFloatBound of the tensor's largest magnitude: two
// correct builds of TFLM differ by a tenth of that.
// Exit code: 0, 1 if something differs, 2 for wrong usage or files that cannot be read, 77 (CTest:
// skipped) if the board has no memory for the network.

#include <cstdlib>
#include <cstring>

#include "midge/midge.h"
#include "tests/conformance/comparison.h"
#include "tests/conformance/file.h"
#include "tests/conformance/workspace.h"
#include "tests/support/test.h"
#include "tools/midge/op_group.h"

namespace {

using midge::Interpreter;
using midge::Monitor;
using midge::Span;
using midge::Status;
using midge::StatusCode;
using midge::TensorType;
using midge::TensorView;
using midge_conformance::Compare;
using midge_conformance::Comparison;
using midge_conformance::ElementValue;
using midge_conformance::InputFile;
using midge_conformance::Tolerance;
using midge_conformance::Workspace;
using midge_test::Print;
using midge_test::PrintFloat;
using midge_test::PrintSigned;
using midge_test::PrintUnsigned;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr int kExitSkipped = 77;
constexpr uint32_t kMemoryBytes = 4u << 20;
constexpr double kFloatBound = 1e-5;
constexpr int kMaxPathLength = 255;

char path[kMaxPathLength + 1];  // of the record's file that is used now

bool IsFloat(const TensorView& tensor) { return tensor.type() == TensorType::kFloat32; }

// FNV-1a, 64 bits, with the offset basis that the recorded tables use (not the usual one).
uint64_t Hash(Span<const uint8_t> bytes) {
  uint64_t hash = 0x14650fb0739d0383u;
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

double LargestMagnitude(const TensorView& tensor) {
  double largest = 0;
  for (const float value : tensor.data<const float>()) {
    const double size = static_cast<double>(value < 0 ? -value : value);
    if (size > largest) largest = size;
  }
  return largest;
}

// One line of layers.tsv.
struct Layer {
  static constexpr int kMaxLine = 512;
  char line[kMaxLine];
  int node;
  int tensor;
  uint64_t hash;
  const char* values;  // first values, separated by blanks
};

// The field after `field`, or null; fields are separated by tabs.
const char* NextField(const char* field) {
  const char* const tab = std::strchr(field, '\t');
  return tab == nullptr ? nullptr : tab + 1;
}

bool Parse(Layer* layer) {
  const char* fields[9] = {layer->line};
  for (int i = 1; i < 9; ++i) {
    fields[i] = NextField(fields[i - 1]);
    if (fields[i] == nullptr) return false;
  }
  layer->node = std::atoi(fields[0]);
  layer->tensor = std::atoi(fields[3]);
  layer->hash = std::strtoull(fields[7], nullptr, 16);
  layer->values = fields[8];
  return true;
}

// Compares tensors with a layers table, node by node, as a monitor.
class LayerCheck {
 public:
  // False if there is no such table.
  bool Open(const char* table_path) { return table_.Open(table_path) && Rewind(); }

  Monitor monitor() { return {&LayerCheck::OnNode, this}; }

  bool ok() const { return !failed_; }
  // Whether every output of every node has been compared.
  bool Complete(const midge::Model& model) const {
    int outputs = 0;
    for (int n = 0; n < model.node_count(); ++n) {
      outputs += static_cast<int>(model.node(n).outputs.size());
    }
    return outputs == compared_;
  }
  int compared() const { return compared_; }

 private:
  static bool OnNode(void* context, const Interpreter& interpreter, Monitor::Moment moment,
                     int node) {
    if (moment != Monitor::Moment::kAfterNode) return true;
    static_cast<LayerCheck*>(context)->CheckNode(interpreter, node);
    return true;
  }

  bool Rewind() {
    // The first line names the columns.
    return table_.Seek(0) && table_.ReadLine(layer_.line, Layer::kMaxLine);
  }
  bool ReadLayer() { return table_.ReadLine(layer_.line, Layer::kMaxLine) && Parse(&layer_); }

  // Nodes mostly run in the order of the file, so the next line is tried before a search.
  bool FindNode(int node) {
    if (ReadLayer() && layer_.node == node) return true;
    if (!Rewind()) return false;
    while (ReadLayer()) {
      if (layer_.node == node) return true;
    }
    return false;
  }

  void CheckNode(const Interpreter& interpreter, int node) {
    if (!FindNode(node)) return;
    const int outputs = static_cast<int>(interpreter.model().node(node).outputs.size());
    for (int i = 0; i < outputs; ++i) {
      if (i > 0 && !(ReadLayer() && layer_.node == node)) return;
      ++compared_;
      if (!failed_) CheckLayer(interpreter);  // what follows a wrong layer is wrong as well
    }
  }

  void CheckLayer(const Interpreter& interpreter) {
    const TensorView got = interpreter.tensor(layer_.tensor);
    const bool same = IsFloat(got) ? FirstValuesNear(got) : Hash(got.bytes()) == layer_.hash;
    if (same) return;
    failed_ = true;
    Print("  first layer that differs: node ");
    PrintSigned(layer_.node);
    Print(" (");
    Print(midge::OpName(interpreter.model().node(layer_.node).code));
    Print("), tensor ");
    PrintSigned(layer_.tensor);
    Print("\n    expected ");
    Print(layer_.values);
    Print("    got      ");
    PrintFirstValues(got);
    Print("\n");
  }

  static uint32_t ElementBytes(const TensorView& tensor) {
    return static_cast<uint32_t>(midge::ElementBits(tensor.type())) / 8;
  }

  bool FirstValuesNear(const TensorView& got) const {
    const double bound = kFloatBound * LargestMagnitude(got);
    const char* at = layer_.values;
    for (const float value : got.data<const float>()) {
      char* end;
      const double expected = std::strtod(at, &end);
      if (end == at) break;
      at = end;
      const double difference = static_cast<double>(value) - expected;
      if (!((difference < 0 ? -difference : difference) <= bound)) return false;
    }
    return at != layer_.values;
  }

  static void PrintFirstValues(const TensorView& tensor) {
    const uint32_t element_bytes = ElementBytes(tensor);
    for (uint32_t i = 0; i < 8 && (i + 1) * element_bytes <= tensor.bytes().size(); ++i) {
      const double value = ElementValue(tensor.type(), tensor.bytes().data() + i * element_bytes);
      if (IsFloat(tensor)) {
        PrintFloat(value);
      } else {
        PrintSigned(static_cast<int64_t>(value));
      }
      Print(" ");
    }
  }

  InputFile table_;
  Layer layer_ = {};
  int compared_ = 0;
  bool failed_ = false;
};

int Unreadable(const char* file_path) {
  Print(file_path);
  Print(": cannot read\n");
  return kExitUsage;
}

// Makes `path` FOLDER/N.suffix, and returns it.
const char* RecordPath(const char* folder, uint32_t number, const char* suffix) {
  char digits[11];
  char* digit = digits + sizeof digits;
  *--digit = '\0';
  do {
    *--digit = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  if (std::strlen(folder) + 1 + std::strlen(digit) + std::strlen(suffix) > kMaxPathLength) {
    return "";
  }
  std::strcpy(path, folder);
  std::strcat(path, "/");
  std::strcat(path, digit);
  std::strcat(path, suffix);
  return path;
}

// False if the file ends early; *same becomes false if an output differs.
bool CompareOutputs(const Interpreter& interpreter, InputFile* expected, bool* same) {
  for (int i = 0; i < interpreter.output_count(); ++i) {
    const TensorView output = interpreter.output(i);
    Tolerance tolerance;
    if (IsFloat(output)) {
      tolerance.compare = Compare::kAbsRel;
      tolerance.a = static_cast<float>(kFloatBound * LargestMagnitude(output));
    }
    Comparison comparison(output, tolerance);
    uint8_t piece[64];
    for (uint32_t left = output.size_bytes(); left > 0;) {
      const uint32_t size = left < sizeof piece ? left : static_cast<uint32_t>(sizeof piece);
      if (!expected->Read(piece, size)) return false;
      comparison.Feed(piece, size);
      left -= size;
    }
    if (comparison.ok()) continue;
    *same = false;
    Print("  output ");
    PrintSigned(i);
    Print(", ");
    comparison.Report();
    Print("\n");
  }
  return true;
}

// Record `number` of the folder, whose inputs are open. Returns an exit code. In a segment there
// are no layers to look at.
int RunRecord(const char* folder, uint32_t number, bool with_layers, InputFile* inputs,
              Interpreter* interpreter) {
  InputFile expected;
  LayerCheck layers;
  uint32_t input_bytes = 0;
  for (int i = 0; i < interpreter->input_count(); ++i) {
    input_bytes += interpreter->input(i).size_bytes();
  }
  const long file_bytes = inputs->Size();
  if (file_bytes <= 0 || input_bytes == 0 || file_bytes % static_cast<long>(input_bytes) != 0) {
    return Unreadable(RecordPath(folder, number, ".in.bin"));
  }
  const long invokes = file_bytes / static_cast<long>(input_bytes);
  if (!expected.Open(RecordPath(folder, number, ".out.bin"))) return Unreadable(path);
  const bool has_layers = with_layers && layers.Open(RecordPath(folder, number, ".layers.tsv"));

  if (Status status = interpreter->Reset(); !status.ok()) return kExitFailed;
  bool same = true;
  for (long invoke = 0; invoke < invokes; ++invoke) {
    for (int i = 0; i < interpreter->input_count(); ++i) {
      const TensorView input = interpreter->input(i);
      if (!inputs->Read(input.mutable_bytes().data(), input.size_bytes())) {
        return Unreadable(RecordPath(folder, number, ".in.bin"));
      }
    }
    const bool watched = has_layers && invoke == invokes - 1;
    const Status status = watched ? interpreter->Invoke(layers.monitor()) : interpreter->Invoke();
    if (!status.ok()) {
      char text[160];
      Print("  Invoke: ");
      Print(midge::Describe(status, *interpreter, text));
      Print("\n");
      return kExitFailed;
    }
    if (!CompareOutputs(*interpreter, &expected, &same)) {
      return Unreadable(RecordPath(folder, number, ".out.bin"));
    }
  }
  if (has_layers && !layers.Complete(interpreter->model())) {
    Print("  the table lacks layers\n");
    same = false;
  }
  Print(same && layers.ok() ? "ok     record " : "FAILED record ");
  PrintUnsigned(number);
  Print(": ");
  PrintSigned(invokes);
  Print(" invokes, ");
  PrintSigned(layers.compared());
  Print(" layers\n");
  return same && layers.ok() ? 0 : kExitFailed;
}

struct Options {
  uint32_t arena_bytes = 0;  // 0: not stated
  uint32_t records = UINT32_MAX;
};

int LeftArena() {
  Print("FAILED: something wrote outside the arena\n");
  return kExitFailed;
}

// All records that there are. Returns an exit code.
int RunRecords(const char* folder, const Options& options, bool with_layers, InputFile* file,
               Interpreter* interpreter) {
  int result = 0;
  uint32_t number = 1;
  for (; number <= options.records; ++number) {
    if (!file->Open(RecordPath(folder, number, ".in.bin"))) break;
    const int code = RunRecord(folder, number, with_layers, file, interpreter);
    if (code == kExitUsage) return code;
    if (code != 0) result = code;
  }
  return number == 1 ? Unreadable(path) : result;
}

int Run(const char* model_path, const char* folder, const Options& options) {
  Workspace workspace(kMemoryBytes);
  InputFile file;
  if (!file.Open(model_path)) return Unreadable(model_path);
  const long model_bytes = file.Size();
  if (model_bytes < 0) return Unreadable(model_path);
  uint8_t* const model_data = workspace.PlaceModel(static_cast<uint32_t>(model_bytes));
  if (model_data == nullptr) {
    Print("skipped: the board has no memory for the model\n");
    return kExitSkipped;
  }
  if (!file.Read(model_data, static_cast<uint32_t>(model_bytes))) return Unreadable(model_path);
  const Span<const uint8_t> model(model_data, static_cast<size_t>(model_bytes));

  uint32_t need_bytes;
  {
    Interpreter interpreter(model, midge::kProgramOps,
                            workspace.PlaceArena(workspace.arena_room_bytes()));
    const Status status = interpreter.AllocateTensors();
    char text[160];
    if (!status.ok()) {
      const bool skip = status.code() == StatusCode::kArenaTooSmall;
      Print(skip ? "skipped: " : "FAILED: ");
      Print(midge::Describe(status, interpreter, text));
      Print("\n");
      return skip ? kExitSkipped : kExitFailed;
    }
    need_bytes = static_cast<uint32_t>(interpreter.arena_used_bytes());
  }
  Print("arena ");
  PrintUnsigned(need_bytes);
  Print(" bytes\n");
  if (options.arena_bytes != 0 && need_bytes != options.arena_bytes) {
    Print("FAILED: should be ");
    PrintUnsigned(options.arena_bytes);
    Print(" bytes\n");
    return kExitFailed;
  }
  {
    Interpreter interpreter(model, midge::kProgramOps, workspace.PlaceArena(need_bytes - 1));
    const Status status = interpreter.AllocateTensors();
    if (status.code() != StatusCode::kArenaTooSmall ||
        interpreter.arena_used_bytes() != need_bytes) {
      Print("FAILED: an arena one byte too small is not refused as such\n");
      return kExitFailed;
    }
  }
  Interpreter interpreter(model, midge::kProgramOps, workspace.PlaceArena(need_bytes));
  if (!interpreter.AllocateTensors().ok()) {
    Print("FAILED: AllocateTensors in arena_used_bytes()\n");
    return kExitFailed;
  }

  const int result = RunRecords(folder, options, true, &file, &interpreter);
  if (!workspace.GuardsIntact()) return LeftArena();
  if (result != 0) return result;

  // The same in what the device needs if it streams rows, where that is less.
  const midge::AllocateOptions streaming = {false, nullptr, midge::kStreamRows};
  Interpreter measure(model, midge::kProgramOps, workspace.PlaceArena(need_bytes));
  if (!measure.AllocateTensors(streaming).ok() || measure.arena_used_bytes() >= need_bytes)
    return 0;
  const auto streamed_bytes = static_cast<uint32_t>(measure.arena_used_bytes());
  Print("streamed, arena ");
  PrintUnsigned(streamed_bytes);
  Print(" bytes\n");
  Interpreter streamed(model, midge::kProgramOps, workspace.PlaceArena(streamed_bytes));
  if (!streamed.AllocateTensors(streaming).ok()) {
    Print("FAILED: AllocateTensors in arena_used_bytes(), streamed\n");
    return kExitFailed;
  }
  const int streamed_result = RunRecords(folder, options, false, &file, &streamed);
  return workspace.GuardsIntact() ? streamed_result : LeftArena();
}

int Usage() {
  Print("usage: networks MODEL FOLDER [--arena-bytes N] [--records N]\n");
  return kExitUsage;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (argc < 3 || argc % 2 == 0) return Usage();
  for (int i = 3; i < argc; i += 2) {
    const auto value = static_cast<uint32_t>(std::strtoul(argv[i + 1], nullptr, 10));
    if (std::strcmp(argv[i], "--arena-bytes") == 0) {
      options.arena_bytes = value;
    } else if (std::strcmp(argv[i], "--records") == 0) {
      options.records = value;
    } else {
      return Usage();
    }
  }
  return Run(argv[1], argv[2], options);
}
