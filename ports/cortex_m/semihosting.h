// SPDX-License-Identifier: Apache-2.0
// Calls into the debugger or emulator (Arm's "Semihosting for AArch32 and AArch64").
#pragma once

#include <cstddef>
#include <cstdint>

namespace midge_port {

enum class SemihostingCall : uint32_t {
  kOpen = 0x01,
  kClose = 0x02,
  kWrite0 = 0x04,
  kWrite = 0x05,
  kRead = 0x06,
  kIsTty = 0x09,
  kSeek = 0x0A,
  kFileLength = 0x0C,
  kRemove = 0x0E,
  kRename = 0x0F,
  kErrno = 0x13,
  kGetCommandLine = 0x15,
  kExitExtended = 0x20,
};

// `parameters` is what the call's definition asks for: mostly the address of a block of words.
inline int32_t Semihosting(SemihostingCall call, const void* parameters) {
  register uint32_t r0 asm("r0") = static_cast<uint32_t>(call);
  register const void* r1 asm("r1") = parameters;
  asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return static_cast<int32_t>(r0);
}

// Handles of the host's streams, opened when first asked for; -1 where there is none.
int32_t StandardStream(int descriptor);

}  // namespace midge_port
