// SPDX-License-Identifier: Apache-2.0
//
// The host program `midge`: the library itself, asked about a model before it meets a board.

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

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
    "  --variant V    with any of them: with the kernels and the arena of another kernel variant\n"
    "                 (" MIDGE_TOOL_VARIANTS "; this program: " MIDGE_TOOL_VARIANT
    ")\n"
    "\n"
    "`midge COMMAND --help` says more. Exits with 0, 1 if the model or the data is at fault, 2 if\n"
    "the arguments are.\n";

// Takes "--variant V" out of the arguments. Null if there is none.
const char* TakeVariant(int* argc, char** argv) {
  constexpr char kOption[] = "--variant";
  constexpr size_t kLength = sizeof kOption - 1;
  const char* variant = nullptr;
  int kept = 0;
  for (int i = 0; i < *argc; ++i) {
    const bool joined = std::strncmp(argv[i], kOption, kLength) == 0 && argv[i][kLength] == '=';
    if (joined) {
      variant = argv[i] + kLength + 1;
    } else if (std::strcmp(argv[i], kOption) == 0) {
      variant = i + 1 < *argc ? argv[++i] : "";
    } else {
      argv[kept++] = argv[i];
    }
  }
  *argc = kept;
  argv[kept] = nullptr;
  return variant;
}

// Runs the program of another variant, which lies beside this one, and does not return if that
// works.
int RunVariant(const std::string& variant, char** argv) {
  const std::string names = " " MIDGE_TOOL_VARIANTS " ";
  if (variant.empty() || names.find(" " + variant + " ") == std::string::npos) {
    return midge_tool::FailUsage("midge", "unknown variant '%s' (variants: %s)", variant.c_str(),
                                 MIDGE_TOOL_VARIANTS);
  }
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) self = argv[0];
  const std::string program = self.replace_filename("midge-" + variant).string();
  execv(program.c_str(), argv);
  return midge_tool::Fail("midge", "cannot run %s, which is midge with the kernels of %s",
                          program.c_str(), variant.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const char* const variant = TakeVariant(&argc, argv);
  if (variant != nullptr && std::strcmp(variant, MIDGE_TOOL_VARIANT) != 0) {
    return RunVariant(variant, argv);
  }
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
