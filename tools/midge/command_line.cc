// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace midge_tool {
namespace {

void PrintLine(const char* program, const char* format, va_list arguments, const char* hint) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  for (char* c = text; *c != '\0'; ++c) {
    if (static_cast<unsigned char>(*c) < 0x20 || *c == 0x7f) *c = '?';
  }
  std::fprintf(stderr, "%s: %s%s\n", program, text, hint);
}

const Option* FindOption(midge::Span<const Option> options, const char* word, size_t length) {
  for (const Option& option : options) {
    if (std::strlen(option.name) == length && std::strncmp(option.name, word, length) == 0) {
      return &option;
    }
  }
  return nullptr;
}

}  // namespace

int ParseArguments(const char* program, int argc, char** argv, midge::Span<const Option> options,
                   midge::Span<const char*> positionals, int* positional_count) {
  *positional_count = 0;
  for (int i = 0; i < argc; ++i) {
    const char* word = argv[i];
    if (word[0] != '-' || word[1] == '\0') {
      if (static_cast<size_t>(*positional_count) == positionals.size()) {
        return FailUsage(program, "unexpected argument '%s'", word);
      }
      positionals[static_cast<size_t>((*positional_count)++)] = word;
      continue;
    }
    const char* equals = std::strchr(word, '=');
    const size_t length =
        equals != nullptr ? static_cast<size_t>(equals - word) : std::strlen(word);
    const Option* option = FindOption(options, word, length);
    if (option == nullptr) return FailUsage(program, "unknown option '%s'", word);
    if (option->value == nullptr) {
      if (equals != nullptr) return FailUsage(program, "%s takes no value", option->name);
      *option->flag = true;
    } else if (equals != nullptr) {
      *option->value = equals + 1;
    } else if (i + 1 < argc) {
      *option->value = argv[++i];
    } else {
      return FailUsage(program, "%s needs a value", option->name);
    }
  }
  return kExitOk;
}

int ParseModelArguments(const char* program, const char* help, int argc, char** argv,
                        midge::Span<const Option> options, const char** path, bool* done) {
  constexpr size_t kMostOptions = 8;
  bool wants_help = false;
  Option all[kMostOptions + 1];
  size_t count = 0;
  for (const Option& option : options) all[count++] = option;
  all[count++] = {"--help", nullptr, &wants_help};
  int paths = 0;
  *path = nullptr;
  const int failed = ParseArguments(program, argc, argv, {all, count}, {path, 1}, &paths);
  *done = failed != kExitOk || wants_help;
  if (failed == kExitOk && wants_help) std::fputs(help, stdout);
  return failed;
}

int ParseNumber(const char* program, const char* name, const char* text, unsigned long most,
                unsigned long* value) {
  char* end = nullptr;
  const bool digit_first = text[0] >= '0' && text[0] <= '9';  // strtoul also takes signs and blanks
  *value = std::strtoul(text, &end, 10);
  if (!digit_first || *end != '\0' || *value > most) {
    return FailUsage(program, "%s needs a number up to %lu, not '%s'", name, most, text);
  }
  return kExitOk;
}

int Fail(const char* program, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PrintLine(program, format, arguments, "");
  va_end(arguments);
  return kExitFailure;
}

int FailUsage(const char* program, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PrintLine(program, format, arguments, " (see --help)");
  va_end(arguments);
  return kExitUsage;
}

}  // namespace midge_tool
