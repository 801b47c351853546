// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "allocate.h"
#include "command_line.h"
#include "files.h"
#include "layers.h"
#include "midge/describe.h"
#include "op_group.h"

namespace midge_tool {
namespace {

using midge::Interpreter;
using midge::Model;
using midge::Monitor;
using midge::Span;
using midge::Status;
using midge::StatusCode;
using midge::TensorView;

constexpr char kHelp[] =
    "usage: %s MODEL.tflite --input IN.bin [--output OUT.bin] [--invokes N]\n"
    "           [--layers OUT.tsv] [--arena BYTES]\n"
    "\n"
    "Runs a model. IN.bin holds its input tensors as raw little-endian bytes, one after another "
    "in\n"
    "the order of the graph, and that again for each Invoke.\n"
    "\n"
    "  --input IN.bin    required unless the model has no inputs\n"
    "  --output OUT.bin  write the output tensors likewise, instead of printing their values\n"
    "  --invokes N       call Invoke N times (default 1)\n"
    "  --layers OUT.tsv  write a table of every node's outputs after the last Invoke:\n"
    "                    type, shape, hash and first values\n"
    "  --arena BYTES     size of the arena (default: what the model needs)\n"
    "\n"
    "Exits with 0, 1 if the model or the data is at fault, 2 if the arguments are.\n";

constexpr int kValuesPerLine = 16;

struct RunOptions {
  const char* model = nullptr;
  const char* input = nullptr;
  const char* output = nullptr;
  const char* layers = nullptr;
  const char* arena = nullptr;
  unsigned long arena_bytes = 0;
  unsigned long invokes = 1;
};

int FailStatus(const char* program, const RunOptions& options, Status status, const Model& model) {
  char text[256];
  return Fail(program, "%s: %s", options.model, Describe(status, model, text));
}

// Gives the interpreter the arena that was asked for, or else as much as it needs.
int Allocate(const char* program, const RunOptions& options, const Model& model, Block* arena,
             Interpreter* interpreter) {
  Status status;
  if (options.arena == nullptr) {
    status = AllocateAsNeeded(model, midge::kProgramOps, false, arena, interpreter);
    if (status.code() == StatusCode::kArenaTooSmall) {
      return Fail(program, "%s: not enough memory for its arena of %lu bytes", options.model,
                  static_cast<unsigned long>(interpreter->arena_used_bytes()));
    }
  } else {
    if (!arena->Allocate(options.arena_bytes)) {
      return Fail(program, "not enough memory for an arena of %s bytes", options.arena);
    }
    *interpreter = Interpreter(model, midge::kProgramOps, arena->bytes());
    status = interpreter->AllocateTensors();
  }
  if (status.ok()) return kExitOk;
  if (status.code() != StatusCode::kArenaTooSmall) {
    return FailStatus(program, options, status, model);
  }
  // The interpreter knows its exact need only if it had room to plan. Here there is room.
  size_t needed_bytes = interpreter->arena_used_bytes();
  Block large_arena;
  Interpreter planned = *interpreter;
  if (AllocateAsNeeded(model, midge::kProgramOps, false, &large_arena, &planned).ok()) {
    needed_bytes = planned.arena_used_bytes();
  }
  return Fail(program, "%s: arena too small: needs %lu bytes, has %s", options.model,
              static_cast<unsigned long>(needed_bytes), options.arena);
}

// Fills the graph's inputs with the next bytes of the file.
int ReadInputs(const char* program, const RunOptions& options, FILE* file,
               const Interpreter& interpreter) {
  unsigned long invoke_bytes = 0;
  bool complete = true;
  for (int i = 0; i < interpreter.input_count(); ++i) {
    const Span<uint8_t> bytes = interpreter.input(i).mutable_bytes();
    invoke_bytes += static_cast<unsigned long>(bytes.size());
    complete = complete && std::fread(bytes.data(), 1, bytes.size(), file) == bytes.size();
  }
  if (complete) return kExitOk;
  if (std::ferror(file) != 0) {
    return Fail(program, "cannot read %s: %s", options.input, std::strerror(errno));
  }
  return Fail(program, "%s is too short: %lu invokes read %lu bytes each", options.input,
              options.invokes, invoke_bytes);
}

void WriteOutputs(FILE* file, const Interpreter& interpreter) {
  for (int i = 0; i < interpreter.output_count(); ++i) {
    const Span<const uint8_t> bytes = interpreter.output(i).bytes();
    std::fwrite(bytes.data(), 1, bytes.size(), file);
  }
}

void PrintOutputs(const Interpreter& interpreter) {
  for (int i = 0; i < interpreter.output_count(); ++i) {
    const TensorView tensor = interpreter.output(i);
    std::printf("output %d: %s ", i, midge::TypeName(tensor.type()));
    PrintShape(stdout, tensor.shape());
    if (tensor.scale() != 0.f) {
      std::printf(", scale %.9g, zero point %ld", static_cast<double>(tensor.scale()),
                  static_cast<long>(tensor.zero_point()));
    }
    const auto elements = static_cast<uint32_t>(tensor.shape().elements());
    for (uint32_t e = 0; e < elements; ++e) {
      std::fputs(e % kValuesPerLine == 0 ? "\n  " : " ", stdout);
      PrintElement(stdout, tensor, e);
    }
    std::fputc('\n', stdout);
  }
}

bool WriteLayers(void* context, const Interpreter& interpreter, Monitor::Moment moment, int node) {
  if (moment == Monitor::Moment::kAfterNode) {
    PrintLayers(static_cast<FILE*>(context), interpreter, node);
  }
  return true;
}

// Invokes as often as asked, from the inputs' file to the files that are open, or else to stdout.
int InvokeAll(const char* program, const RunOptions& options, FILE* input, FILE* output,
              FILE* layers, Interpreter& interpreter) {
  for (unsigned long invoke = 0; invoke < options.invokes; ++invoke) {
    if (const int failed = ReadInputs(program, options, input, interpreter)) return failed;
    Status status;
    if (layers != nullptr && invoke + 1 == options.invokes) {
      PrintLayersHeader(layers);
      status = interpreter.Invoke({WriteLayers, layers});
    } else {
      status = interpreter.Invoke();
    }
    if (!status.ok()) return FailStatus(program, options, status, interpreter.model());
    if (output != nullptr) {
      WriteOutputs(output, interpreter);
    } else {
      if (options.invokes > 1) std::printf("invoke %lu\n", invoke);
      PrintOutputs(interpreter);
    }
  }
  if (input != nullptr && std::fgetc(input) != EOF) {
    return Fail(program, "%s is too long for %lu invokes of this model", options.input,
                options.invokes);
  }
  return kExitOk;
}

int ParseOptions(const char* program, int argc, char** argv, RunOptions* options, bool* help) {
  const char* invokes = nullptr;
  const Option known[] = {
      {"--input", &options->input, nullptr},   {"--output", &options->output, nullptr},
      {"--layers", &options->layers, nullptr}, {"--invokes", &invokes, nullptr},
      {"--arena", &options->arena, nullptr},   {"--help", nullptr, help},
  };
  int models = 0;
  if (const int failed =
          ParseArguments(program, argc, argv, known, {&options->model, 1}, &models)) {
    return failed;
  }
  if (*help) return kExitOk;
  if (models == 0) return FailUsage(program, "no model given");
  if (invokes != nullptr) {
    if (const int failed =
            ParseNumber(program, "--invokes", invokes, 1000000000, &options->invokes)) {
      return failed;
    }
    if (options->invokes == 0) return FailUsage(program, "--invokes must be at least 1");
  }
  if (options->arena != nullptr) {
    return ParseNumber(program, "--arena", options->arena, 0x7fffffff, &options->arena_bytes);
  }
  return kExitOk;
}

// Closes what it opened, whatever happens.
class InputFile {
 public:
  explicit InputFile(const char* path)
      : file_(path != nullptr ? std::fopen(path, "rb") : nullptr) {}
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() {
    if (file_ != nullptr) std::fclose(file_);
  }
  FILE* file() const { return file_; }

 private:
  FILE* file_;
};

}  // namespace

int Run(const char* program, int argc, char** argv) {
  RunOptions options;
  bool help = false;
  if (const int failed = ParseOptions(program, argc, argv, &options, &help)) return failed;
  if (help) {
    std::printf(kHelp, program);
    return kExitOk;
  }

  Block model_block;
  if (const int failed = ReadFile(program, options.model, &model_block)) return failed;
  const midge::Result<Model> model = Model::Verify(model_block.bytes());
  if (!model.ok()) return FailStatus(program, options, model.status(), Model());

  Block arena;
  Interpreter interpreter(*model, midge::kProgramOps, {});
  if (const int failed = Allocate(program, options, *model, &arena, &interpreter)) return failed;

  if (options.input == nullptr && interpreter.input_count() > 0) {
    return FailUsage(program, "this model needs --input IN.bin");
  }
  const InputFile input(options.input);
  if (options.input != nullptr && input.file() == nullptr) {
    return Fail(program, "cannot open %s: %s", options.input, std::strerror(errno));
  }
  OutputFile output, layers;
  if (options.output != nullptr) {
    if (const int failed = output.Open(program, options.output)) return failed;
  }
  if (options.layers != nullptr) {
    if (const int failed = layers.Open(program, options.layers)) return failed;
  }
  if (const int failed =
          InvokeAll(program, options, input.file(), output.file(), layers.file(), interpreter)) {
    return failed;
  }
  if (output.is_open()) {
    if (const int failed = output.Commit(program)) return failed;
  }
  if (layers.is_open()) {
    if (const int failed = layers.Commit(program)) return failed;
  }
  return kExitOk;
}

}  // namespace midge_tool
