// SPDX-License-Identifier: Apache-2.0
// Counts instructions with SysTick. Under `-icount shift=0` an instruction takes one nanosecond of
// virtual time, and SysTick ticks at the CPU clock: every 40 instructions at 25 MHz. The position
// inside a tick is found by counting how often a loop of 4 instructions runs until the next tick.
// What the call costs, that loop included, is known exactly and left out of the count.

#include <cstdint>

#include "ports/cortex_m/registers.h"
#include "ports/port.h"

namespace midge_port {
namespace {

constexpr uint32_t kTicksPerWrap = 1u << 24;
constexpr uint64_t kLoopInstructions = 4;

// Instructions per tick as a fraction of 4, exact for 25, 16 and 32 MHz.
constexpr uint64_t kQuarterInstructionsPerTick = 4'000'000'000u / MIDGE_PORT_CLOCK_HZ;
static_assert(kQuarterInstructionsPerTick * MIDGE_PORT_CLOCK_HZ == 4'000'000'000u);

volatile uint32_t wraps;
bool started;
uint64_t call_cost_instructions;  // without the loop
uint64_t left_out_instructions;   // cost of all calls so far

void Start() {
  started = true;
  Register(kSystRvr) = kTicksPerWrap - 1;
  Register(kSystCvr) = 0;
  Register(kSystCsr) = kSystCsrEnable | kSystCsrInterrupt | kSystCsrCpuClock;

  // Calls back to back, with two more instructions around each: what they count is their own cost.
  constexpr uint32_t kCalls = 64;
  constexpr uint32_t kInstructionsAround = 2;
  const uint64_t begin = PortInstructionCount();
  uint32_t calls = kCalls;
  asm volatile(
      "1: bl %c1\n"
      "subs %0, #1\n"
      "bne 1b\n"
      : "+l"(calls)
      : "i"(PortInstructionCount)
      : "r0", "r1", "r2", "r3", "r12", "lr", "cc", "memory");
  const uint64_t count = PortInstructionCount() - begin;
  call_cost_instructions = (count + kCalls / 2) / kCalls - kInstructionsAround;
}

}  // namespace
}  // namespace midge_port

extern "C" void SysTickHandler() { midge_port::wraps = midge_port::wraps + 1; }

uint64_t PortInstructionCount() {
  using namespace midge_port;  // NOLINT(google-build-using-namespace)

  if (!started) Start();
  uint32_t loops = 0;
  uint32_t now;
  uint32_t before;
  asm volatile(
      "cpsid i\n"  // a handler inside the loop would be counted wrong
      "ldr %[before], [%[timer]]\n"
      "1: adds %[loops], #1\n"
      "ldr %[now], [%[timer]]\n"
      "cmp %[now], %[before]\n"
      "beq 1b\n"
      : [loops] "+l"(loops), [now] "=&l"(now), [before] "=&l"(before)
      : [timer] "l"(kSystCvr)
      : "cc", "memory");
  // SysTick counts down and asks for its handler on reaching 0, where a new round starts.
  const uint32_t tick = (kTicksPerWrap - now) % kTicksPerWrap;
  const uint32_t pending = (Register(kIcsr) & kIcsrSysTickPending) != 0 ? 1u : 0u;
  const uint64_t ticks = (static_cast<uint64_t>(wraps + pending) << 24) + tick;
  asm volatile("cpsie i" ::: "memory");

  const uint64_t loop_instructions = loops * kLoopInstructions;
  const uint64_t entry = ticks * kQuarterInstructionsPerTick / 4 - loop_instructions;
  const uint64_t count = entry - left_out_instructions;
  left_out_instructions += loop_instructions + call_cost_instructions;
  return count;
}

const char* PortCountUnit() { return "instructions"; }
