// SPDX-License-Identifier: Apache-2.0
#include "ports/cortex_m/semihosting.h"

#include "ports/port.h"

namespace midge_port {
namespace {

constexpr uint32_t kApplicationExit = 0x20026;  // ADP_Stopped_ApplicationExit

int32_t stream_handles_plus_1[3];  // 0: not open yet

}  // namespace

int32_t StandardStream(int descriptor) {
  // ":tt" is the console; the fopen() mode tells which of its streams: "r", "w" or "a".
  constexpr uint32_t kModes[] = {0, 4, 8};
  int32_t& handle_plus_1 = stream_handles_plus_1[descriptor];
  if (handle_plus_1 == 0) {
    const struct {
      const char* name;
      uint32_t mode;
      uint32_t name_length;
    } block = {":tt", kModes[descriptor], 3};
    handle_plus_1 = Semihosting(SemihostingCall::kOpen, &block) + 1;
  }
  return handle_plus_1 - 1;
}

}  // namespace midge_port

using midge_port::Semihosting;
using midge_port::SemihostingCall;

void PortWrite(const char* text, size_t length_bytes) {
  const struct {
    int32_t handle;
    const char* text;
    size_t length_bytes;
  } block = {midge_port::StandardStream(1), text, length_bytes};
  Semihosting(SemihostingCall::kWrite, &block);
}

void PortExit(int code) {
  const struct {
    uint32_t reason;
    int code;
  } block = {midge_port::kApplicationExit, code};
  for (;;) Semihosting(SemihostingCall::kExitExtended, &block);
}
