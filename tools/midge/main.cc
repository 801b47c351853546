// SPDX-License-Identifier: Apache-2.0
//
// The host program `midge`: the library itself, asked about a model before it meets a board.

#include <cstdio>
#include <cstring>

#include "command_line.h"
#include "commands.h"
#include "run.h"

namespace {

constexpr char kHelp[] =
    "usage: midge COMMAND ...\n"
    "\n"
    "  inspect MODEL  what a model holds and what it needs: nodes, tensors, ops, arena\n"
    "  run MODEL      run a model on your inputs\n"
    "  embed MODEL    make C++ source of a model, its ops and its arena size\n"
    "  plan MODEL     plan the arena as well as a host can, show it, keep it in the model\n"
    "  ops [MODEL]    the ops that a model needs, or all that there are\n"
    "\n"
    "`midge COMMAND --help` says more. Exits with 0, 1 if the model or the data is at fault, 2 if\n"
    "the arguments are.\n";

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return midge_tool::FailUsage("midge", "no command given");
  const char* const command = argv[1];
  const int rest_count = argc - 2;
  char** const rest = argv + 2;
  if (std::strcmp(command, "inspect") == 0) return midge_tool::Inspect(rest_count, rest);
  if (std::strcmp(command, "run") == 0) return midge_tool::Run("midge run", rest_count, rest);
  if (std::strcmp(command, "embed") == 0) return midge_tool::Embed(rest_count, rest);
  if (std::strcmp(command, "plan") == 0) return midge_tool::Plan(rest_count, rest);
  if (std::strcmp(command, "ops") == 0) return midge_tool::Ops(rest_count, rest);
  if (std::strcmp(command, "--help") == 0 || std::strcmp(command, "help") == 0) {
    std::fputs(kHelp, stdout);
    return midge_tool::kExitOk;
  }
  if (std::strcmp(command, "--version") == 0) {
    std::puts("midge " MIDGE_VERSION);
    return midge_tool::kExitOk;
  }
  return midge_tool::FailUsage("midge", "unknown command '%s'", command);
}
