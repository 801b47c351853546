// SPDX-License-Identifier: Apache-2.0
//
// Arguments and messages of a command. No heap and no C++ library: boards run it too.
#pragma once

#include "midge/span.h"

namespace midge_tool {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  // the model, the data or the machine is to blame
inline constexpr int kExitUsage = 2;    // the caller is

// "--name VALUE" or "--name=VALUE" if `value` is not null, else the switch "--name".
struct Option {
  const char* name;
  const char** value;
  bool* flag;
};

// Sorts `argv` into options and at most `positionals.size()` other words, of which
// `*positional_count` are set. Returns kExitOk, or kExitUsage after one line on stderr.
int ParseArguments(const char* program, int argc, char** argv, midge::Span<const Option> options,
                   midge::Span<const char*> positionals, int* positional_count);

// The arguments of a command that takes options, --help and one model: as above, and prints `help`
// if asked to. `*path` is null if there is no model. `*done`: the command has nothing left to do
// but return what this returned.
int ParseModelArguments(const char* program, const char* help, int argc, char** argv,
                        midge::Span<const Option> options, const char** path, bool* done);

// Reads a decimal number in [0, most]. Returns kExitOk, or kExitUsage after one line on stderr.
int ParseNumber(const char* program, const char* name, const char* text, unsigned long most,
                unsigned long* value);

// One line "program: text" on stderr, control characters in it replaced: names come from models.
// Returns kExitFailure.
[[gnu::format(printf, 2, 3)]] int Fail(const char* program, const char* format, ...);
// The same, and points at --help. Returns kExitUsage.
[[gnu::format(printf, 2, 3)]] int FailUsage(const char* program, const char* format, ...);

}  // namespace midge_tool
