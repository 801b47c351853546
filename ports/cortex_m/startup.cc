// SPDX-License-Identifier: Apache-2.0
// Vector table and reset. main() runs on the process stack and handlers on their own, so that a
// stack overflow in main() can still be reported.

#include <cstddef>
#include <cstdint>

#include "ports/cortex_m/registers.h"
#include "ports/port.h"

using namespace midge_port;  // NOLINT(google-build-using-namespace)

extern "C" {

extern const uint32_t midge_data_load[];
extern uint32_t midge_data_begin[];
extern uint32_t midge_data_end[];
extern uint32_t midge_bss_begin[];
extern uint32_t midge_bss_end[];
extern uint32_t midge_stack_bottom[];
extern uint32_t midge_handler_stack_top[];
using Initializer = void (*)();
extern const Initializer midge_init_array_begin[];
extern const Initializer midge_init_array_end[];

int main(int argc, char** argv);

// Parts that a firmware can do without: null where not linked (see midge_add_firmware's BARE).
[[gnu::weak]] void FaultReport(const uint32_t* frame, uint32_t exception_number);
[[gnu::weak]] int CommandLine(char*** argv);
[[gnu::weak, noreturn]] void exit(int code);
[[gnu::weak]] void SysTickHandler();

#if __ARM_ARCH >= 8
// The core compares the process stack pointer with its limit.
static void GuardStack() { asm volatile("msr psplim, %0" ::"r"(midge_stack_bottom)); }
#else
// Forbids the 64 KB below the stacks, which begin where RAM does. Some machines answer there.
static void GuardStack() {
  if (Register(kMpuType) == 0) return;
  const auto stack_bottom = reinterpret_cast<uintptr_t>(midge_stack_bottom);
  Register(kMpuRbar) = (stack_bottom - 0x10000) | kMpuRbarValid;
  Register(kMpuRasr) = kMpuRasrNeverExecute | kMpuRasrSize64K | kMpuRasrEnable;
  Register(kMpuCtrl) = kMpuCtrlEnable | kMpuCtrlDefaultMap;
  asm volatile("dsb\n isb" ::: "memory");
}
#endif

[[gnu::used, noreturn]] static void Start() {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  Register(kCpacr) = Register(kCpacr) | kCpacrFullFpuAccess;
  asm volatile("dsb\n isb" ::: "memory");
#endif
#if defined(MIDGE_PORT_TRAP_UNALIGNED)
  Register(kCcr) = Register(kCcr) | kCcrTrapUnaligned;
#elif __ARM_ARCH_ISA_THUMB >= 2
  Register(kCcr) = Register(kCcr) | kCcrTrapDivideByZero;
#endif

  GuardStack();

  const uint32_t* from = midge_data_load;
  for (uint32_t* to = midge_data_begin; to != midge_data_end; ++to) *to = *from++;
  for (uint32_t* to = midge_bss_begin; to != midge_bss_end; ++to) *to = 0;
  // The library has none, but a test may.
  for (const Initializer* initializer = midge_init_array_begin; initializer != midge_init_array_end;
       ++initializer) {
    (*initializer)();
  }

  char** argv = nullptr;
  const int argc = CommandLine != nullptr ? CommandLine(&argv) : 0;
  const int code = main(argc, argv);
  if (exit != nullptr) exit(code);  // flushes what the C library buffers
  PortExit(code);
}

[[gnu::naked, noreturn]] static void Reset() {
  asm volatile(
      "ldr r0, =midge_stack_top\n"
      "msr psp, r0\n"
      "movs r0, #2\n"  // CONTROL.SPSEL: thread mode uses the process stack
      "msr control, r0\n"
      "isb\n"
      "ldr r0, =%c0\n"
      "bx r0\n"
      ".ltorg\n" ::"i"(Start));
}

[[gnu::used, noreturn]] static void Fault(const uint32_t* frame, uint32_t exception_number) {
  if (FaultReport != nullptr) FaultReport(frame, exception_number);
  PortExit(1);
}

// Finds the registers that the core pushed: bit 2 of the exception return value tells on which
// stack.
[[gnu::naked]] static void FaultEntry() {
  asm volatile(
      "movs r0, #4\n"
      "mov r1, lr\n"
      "tst r1, r0\n"
      "bne 1f\n"
      "mrs r0, msp\n"
      "b 2f\n"
      "1: mrs r0, psp\n"
      "2: mrs r1, ipsr\n"
      "ldr r2, =%c0\n"
      "bx r2\n"
      ".ltorg\n" ::"i"(Fault));
}

// Cortex-M: initial stack pointer, then handlers 1 to 15. Interrupts of devices stay disabled.
struct VectorTable {
  const uint32_t* stack_top;
  void (*handlers[15])();
};

[[gnu::section(".vectors"), gnu::used]] extern const VectorTable midge_vectors = {
    midge_handler_stack_top,
    {Reset, FaultEntry, FaultEntry, FaultEntry, FaultEntry, FaultEntry, FaultEntry, FaultEntry,
     FaultEntry, FaultEntry, FaultEntry, FaultEntry, FaultEntry, FaultEntry, SysTickHandler}};

}  // extern "C"
