// SPDX-License-Identifier: Apache-2.0
// argc and argv from the command line that the host passes on.

#include <cstdint>

#include "ports/cortex_m/semihosting.h"

namespace midge_port {
namespace {

#if !defined(MIDGE_PORT_COMMAND_LINE_BYTES)
#define MIDGE_PORT_COMMAND_LINE_BYTES 4096
#endif
constexpr int kMaxArguments = MIDGE_PORT_COMMAND_LINE_BYTES / 16;
constexpr char kBlankInsideWord = '\037';  // written by ports/run-qemu

char line[MIDGE_PORT_COMMAND_LINE_BYTES];
char* arguments[kMaxArguments + 1];

}  // namespace
}  // namespace midge_port

extern "C" int CommandLine(char*** argv) {
  using namespace midge_port;  // NOLINT(google-build-using-namespace)

  struct {
    char* line;
    uint32_t length_bytes;
  } block = {line, sizeof(line)};
  *argv = arguments;
  if (Semihosting(SemihostingCall::kGetCommandLine, &block) != 0) return -1;

  int count = 0;
  for (char* at = line; *at != '\0' && count < kMaxArguments;) {
    arguments[count++] = at;
    for (; *at != '\0' && *at != ' '; ++at) {
      if (*at == kBlankInsideWord) *at = ' ';
    }
    if (*at == ' ') *at++ = '\0';
  }
  return count;
}
