// SPDX-License-Identifier: Apache-2.0
//
// Runs packs of conformance cases (README.md) through the public API:
//
//   runner PACK... [--filter TEXT] [--memory BYTES] [--verbose]
//
// Each case also proves the arena's contract: arena_used_bytes() is enough, one byte less fails
// with kArenaTooSmall and the same need, and nothing beside the arena is touched. Exit code: 0, 1
// if a case failed or none ran, 2 for wrong usage or a pack that cannot be read.

#include <cstdlib>
#include <cstring>

#include "midge/midge.h"
#include "tests/conformance/comparison.h"
#include "tests/conformance/pack.h"
#include "tests/conformance/workspace.h"
#include "tests/support/test.h"
#include "tools/midge/op_group.h"

namespace {

using midge::Interpreter;
using midge::Span;
using midge::Status;
using midge::StatusCode;
using midge::TensorView;
using midge_conformance::Case;
using midge_conformance::CaseKind;
using midge_conformance::CaseTensor;
using midge_conformance::Comparison;
using midge_conformance::PackReader;
using midge_conformance::Workspace;
using midge_test::Print;
using midge_test::PrintUnsigned;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

struct Options {
  const char* filter = "";
  uint32_t memory_bytes = 128 * 1024;  // for model and arena; the corpus needs less
  bool verbose = false;
};

struct Counts {
  uint32_t passed = 0;
  uint32_t failed = 0;
  uint32_t skipped = 0;
};

enum class Outcome { kPassed, kFailed, kNoMemory };

// Starts the line that says why a case failed; the caller ends it.
void BeginFailure(const Case& test, const char* what) {
  Print("FAILED ");
  Print(test.name);
  Print(": ");
  Print(what);
}

Outcome Fail(const Case& test, const char* what) {
  BeginFailure(test, what);
  Print("\n");
  return Outcome::kFailed;
}

Outcome Fail(const Case& test, const char* what, Status status, const Interpreter& interpreter) {
  char text[160];
  BeginFailure(test, what);
  Print(": ");
  Print(midge::Describe(status, interpreter, text));
  Print("\n");
  return Outcome::kFailed;
}

// As the case's file describes it, with data.
bool Agrees(const TensorView& tensor, const CaseTensor& expected) {
  return tensor.type() == expected.type && tensor.size_bytes() == expected.size_bytes &&
         (tensor.has_data() || expected.size_bytes == 0);
}

// False if the pack could not be read.
bool Compare(const Case& test, const Interpreter& interpreter, uint32_t invoke, PackReader* pack,
             bool* same) {
  for (int i = 0; i < test.output_count; ++i) {
    const CaseTensor& expected = test.output(i);
    Comparison comparison(interpreter.output(i), expected.tolerance);
    uint8_t piece[64];
    for (uint32_t left = expected.size_bytes; left > 0;) {
      const uint32_t size = left < sizeof piece ? left : static_cast<uint32_t>(sizeof piece);
      if (!pack->Read(piece, size)) return false;
      comparison.Feed(piece, size);
      left -= size;
    }
    if (comparison.ok()) continue;
    *same = false;
    BeginFailure(test, "invoke ");
    PrintUnsigned(invoke);
    Print(", output ");
    PrintUnsigned(static_cast<uint32_t>(i));
    Print(", ");
    comparison.Report();
    Print("\n");
  }
  return true;
}

Outcome RunInvokes(const Case& test, Interpreter* interpreter, PackReader* pack) {
  if (interpreter->input_count() != test.input_count ||
      interpreter->output_count() != test.output_count) {
    return Fail(test, "the model's inputs or outputs are of another number");
  }
  for (int i = 0; i < test.input_count; ++i) {
    if (!Agrees(interpreter->input(i), test.input(i))) return Fail(test, "wrong input tensor");
  }
  for (int i = 0; i < test.output_count; ++i) {
    if (!Agrees(interpreter->output(i), test.output(i))) return Fail(test, "wrong output tensor");
  }
  bool same = true;
  for (uint32_t invoke = 0; invoke < test.invoke_count; ++invoke) {
    for (int i = 0; i < test.input_count; ++i) {
      uint8_t* const data = interpreter->input(i).mutable_bytes().data();
      if (!pack->Read(data, test.input(i).size_bytes)) return Outcome::kFailed;
    }
    if (Status status = interpreter->Invoke(); !status.ok()) {
      return Fail(test, "Invoke", status, *interpreter);
    }
    if (!Compare(test, *interpreter, invoke, pack, &same)) return Outcome::kFailed;
  }
  return same ? Outcome::kPassed : Outcome::kFailed;
}

Outcome RunCase(const Case& test, Workspace* workspace, PackReader* pack) {
  uint8_t* const model_data = workspace->PlaceModel(test.model_bytes);
  if (model_data == nullptr) return Outcome::kNoMemory;
  if (!pack->ReadModel(model_data)) return Outcome::kFailed;
  const Span<const uint8_t> model(model_data, test.model_bytes);

  uint32_t need_bytes;
  {
    Interpreter interpreter(model, midge::kProgramOps,
                            workspace->PlaceArena(workspace->arena_room_bytes()));
    const Status status = interpreter.AllocateTensors();
    if (!workspace->GuardsIntact()) return Fail(test, "AllocateTensors left the arena");
    if (status.code() == StatusCode::kArenaTooSmall) return Outcome::kNoMemory;
    if (test.kind == CaseKind::kRefuse) {
      return status.ok() ? Fail(test, "should have been refused") : Outcome::kPassed;
    }
    if (!status.ok()) return Fail(test, "AllocateTensors", status, interpreter);
    need_bytes = static_cast<uint32_t>(interpreter.arena_used_bytes());
  }
  if (need_bytes > 0) {
    Interpreter interpreter(model, midge::kProgramOps, workspace->PlaceArena(need_bytes - 1));
    const Status status = interpreter.AllocateTensors();
    if (status.code() != StatusCode::kArenaTooSmall) {
      return Fail(test, "an arena one byte too small is not refused as such");
    }
    if (interpreter.arena_used_bytes() != need_bytes) {
      return Fail(test, "a small arena's error names another need");
    }
    if (!workspace->GuardsIntact()) return Fail(test, "AllocateTensors left a small arena");
  }
  Interpreter interpreter(model, midge::kProgramOps, workspace->PlaceArena(need_bytes));
  if (Status status = interpreter.AllocateTensors(); !status.ok()) {
    return Fail(test, "AllocateTensors in arena_used_bytes()", status, interpreter);
  }
  if (interpreter.arena_used_bytes() != need_bytes) {
    return Fail(test, "arena_used_bytes() changes with the arena");
  }
  const Outcome outcome = RunInvokes(test, &interpreter, pack);
  if (!workspace->GuardsIntact()) return Fail(test, "Invoke left the arena");
  return outcome;
}

void PrintCounts(const Counts& counts) {
  PrintUnsigned(counts.passed);
  Print(" passed, ");
  PrintUnsigned(counts.failed);
  Print(" failed, ");
  PrintUnsigned(counts.skipped);
  Print(" skipped\n");
}

// Length of "OPERATOR/types" in "OPERATOR/types/setting".
size_t GroupLength(const char* name) {
  const char* const first = std::strchr(name, '/');
  const char* const second = first == nullptr ? nullptr : std::strchr(first + 1, '/');
  return second == nullptr ? std::strlen(name) : static_cast<size_t>(second - name);
}

// The cases of one OPERATOR/types stand side by side, so the coverage table needs no memory: each
// line is printed when its group ends.
class Coverage {
 public:
  void Add(const char* name, Outcome outcome) {
    const size_t length = GroupLength(name);
    if (std::strlen(group_) != length || std::strncmp(name, group_, length) != 0) {
      EndGroup();
      std::memcpy(group_, name, length);
      group_[length] = '\0';
    }
    uint32_t Counts::*const counter = outcome == Outcome::kPassed   ? &Counts::passed
                                      : outcome == Outcome::kFailed ? &Counts::failed
                                                                    : &Counts::skipped;
    ++(group_counts_.*counter);
    ++(total_.*counter);
  }
  void EndGroup() {
    if (group_[0] != '\0') {
      Print("  ");
      Print(group_);
      for (size_t column = std::strlen(group_); column < 32; ++column) Print(" ");
      PrintCounts(group_counts_);
    }
    group_counts_ = {};
    group_[0] = '\0';
  }
  const Counts& total() const { return total_; }

 private:
  char group_[Case::kMaxNameLength + 1] = "";
  Counts group_counts_;
  Counts total_;
};

bool RunPack(const char* path, const Options& options, Coverage* coverage) {
  PackReader pack;
  if (pack.Open(path)) {
    Workspace workspace(options.memory_bytes);
    Case test;
    while (pack.Next(&test)) {
      if (std::strstr(test.name, options.filter) == nullptr) continue;
      const Outcome outcome = RunCase(test, &workspace, &pack);
      if (!pack.ok()) break;
      coverage->Add(test.name, outcome);
      if (options.verbose && outcome != Outcome::kFailed) {
        Print(outcome == Outcome::kPassed ? "ok " : "skipped ");
        Print(test.name);
        Print("\n");
      }
    }
    coverage->EndGroup();
  }
  if (pack.ok()) return true;
  Print(path);
  Print(": ");
  Print(pack.error());
  Print("\n");
  return false;
}

int Usage() {
  Print("usage: runner PACK... [--filter TEXT] [--memory BYTES] [--verbose]\n");
  return kExitUsage;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  int pack_count = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--verbose") == 0) {
      options.verbose = true;
    } else if (std::strcmp(argv[i], "--filter") == 0 && i + 1 < argc) {
      options.filter = argv[++i];
    } else if (std::strcmp(argv[i], "--memory") == 0 && i + 1 < argc) {
      options.memory_bytes = static_cast<uint32_t>(std::strtoul(argv[++i], nullptr, 10));
    } else if (argv[i][0] == '-') {
      return Usage();
    } else {
      argv[1 + pack_count++] = argv[i];
    }
  }
  if (pack_count == 0) return Usage();

  Coverage coverage;
  for (int i = 0; i < pack_count; ++i) {
    if (!RunPack(argv[1 + i], options, &coverage)) return kExitUsage;
  }
  const Counts& total = coverage.total();
  PrintCounts(total);
  if (total.skipped > 0) Print("skipped: the board has no memory for model and arena\n");
  return total.failed > 0 || total.passed == 0 ? kExitFailed : 0;
}
