// SPDX-License-Identifier: Apache-2.0
#include "ports/port.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

void PortWrite(const char* text, size_t length_bytes) {
  std::fwrite(text, 1, length_bytes, stdout);
  std::fflush(stdout);
}

void PortExit(int code) { std::_Exit(code); }

uint64_t PortInstructionCount() {
  using std::chrono::nanoseconds;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<nanoseconds>(now).count());
}

const char* PortCountUnit() { return "ns"; }
