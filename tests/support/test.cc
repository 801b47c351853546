// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test.h"

#include <cstring>

#include "ports/port.h"

namespace midge_test {
namespace {

Case* first_case = nullptr;
Case* last_case = nullptr;
int failures = 0;  // of the running test
bool skipped = false;
int argument_count = 0;
char** arguments = nullptr;

constexpr int kExitFailed = 1;
constexpr int kExitNoTest = 2;
constexpr int kExitSkipped = 77;

// Whether "Suite.Name" contains `filter`.
bool Matches(const Case& test, const char* filter) {
  char full_name[128];
  const size_t suite_length = std::strlen(test.suite);
  const size_t name_length = std::strlen(test.name);
  if (suite_length + name_length + 2 > sizeof(full_name)) return false;
  std::memcpy(full_name, test.suite, suite_length);
  full_name[suite_length] = '.';
  std::memcpy(full_name + suite_length + 1, test.name, name_length + 1);
  return std::strstr(full_name, filter) != nullptr;
}

void PrintResult(const char* result, const Case& test) {
  Print(result);
  Print(test.suite);
  Print(".");
  Print(test.name);
  Print("\n");
}

}  // namespace

Case::Case(const char* suite_name, const char* case_name, void (*function)())
    : suite(suite_name), name(case_name), run(function) {
  (last_case != nullptr ? last_case->next : first_case) = this;
  last_case = this;
}

const char* Argument(int index) { return index < argument_count ? arguments[index] : nullptr; }

void Skip(const char* reason) {
  skipped = true;
  Print("skipped: ");
  Print(reason);
  Print("\n");
}

void Print(const char* text) { PortWrite(text, std::strlen(text)); }

void PrintUnsigned(uint64_t value) {
  char digits[21];
  char* at = digits + sizeof(digits);
  *--at = '\0';
  do {
    *--at = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  Print(at);
}

void PrintSigned(int64_t value) {
  if (value < 0) Print("-");
  PrintUnsigned(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
}

void PrintFloat(double value) {
  if (value != value) return Print("nan");
  if (value < 0) Print("-");
  const double size = value < 0 ? -value : value;
  if (size >= 1e18) return Print("(beyond 1e18)");
  const auto whole = static_cast<uint64_t>(size);
  auto millionths = static_cast<uint64_t>((size - static_cast<double>(whole)) * 1e6);
  char decimals[] = ".000000";
  for (int digit = 6; digit > 0; --digit, millionths /= 10) {
    decimals[digit] = static_cast<char>('0' + millionths % 10);
  }
  PrintUnsigned(whole);
  Print(decimals);
}

void PrintPointer(const void* value) {
  Print("address ");
  PrintUnsigned(reinterpret_cast<uintptr_t>(value));
}

bool StringsEqual(const char* a, const char* b) {
  return a == b || (a != nullptr && b != nullptr && std::strcmp(a, b) == 0);
}

void BeginFailure(const char* file, int line, const char* expression) {
  ++failures;
  Print(file);
  Print(":");
  PrintSigned(line);
  Print(": ");
  Print(expression);
}

bool CheckTrue(bool holds, const char* file, int line, const char* expression) {
  if (holds) return true;
  BeginFailure(file, line, expression);
  Print("\n");
  return false;
}

bool CheckStrings(const char* a, const char* b, const char* file, int line,
                  const char* expression) {
  if (StringsEqual(a, b)) return true;
  BeginFailure(file, line, expression);
  Print(": \"");
  Print(a != nullptr ? a : "(null)");
  Print("\" and \"");
  Print(b != nullptr ? b : "(null)");
  Print("\"\n");
  return false;
}

// Called by main() in test_main.cc.
int RunAll(int argc, char** argv) {
  const char* filter = "";
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--") == 0) {
      argument_count = argc - i - 1;
      arguments = argv + i + 1;
      break;
    }
    filter = argv[i];
  }

  int run = 0;
  int skips = 0;
  int failed = 0;
  for (const Case* test = first_case; test != nullptr; test = test->next) {
    if (!Matches(*test, filter)) continue;
    failures = 0;
    skipped = false;
    test->run();
    ++run;
    if (failures > 0) {
      ++failed;
      PrintResult("FAILED  ", *test);
    } else if (skipped) {
      ++skips;
      PrintResult("skipped ", *test);
    } else {
      PrintResult("ok      ", *test);
    }
  }
  PrintSigned(run);
  Print(" tests, ");
  PrintSigned(failed);
  Print(" failed, ");
  PrintSigned(skips);
  Print(" skipped\n");
  if (failed > 0) return kExitFailed;
  if (run == 0) return kExitNoTest;
  return skips == run ? kExitSkipped : 0;
}

}  // namespace midge_test
