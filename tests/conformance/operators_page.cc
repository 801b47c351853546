// SPDX-License-Identifier: Apache-2.0
//
// Writes docs/OPERATORS.md to standard output, from the rows of every op and the packs of cases:
//
//   operators_page PACK... > docs/OPERATORS.md
//
// Which cases a port has the memory for is found as the runner finds it, with the kernels of
// arm_v6m, which ask for the most scratch.
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "midge/all_ops.h"
#include "midge/describe.h"
#include "midge/interpreter.h"
#include "tests/conformance/pack.h"
#include "tests/conformance/workspace.h"

namespace {

using midge_conformance::Case;
using midge_conformance::PackReader;
using midge_conformance::Workspace;

// The ports and what their runners have for model and arena.
struct Port {
  const char* name;
  uint32_t memory_bytes;
};
constexpr uint32_t kRunnerBytes = 128 * 1024;  // as much as it takes
constexpr uint32_t kMicrobitBytes = 9 * 1024;  // of its 16 KB
constexpr Port kPorts[] = {{"host", kRunnerBytes},       {"mps2-an386", kRunnerBytes},
                           {"mps2-an500", kRunnerBytes}, {"mps3-an547", kRunnerBytes},
                           {"mps2-an385", kRunnerBytes}, {"microbit", kMicrobitBytes},
                           {"esp32-host", kRunnerBytes}};
constexpr size_t kPortCount = sizeof kPorts / sizeof kPorts[0];

struct Operator {
  std::string rows;                  // element types
  std::map<std::string, int> cases;  // by types, as their names have them
  int fit[kPortCount] = {};          // cases
};

bool Fits(const uint8_t* model, uint32_t model_bytes, uint32_t memory_bytes) {
  Workspace workspace(memory_bytes);
  uint8_t* const place = workspace.PlaceModel(model_bytes);
  if (place == nullptr) return false;
  std::memcpy(place, model, model_bytes);
  midge::Interpreter interpreter({place, model_bytes}, midge::kAllOps,
                                 workspace.PlaceArena(workspace.arena_room_bytes()));
  return interpreter.AllocateTensors().code() != midge::StatusCode::kArenaTooSmall;
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, Operator> operators;
  const midge::OpResolverView ops = midge::kAllOps;
  for (int i = 0; i < ops.count(); ++i) {
    for (const midge::Op* row = &ops.row(i); row != nullptr; row = row->next) {
      std::string& rows = operators[midge::OpName(row->code)].rows;
      const std::string type =
          row->type == midge::TensorType::kAny ? "any" : Lower(midge::TypeName(row->type));
      if ((", " + rows + ",").find(", " + type + ",") != std::string::npos) continue;
      rows += (rows.empty() ? "" : ", ") + type;
    }
  }
  for (int i = 1; i < argc; ++i) {
    PackReader pack;
    if (!pack.Open(argv[i])) {
      std::fprintf(stderr, "operators_page: %s: %s\n", argv[i], pack.error());
      return 1;
    }
    for (Case test; pack.Next(&test);) {
      const std::string name = test.name;
      const size_t first = name.find('/'), second = name.find('/', first + 1);
      const auto found = operators.find(name.substr(0, first));
      if (found == operators.end()) continue;
      ++found->second.cases[name.substr(first + 1, second - first - 1)];
      std::vector<uint8_t> model(test.model_bytes);
      if (!pack.ReadModel(model.data())) return 1;
      std::map<uint32_t, bool> fits;  // by memory
      for (size_t p = 0; p < kPortCount; ++p) {
        const uint32_t memory_bytes = kPorts[p].memory_bytes;
        if (fits.find(memory_bytes) == fits.end()) {
          fits[memory_bytes] = Fits(model.data(), test.model_bytes, memory_bytes);
        }
        found->second.fit[p] += fits[memory_bytes];
      }
    }
    if (!pack.ok()) return 1;
  }

  std::puts(
      "# Operators\n"
      "\n"
      "Made from the op rows and the conformance corpus by `tests/conformance/operators_page.cc`; "
      "a test compares.\n"
      "*Rows* are the element types of the operand that chooses the kernel (`any`: moved whatever "
      "they are).\n"
      "*Cases* are those of the corpus by the types in their names; each port's column says how "
      "many "
      "of them it runs:\n"
      "all that it has the memory for, which its runner counts. `midge ops MODEL` says what a "
      "model "
      "needs.\n");
  std::string head = "| operator | rows | cases |", line = "|---|---|---|";
  for (const Port& port : kPorts) {
    head += std::string(" ") + port.name + " |";
    line += "--:|";
  }
  std::printf("%s\n%s\n", head.c_str(), line.c_str());
  int total[kPortCount] = {}, all = 0;
  for (const auto& [name, op] : operators) {
    std::string cases, fit;
    for (const auto& [types, count] : op.cases) {
      cases += (cases.empty() ? "" : ", ") + types + " " + std::to_string(count);
      all += count;
    }
    for (size_t p = 0; p < kPortCount; ++p) {
      fit += op.cases.empty() ? " |" : " " + std::to_string(op.fit[p]) + " |";
      total[p] += op.fit[p];
    }
    std::printf("| %s | %s | %s |%s\n", name.c_str(), op.rows.c_str(),
                cases.empty() ? "in graphs only" : cases.c_str(), fit.c_str());
  }
  std::printf("| **all** | | %d |", all);
  for (const int count : total) std::printf(" %d |", count);
  std::puts("");
  return 0;
}
