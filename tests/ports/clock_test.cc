// SPDX-License-Identifier: Apache-2.0
// The instruction counter against code of known length. Runs with --icount.

#include <cstdint>

#include "ports/port.h"
#include "tests/support/test.h"

namespace {

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

// Every position inside a tick, which is 40 or 62.5 instructions long, and one long stretch.
TEST(Clock, CountsInstructions) {
  constexpr uint32_t kShortRounds = 100;
  constexpr uint32_t kLongRounds = 1500000;
  uint64_t least = UINT64_MAX;  // beyond the rounds: the call of Spin()
  uint64_t most = 0;
  for (uint32_t rounds = 1; rounds <= kShortRounds + 1; ++rounds) {
    const uint32_t actual_rounds = rounds <= kShortRounds ? rounds : kLongRounds;
    const uint64_t rest = CountSpin(actual_rounds) - 2 * actual_rounds;
    if (rest < least) least = rest;
    if (rest > most) most = rest;
  }
  EXPECT_LE(most, 16u);
  EXPECT_LE(most - least, 8u);  // port.h: a difference is off by 4 at most
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
