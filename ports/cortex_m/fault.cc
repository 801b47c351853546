// SPDX-License-Identifier: Apache-2.0
// Says what went wrong and where, and ends the simulation. Uses nothing that could itself be
// broken: no heap, no C library, only the handler's stack.

#include <cstdint>

#include "ports/cortex_m/registers.h"
#include "ports/cortex_m/semihosting.h"
#include "ports/port.h"

extern "C" const uint32_t midge_stack_bottom[];
extern "C" const uint32_t midge_code_end[];

namespace midge_port {
namespace {

struct Cause {
  uint32_t cfsr_bit;
  const char* text;
};

// Bits of the Configurable Fault Status Register (Armv7-M manual, B3.2.15).
constexpr Cause kCauses[] = {
    {1u << 0, "instruction fetch from protected memory"},
    {1u << 1, "access to protected memory"},
    {1u << 8, "instruction fetch from no memory"},
    {1u << 9, "access to no memory"},
    {1u << 10, "access to no memory (imprecise)"},
    {1u << 16, "undefined instruction"},
    {1u << 17, "jump to an address without the Thumb bit"},
    {1u << 18, "invalid exception return"},
    {1u << 19, "no coprocessor"},
    {1u << 24, "unaligned access"},
    {1u << 25, "division by zero"},
};
// Registers could not be pushed, or (Armv8-M) the stack pointer went below its limit.
constexpr uint32_t kCfsrStacking = (1u << 4) | (1u << 12) | (1u << 20);
constexpr uint32_t kCfsrMmfarValid = 1u << 7;
constexpr uint32_t kCfsrBfarValid = 1u << 15;

constexpr const char* kExceptions[] = {"thread",    "reset",    "NMI",       "HardFault",
                                       "MemManage", "BusFault", "UsageFault"};

enum FrameWord { kFrameLr = 5, kFramePc = 6, kFramePsr = 7 };

void Write(const char* text) { Semihosting(SemihostingCall::kWrite0, text); }

void WriteRegister(const char* name, uint32_t value) {
  char hex[] = " 0x00000000\n";
  for (int digit = 10; digit > 2; --digit, value >>= 4) hex[digit] = "0123456789abcdef"[value & 15];
  Write(name);
  Write(hex);
}

// Armv6-M has no fault status: what was at the program counter has to tell.
const char* CauseOnArmv6M(const uint32_t* frame) {
  constexpr uint32_t kPsrThumb = 1u << 24;
  if ((frame[kFramePsr] & kPsrThumb) == 0) return "jump to an address without the Thumb bit";
  const uintptr_t pc = frame[kFramePc];
  const auto code_end = reinterpret_cast<uintptr_t>(midge_code_end);
  if (pc >= code_end) return "jump to an address without code";
  const uint16_t instruction = *reinterpret_cast<const uint16_t*>(pc);
  if ((instruction & 0xFF00) == 0xDE00) return "undefined instruction";
  return "unaligned access or access to no memory";
}

}  // namespace
}  // namespace midge_port

extern "C" [[noreturn]] void FaultReport(const uint32_t* frame, uint32_t exception_number) {
  using namespace midge_port;  // NOLINT(google-build-using-namespace)

  const bool armv6m = ((Register(kCpuid) >> 16) & 0xF) == 0xC;
  const uint32_t cfsr = armv6m ? 0 : Register(kCfsr);
  const bool overflow = frame < midge_stack_bottom || (cfsr & kCfsrStacking) != 0;

  Write("\nFAULT ");
  Write(exception_number < sizeof(kExceptions) / sizeof(kExceptions[0])
            ? kExceptions[exception_number]
            : "unexpected exception");
  Write(": ");
  if (overflow) {
    Write("stack overflow");
  } else if (armv6m) {
    Write(CauseOnArmv6M(frame));
  } else {
    const char* separator = "";
    for (const Cause& cause : kCauses) {
      if ((cfsr & cause.cfsr_bit) == 0) continue;
      Write(separator);
      Write(cause.text);
      separator = ", ";
    }
  }
  Write("\n");
  if (overflow) {
    WriteRegister("sp  ", reinterpret_cast<uintptr_t>(frame));  // the frame was never written
  } else {
    WriteRegister("pc  ", frame[kFramePc]);
    WriteRegister("lr  ", frame[kFrameLr]);
    WriteRegister("psr ", frame[kFramePsr]);
  }
  if (!armv6m) {
    WriteRegister("cfsr", cfsr);
    WriteRegister("hfsr", Register(kHfsr));
    if ((cfsr & kCfsrMmfarValid) != 0) WriteRegister("mmfar", Register(kMmfar));
    if ((cfsr & kCfsrBfarValid) != 0) WriteRegister("bfar", Register(kBfar));
  }
  PortExit(1);
}
