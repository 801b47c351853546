// SPDX-License-Identifier: Apache-2.0
//
// The rules of docs/FORMAT.md, by the names that they have there. The test rules_match_format_page
// compares that page with all calls of ExpectRule, so each rule has a model that breaks it, and
// each such model a rule.
#pragma once

#include "midge/status.h"
#include "tests/support/test.h"

namespace midge_test {

// `status` is what became of a model or a plan that breaks the rule: the page's code, at its place.
inline void ExpectRule(const char* rule, midge::Status expected, midge::Status status) {
  if (EXPECT_TRUE(status == expected)) return;
  Print("  rule ");
  Print(rule);
  Print(": code ");
  PrintUnsigned(static_cast<uint64_t>(status.code()));
  Print(", node ");
  PrintSigned(status.node());
  Print(", operand ");
  PrintUnsigned(status.operand().bits());
  Print(", tensor ");
  PrintSigned(status.tensor());
  Print("\n");
}

}  // namespace midge_test
