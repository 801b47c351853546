// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "command_line.h"
#include "commands.h"
#include "loaded_model.h"

namespace midge_tool {
namespace {

constexpr char kHelp[] =
    "usage: midge ops [MODEL.tflite]\n"
    "\n"
    "Lists the ops that a model needs: name, type of the input that chooses the kernel, number of\n"
    "nodes, and what to register (midge/ops.h). Without a model, all that Midge has.\n"
    "Exits with 1 if the model needs one that Midge has not.\n";

}  // namespace

int Ops(int argc, char** argv) {
  constexpr char kProgram[] = "midge ops";

  const char* path;
  bool done;
  const int parsed = ParseModelArguments(kProgram, kHelp, argc, argv, {}, &path, &done);
  if (done) return parsed;
  if (path == nullptr) {
    for (const UsedOp& row : AllRows()) {
      std::printf("%-24s %-8s midge::%s\n", row.name.c_str(), row.type.c_str(), row.symbol.c_str());
    }
    return kExitOk;
  }
  LoadedModel loaded;
  if (const int failed = LoadModel(kProgram, path, &loaded)) return failed;
  for (const UsedOp& op : UsedOps(loaded.model)) {
    const std::string row = op.symbol.empty() ? "(none)" : "midge::" + op.symbol;
    std::printf("%-24s %-8s %4d  %s\n", op.name.c_str(), op.type.c_str(), op.node_count,
                row.c_str());
  }
  if (loaded.error.empty()) return kExitOk;
  return Fail(kProgram, "%s: %s", path, loaded.error.c_str());
}

}  // namespace midge_tool
