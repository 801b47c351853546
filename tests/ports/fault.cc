// SPDX-License-Identifier: Apache-2.0
// Does on purpose what the fault handler must report. Usage: fault KIND. Before it faults it prints
// "expect pc 0x…", the address that the report must name. Run by check_fault.cmake.

#include <cstdint>
#include <cstring>

#include "ports/port.h"

namespace {

constexpr int kExitUsage = 2;
constexpr int kExitCode = 42;  // what `fault exit` returns

[[gnu::naked]] void UndefinedInstruction() { asm volatile("udf #0"); }

#if __ARM_ARCH_ISA_THUMB == 1
[[gnu::naked]] void UnalignedAccess(uintptr_t) { asm volatile("ldr r0, [r0]\n bx lr"); }
#else
// A single load may be unaligned on Armv7-M, a multiple one never.
[[gnu::naked]] void UnalignedAccess(uintptr_t) { asm volatile("ldm r0, {r1, r2}\n bx lr"); }
[[gnu::naked]] void DivideByZero(uint32_t) { asm volatile("udiv r0, r0, r0\n bx lr"); }
#endif

[[gnu::naked]] void LoadFrom(uintptr_t) { asm volatile("ldr r0, [r0]\n bx lr"); }

[[gnu::noinline]] uint32_t FillStack(uint32_t depth) {
  volatile uint32_t frame[16] = {depth};
  if (depth == 0) return 0;
  return FillStack(depth - 1) + frame[depth % 16];
}

// One large frame: writes below the stack once and returns, and no return address is lost.
[[gnu::naked]] void WriteBelowStack() {
  asm volatile(
      ".syntax unified\n"
      "ldr r1, =midge_stack_bottom\n"
      "subs r1, #64\n"
      "mov r2, sp\n"
      "mov sp, r1\n"
      "str r0, [r1]\n"
      "mov sp, r2\n"
      "bx lr\n"
      ".ltorg");
}

void ExpectPc(uintptr_t address) {
  char text[] = "expect pc 0x00000000\n";
  address &= ~uintptr_t{1};  // the Thumb bit is not part of the address
  for (int digit = 19; digit > 11; --digit, address >>= 4) {
    text[digit] = "0123456789abcdef"[address & 15];
  }
  PortWrite(text, std::strlen(text));
}

template <typename Function>
uintptr_t AddressOf(Function* function) {
  return reinterpret_cast<uintptr_t>(function);
}

}  // namespace

int main(int argc, char** argv) {
  const char* kind = argc == 2 ? argv[1] : "";
  alignas(8) static const uint32_t words[4] = {};
  if (std::strcmp(kind, "exit") == 0) return kExitCode;
  if (std::strcmp(kind, "undefined") == 0) {
    ExpectPc(AddressOf(UndefinedInstruction));
    UndefinedInstruction();
  } else if (std::strcmp(kind, "unaligned") == 0) {
    ExpectPc(AddressOf(UnalignedAccess));
    UnalignedAccess(AddressOf(words) + 1);
#if __ARM_ARCH_ISA_THUMB >= 2
  } else if (std::strcmp(kind, "divide") == 0) {
    ExpectPc(AddressOf(DivideByZero));
    DivideByZero(0);
#endif
  } else if (std::strcmp(kind, "load") == 0) {
    ExpectPc(AddressOf(LoadFrom));
    LoadFrom(0x3F000000);
  } else if (std::strcmp(kind, "null") == 0) {
    ExpectPc(0);
    void (*volatile null)() = nullptr;
    null();
  } else if (std::strcmp(kind, "recursion") == 0) {
    return static_cast<int>(FillStack(UINT32_MAX));
  } else if (std::strcmp(kind, "frame") == 0) {
    WriteBelowStack();
  }
  return kExitUsage;
}
