// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <string>

#include "command_line.h"
#include "commands.h"
#include "loaded_model.h"

namespace midge_tool {
namespace {

constexpr char kProgram[] = "midge embed";

constexpr char kHelp[] =
    "usage: midge embed MODEL.tflite --name NAME --out-dir DIR\n"
    "                   [--planned [--stream-input] [--smallest] | --streamed |\n"
    "                    --data-only]\n"
    "\n"
    "Writes DIR/NAME.h and DIR/NAME.cc, in namespace NAME:\n"
    "  g_model      the model's bytes, aligned, constant\n"
    "  kModelBytes  how many\n"
    "  kArenaBytes  the arena that the model needs, to the byte\n"
    "  Ops()        a resolver of just the ops that the model needs\n"
    "  Allocate()   AllocateTensors(), with kStreamRows if --streamed, or\n"
    "               AllocateTensorsAsPlanned() with --planned\n"
    "\n"
    "  --planned    keep a plan in the model, as `midge plan` makes it: a smaller arena, more "
    "flash\n"
    "  --stream-input\n"
    "               with --planned: the first input is fed by rows, with InvokeRows()\n"
    "  --smallest   with --planned: the least memory, even if nodes then take much longer\n"
    "  --streamed   the device runs nodes row by row where that makes the arena smaller: some 4 "
    "KB\n"
    "               more flash; without effect on a model where it does not\n"
    "  --data-only  g_model and kModelBytes alone, for a model with ops of your own\n";

constexpr int kBytesPerLine = 20;

bool IsIdentifier(const std::string& name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) return false;
  for (const char c : name) {
    if (c != '_' && std::isalnum(static_cast<unsigned char>(c)) == 0) return false;
  }
  return true;
}

// For a // comment: a backslash at the end of a line would swallow the next one.
std::string CommentText(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\\') c = '?';
  }
  return text;
}

std::string Heading(const LoadedModel& loaded, const std::string& path) {
  return Format(
      "// Made from %s by `midge embed`: do not edit.\n"
      "//   model  %zu bytes, hash %s\n",
      CommentText(FileName(path)).c_str(), loaded.file.bytes().size(),
      HashText(loaded.file.bytes()).c_str());
}

std::string Report(const LoadedModel& loaded) {
  const midge::ArenaUsage& usage = loaded.arena_usage;
  std::string text = Format(
      "//   arena  %u bytes: program %u, activations %u, planning %u (before the first Invoke,\n"
      "//          where activations are later)\n",
      usage.total_bytes(), usage.program_bytes, usage.activation_bytes, usage.planning_bytes);
  const char* label = "ops  ";
  for (const UsedOp& op : UsedOps(loaded.model)) {
    text += Format("//   %s  %s %s, %d node%s\n", label, op.name.c_str(), op.type.c_str(),
                   op.node_count, op.node_count == 1 ? "" : "s");
    label = "     ";
  }
  return text;
}

enum class Content { kModel, kPlanned, kStreamed, kDataOnly };

// The call that Allocate() makes.
std::string AllocateCall(const LoadedModel& loaded, Content content) {
  if (content == Content::kPlanned) return "AllocateTensorsAsPlanned()";
  const bool offline = !loaded.model.metadata("OfflineMemoryAllocation").empty();
  if (content == Content::kStreamed) {
    return Format("AllocateTensors({false, %s, midge::kStreamRows})",
                  offline ? "midge::kFollowOfflinePlan" : "nullptr");
  }
  return offline ? "AllocateTensors({false, midge::kFollowOfflinePlan})" : "AllocateTensors()";
}

std::string OpsFunction(const LoadedModel& loaded) {
  std::string rows;
  for (const UsedOp& op : UsedOps(loaded.model, loaded.by_rows)) {
    rows += rows.empty() ? "\n      &midge::" : ",\n      &midge::";
    rows += op.symbol;
  }
  if (rows.empty()) return "constexpr auto Ops() { return midge::OpResolver<1>(); }\n";
  return "constexpr auto Ops() {\n  return midge::OpResolver{" + rows + "};\n}\n";
}

std::string Header(const LoadedModel& loaded, const std::string& path, const std::string& name,
                   Content content) {
  const bool data_only = content == Content::kDataOnly;
  std::string text = Heading(loaded, path);
  if (!data_only) text += Report(loaded);
  text += "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n\n";
  if (!data_only) {
    text += "#include \"midge/interpreter.h\"\n#include \"midge/ops.h\"\n";
    text += loaded.by_rows ? "#include \"midge/ops_by_rows.h\"\n\n" : "\n";
  }
  text += "namespace " + name + " {\n\n";
  text += Format("inline constexpr size_t kModelBytes = %zu;\n", loaded.file.bytes().size());
  if (!data_only) {
    text += Format(
        "// Enough, and one byte less is not. Align the arena: alignas(16).\n"
        "inline constexpr size_t kArenaBytes = %u;\n",
        loaded.arena_usage.total_bytes());
  }
  text += "alignas(16) extern const uint8_t g_model[kModelBytes];\n\n";
  if (!data_only) {
    text += OpsFunction(loaded) + "\n";
    text += Format(
        "inline midge::Status Allocate(midge::Interpreter& interpreter) {\n"
        "  return interpreter.%s;\n}\n\n",
        AllocateCall(loaded, content).c_str());
  }
  return text + "}  // namespace " + name + "\n";
}

std::string Source(const LoadedModel& loaded, const std::string& path, const std::string& name) {
  std::string text = Heading(loaded, path);
  text += "#include \"" + name + ".h\"\n\nnamespace " + name + " {\n\n";
  text += "alignas(16) const uint8_t g_model[kModelBytes] = {";
  int column = 0;
  for (const uint8_t byte : loaded.file.bytes()) {
    text += column++ % kBytesPerLine == 0 ? "\n    " : " ";
    text += std::to_string(byte) + ",";
  }
  return text + "\n};\n\n}  // namespace " + name + "\n";
}

int WriteBoth(const std::string& base, const std::string& header, const std::string& source) {
  const std::string header_path = base + ".h", source_path = base + ".cc";
  OutputFile header_file, source_file;
  if (const int failed = header_file.Open(kProgram, header_path.c_str())) return failed;
  if (const int failed = source_file.Open(kProgram, source_path.c_str())) return failed;
  std::fwrite(header.data(), 1, header.size(), header_file.file());
  std::fwrite(source.data(), 1, source.size(), source_file.file());
  if (const int failed = header_file.Commit(kProgram)) return failed;
  return source_file.Commit(kProgram);
}

}  // namespace

int Embed(int argc, char** argv) {
  const char* name = nullptr;
  const char* out_dir = nullptr;
  bool planned = false, streamed = false, data_only = false;
  HostPlanOptions plan_options;
  const Option options[] = {{"--name", &name, nullptr},
                            {"--out-dir", &out_dir, nullptr},
                            {"--planned", nullptr, &planned},
                            {"--streamed", nullptr, &streamed},
                            {"--smallest", nullptr, &plan_options.smallest},
                            {"--stream-input", nullptr, &plan_options.stream_input},
                            {"--data-only", nullptr, &data_only}};
  const char* path;
  bool done;
  const int parsed = ParseModelArguments(kProgram, kHelp, argc, argv, options, &path, &done);
  if (done) return parsed;
  if (path == nullptr) return FailUsage(kProgram, "no model given");
  if (name == nullptr || out_dir == nullptr) {
    return FailUsage(kProgram, "needs --name and --out-dir");
  }
  if (planned + streamed + data_only > 1) {
    return FailUsage(kProgram, "--planned, --streamed and --data-only exclude each other");
  }
  if ((plan_options.stream_input || plan_options.smallest) && !planned) {
    return FailUsage(kProgram, plan_options.smallest ? "--smallest is for --planned"
                                                     : "--stream-input is for --planned");
  }
  if (!IsIdentifier(name)) {
    return FailUsage(kProgram, "--name must be a C++ identifier, not '%s'", name);
  }

  LoadedModel loaded;
  if (const int failed = LoadModel(kProgram, path, &loaded)) return failed;
  if (!data_only && !loaded.error.empty()) {
    return Fail(kProgram, "%s: %s", path, loaded.error.c_str());
  }
  if (planned) {
    if (const int failed = KeepPlan(kProgram, path, plan_options, &loaded)) return failed;
  }
  if (streamed) {
    // Nothing is linked that would have no effect.
    const midge::ArenaUsage usage = StreamedUsage(loaded);
    streamed = usage.total_bytes() < loaded.arena_usage.total_bytes();
    if (streamed) loaded.arena_usage = usage;
  }
  const Content content = planned     ? Content::kPlanned
                          : streamed  ? Content::kStreamed
                          : data_only ? Content::kDataOnly
                                      : Content::kModel;
  std::error_code error;
  std::filesystem::create_directories(out_dir, error);
  if (error) return Fail(kProgram, "cannot make %s: %s", out_dir, error.message().c_str());
  return WriteBoth(std::string(out_dir) + "/" + name, Header(loaded, path, name, content),
                   Source(loaded, path, name));
}

}  // namespace midge_tool
