// SPDX-License-Identifier: Apache-2.0
// A unit test framework small enough for 16 KB of RAM: no heap, no stdio, the same on every board.
//
//   TEST(Planner, ReusesDeadTensors) { EXPECT_EQ(Plan(...), 48); }
//
// The program runs all tests, or those whose "Suite.Name" contains its first argument; what follows
// "--" is for the tests (Argument()). It exits with 0, 1 if a test failed, 2 if none matched, and
// 77 (CTest: skipped) if every test skipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace midge_test {

// One test. Objects of this type are static and link themselves into a list; no heap is needed.
class Case {
 public:
  Case(const char* suite, const char* name, void (*run)());

  const char* const suite;
  const char* const name;
  void (*const run)();
  Case* next = nullptr;
};

// Arguments after "--". Argument() returns nullptr past the end.
const char* Argument(int index);

// Marks the running test as skipped and says why. Return from the test afterwards (see SKIP).
void Skip(const char* reason);

void Print(const char* text);
void PrintSigned(int64_t value);
void PrintUnsigned(uint64_t value);
void PrintFloat(double value);  // six decimals, no printf
void PrintPointer(const void* value);

template <typename T>
void PrintValue(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    Print(value ? "true" : "false");
  } else if constexpr (std::is_enum_v<T>) {
    PrintSigned(static_cast<int64_t>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    PrintFloat(static_cast<double>(value));
  } else if constexpr (std::is_unsigned_v<T>) {
    PrintUnsigned(value);
  } else if constexpr (std::is_integral_v<T>) {
    PrintSigned(value);
  } else if constexpr (std::is_null_pointer_v<T>) {
    Print("nullptr");
  } else if constexpr (std::is_pointer_v<T>) {
    PrintPointer(value);
  } else {
    Print("(value)");
  }
}

// The sign of a - b. Integers compare by value, whatever their signedness: -1 is not 0xFFFFFFFF.
template <typename A, typename B>
constexpr int Compare(const A& a, const B& b) {
  if constexpr (std::is_integral_v<A> && std::is_integral_v<B> &&
                std::is_signed_v<A> != std::is_signed_v<B>) {
    if constexpr (std::is_signed_v<A>) {
      if (a < 0) return -1;
    } else {
      if (b < 0) return 1;
    }
    const auto wide_a = static_cast<uint64_t>(a);
    const auto wide_b = static_cast<uint64_t>(b);
    return wide_a < wide_b ? -1 : wide_a > wide_b;
  } else {
    return a < b ? -1 : b < a;
  }
}

template <typename A, typename B>
constexpr bool Equal(const A& a, const B& b) {
  if constexpr (std::is_integral_v<A> && std::is_integral_v<B>) {
    return Compare(a, b) == 0;
  } else {
    return a == b;
  }
}

bool StringsEqual(const char* a, const char* b);

// Counts and prints "FILE:LINE: EXPRESSION"; the caller adds the values and ends the line.
void BeginFailure(const char* file, int line, const char* expression);

bool CheckTrue(bool holds, const char* file, int line, const char* expression);
bool CheckStrings(const char* a, const char* b, const char* file, int line, const char* expression);

template <typename A, typename B>
bool CheckPair(bool holds, const A& a, const B& b, const char* file, int line,
               const char* expression) {
  if (holds) return true;
  BeginFailure(file, line, expression);
  Print(": ");
  PrintValue(a);
  Print(" and ");
  PrintValue(b);
  Print("\n");
  return false;
}

template <typename A, typename B>
bool CheckEqual(const A& a, const B& b, const char* file, int line, const char* expression) {
  return CheckPair(Equal(a, b), a, b, file, line, expression);
}
template <typename A, typename B>
bool CheckNotEqual(const A& a, const B& b, const char* file, int line, const char* expression) {
  return CheckPair(!Equal(a, b), a, b, file, line, expression);
}
template <typename A, typename B>
bool CheckLess(const A& a, const B& b, const char* file, int line, const char* expression) {
  return CheckPair(Compare(a, b) < 0, a, b, file, line, expression);
}
template <typename A, typename B>
bool CheckLessEqual(const A& a, const B& b, const char* file, int line, const char* expression) {
  return CheckPair(Compare(a, b) <= 0, a, b, file, line, expression);
}
template <typename T>
bool CheckNear(T a, T b, T bound, const char* file, int line, const char* expression) {
  const T difference = a < b ? b - a : a - b;
  return CheckPair(difference <= bound, a, b, file, line, expression);  // false for NaN
}

}  // namespace midge_test

#define TEST(suite, name)                                                                 \
  static void MidgeTest_##suite##_##name();                                               \
  static ::midge_test::Case midge_test_case_##suite##_##name(#suite, #name,               \
                                                             MidgeTest_##suite##_##name); \
  static void MidgeTest_##suite##_##name()

#define SKIP(reason)            \
  do {                          \
    ::midge_test::Skip(reason); \
    return;                     \
  } while (false)

// EXPECT_… go on after a failure, ASSERT_… return from the function.
#define EXPECT_TRUE(a) ::midge_test::CheckTrue((a), __FILE__, __LINE__, "EXPECT_TRUE(" #a ")")
#define EXPECT_FALSE(a) ::midge_test::CheckTrue(!(a), __FILE__, __LINE__, "EXPECT_FALSE(" #a ")")
#define EXPECT_EQ(a, b) \
  ::midge_test::CheckEqual((a), (b), __FILE__, __LINE__, "EXPECT_EQ(" #a ", " #b ")")
#define EXPECT_NE(a, b) \
  ::midge_test::CheckNotEqual((a), (b), __FILE__, __LINE__, "EXPECT_NE(" #a ", " #b ")")
#define EXPECT_LT(a, b) \
  ::midge_test::CheckLess((a), (b), __FILE__, __LINE__, "EXPECT_LT(" #a ", " #b ")")
#define EXPECT_LE(a, b) \
  ::midge_test::CheckLessEqual((a), (b), __FILE__, __LINE__, "EXPECT_LE(" #a ", " #b ")")
#define EXPECT_GT(a, b) \
  ::midge_test::CheckLess((b), (a), __FILE__, __LINE__, "EXPECT_GT(" #a ", " #b "), swapped")
#define EXPECT_GE(a, b) \
  ::midge_test::CheckLessEqual((b), (a), __FILE__, __LINE__, "EXPECT_GE(" #a ", " #b "), swapped")
#define EXPECT_NEAR(a, b, bound)                                 \
  ::midge_test::CheckNear((a), (b), (bound), __FILE__, __LINE__, \
                          "EXPECT_NEAR(" #a ", " #b ", " #bound ")")
#define EXPECT_STREQ(a, b) \
  ::midge_test::CheckStrings((a), (b), __FILE__, __LINE__, "EXPECT_STREQ(" #a ", " #b ")")

#define ASSERT_TRUE(a) \
  if (!EXPECT_TRUE(a)) return
#define ASSERT_FALSE(a) \
  if (!EXPECT_FALSE(a)) return
#define ASSERT_EQ(a, b) \
  if (!EXPECT_EQ(a, b)) return
#define ASSERT_NE(a, b) \
  if (!EXPECT_NE(a, b)) return
