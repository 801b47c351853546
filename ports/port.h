// SPDX-License-Identifier: Apache-2.0
// What a port gives to tests, benchmarks and examples. The library itself uses none of it.
//
// A program is a plain `int main(int argc, char** argv)`; arguments, files (<cstdio>) and the exit
// code are the host's, on a board as well.
#pragma once

#include <cstddef>
#include <cstdint>

// Writes text to standard output, unbuffered. Ignores errors.
void PortWrite(const char* text, size_t length_bytes);

// Ends the program at once with this exit code: no destructors, no flushing.
[[noreturn]] void PortExit(int code);

// Work done since some fixed moment, in the unit below. Only differences mean something, and the
// call's own cost is not part of them.
//
// Boards: instructions, when QEMU runs with `run-qemu --icount`; a difference is off by 3 at most
// (microbit: 4), however long it is. Without --icount the count follows the host's clock, says
// nothing and may even run backwards.
//
// Hosts: nanoseconds of a monotonic clock, with the call's cost included.
uint64_t PortInstructionCount();

// "instructions" or "ns".
const char* PortCountUnit();
