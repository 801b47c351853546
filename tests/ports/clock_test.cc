// SPDX-License-Identifier: Apache-2.0
// The instruction counter against code of known length. Runs with --icount.

#include <initializer_list>

#include "ports/port.h"
#include "tests/support/test.h"

namespace {

// Two counts may each be off by 4, and storing the first count takes a few instructions.
constexpr uint64_t kBound = 12;

// 2 instructions per round, 2 more around.
[[gnu::naked, gnu::noinline]] void Spin(uint32_t) {
  asm volatile(".syntax unified\n 1: subs r0, #1\n bne 1b\n bx lr");
}

uint64_t CountSpin(uint32_t rounds) {
  const uint64_t begin = PortInstructionCount();
  Spin(rounds);
  return PortInstructionCount() - begin;
}

}  // namespace

TEST(Clock, CountsInstructions) {
  for (const uint32_t rounds : {1u, 3u, 7u, 20u, 1000u, 1500000u}) {
    EXPECT_LE(CountSpin(rounds), 2 * rounds + kBound);
    EXPECT_GE(CountSpin(rounds) + kBound, 2 * rounds);
  }
}

TEST(Clock, LeavesItselfOut) {
  constexpr uint64_t kCalls = 1000;
  constexpr uint64_t kMaxLoopInstructions = 5;
  const uint64_t begin = PortInstructionCount();
  for (uint64_t call = 0; call < kCalls; ++call) PortInstructionCount();
  EXPECT_LE(PortInstructionCount() - begin, kCalls * kMaxLoopInstructions);
}

// SysTick has 24 bits and wraps after 671 million instructions at 25 MHz, 1049 at 16 MHz.
TEST(Clock, OutlivesItsTimer) {
  constexpr uint32_t kRounds = 550000000;
  const uint64_t count = CountSpin(kRounds);
  EXPECT_GE(count, 2u * kRounds);
  EXPECT_LE(count, 2u * kRounds + 100);  // a handler runs at each wrap
}
