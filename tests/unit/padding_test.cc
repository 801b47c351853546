// SPDX-License-Identifier: Apache-2.0
//
// The bytes of states that no member has are 0, whatever was assigned.
#include "midge/padding.h"

#include <cstring>

#include "tests/support/test.h"

namespace midge {
namespace {

struct Inner {
  float scale;
  int16_t zero_point;
};
struct Outer {
  uint8_t first;
  Inner inner;
  bool last;
};
struct Full {
  float scale;
  int16_t zero_points[2];
};
static_assert(internal::HasPadding<Inner>() && internal::HasPadding<Outer>());
static_assert(!internal::HasPadding<Full>() && !internal::HasPadding<int64_t>());

TEST(Padding, IsCleared) {
  uint8_t bytes[sizeof(Outer)];
  std::memset(bytes, 0xff, sizeof bytes);
  internal::ClearPadding<Outer>(bytes);
  constexpr char kExpected[] = "f000ffffff00f000";  // f: kept
  static_assert(sizeof kExpected == sizeof bytes + 1);
  for (size_t i = 0; i < sizeof bytes; ++i) EXPECT_EQ(bytes[i], kExpected[i] == 'f' ? 0xff : 0);
}

TEST(Padding, MembersStay) {
  uint8_t bytes[sizeof(Full)];
  std::memset(bytes, 0xff, sizeof bytes);
  internal::ClearPadding<Full>(bytes);
  for (const uint8_t byte : bytes) EXPECT_EQ(byte, 0xff);
}

}  // namespace
}  // namespace midge
