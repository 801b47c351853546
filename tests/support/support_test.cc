// SPDX-License-Identifier: Apache-2.0
// Tests with a known end; CMakeLists.txt says which.

#include "tests/support/test.h"

namespace {

const int two = 2;

}  // namespace

TEST(Pass, Comparisons) {
  EXPECT_TRUE(two == 2);
  EXPECT_FALSE(two == 3);
  EXPECT_EQ(two, 2u);
  EXPECT_NE(-1, 0xFFFFFFFFu);
  EXPECT_LT(-1, 0u);
  EXPECT_LE(two, 2);
  EXPECT_GT(two, 1);
  EXPECT_GE(two, 2);
  EXPECT_NEAR(1.5f, 1.25f, 0.25f);
  EXPECT_STREQ("text", "text");
}

TEST(Pass, Assertions) {
  ASSERT_TRUE(two == 2);
  ASSERT_FALSE(two == 3);
  ASSERT_EQ(two, 2);
  ASSERT_NE(two, 3);
}

TEST(Fail, Equal) { EXPECT_EQ(two, 3); }
TEST(Fail, Signed) { EXPECT_EQ(-1, 0xFFFFFFFFu); }
TEST(Fail, Near) { EXPECT_NEAR(1.5f, -0.25f, 1.0f); }
TEST(Fail, String) { EXPECT_STREQ("a", "b"); }

TEST(Fail, Assert) {
  ASSERT_EQ(two, 3);
  midge_test::Skip("an assertion ends its test, so this is never reached");
}

TEST(Skip, WithReason) { SKIP("no data"); }
