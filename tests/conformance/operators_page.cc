// SPDX-License-Identifier: Apache-2.0
//
// Writes docs/OPERATORS.md to standard output, from the rows of every op and the packs of cases:
//
//   operators_page PACK... > docs/OPERATORS.md
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "midge/all_ops.h"
#include "midge/describe.h"
#include "tests/conformance/pack.h"

namespace {

using midge_conformance::Case;
using midge_conformance::PackReader;

struct Operator {
  std::string rows;                  // element types
  std::map<std::string, int> cases;  // by types, as their names have them
};

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
      if (found != operators.end())
        ++found->second.cases[name.substr(first + 1, second - first - 1)];
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
      "*Cases* are those of the corpus by the types in their names (the same on every board that "
      "has the memory; the\n"
      "runner prints what passed on the board it runs on). `midge ops MODEL` says what a model "
      "needs.\n"
      "\n"
      "| operator | rows | cases |\n"
      "|---|---|---|");
  for (const auto& [name, op] : operators) {
    std::string cases;
    for (const auto& [types, count] : op.cases) {
      cases += (cases.empty() ? "" : ", ") + types + " " + std::to_string(count);
    }
    std::printf("| %s | %s | %s |\n", name.c_str(), op.rows.c_str(),
                cases.empty() ? "in graphs only" : cases.c_str());
  }
  return 0;
}
