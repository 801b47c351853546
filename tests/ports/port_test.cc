// SPDX-License-Identifier: Apache-2.0
#include "ports/port.h"

#include <cstdio>
#include <cstring>

#include "tests/support/test.h"

using midge_test::Argument;

TEST(Port, PassesArguments) {
  EXPECT_STREQ(Argument(0), "two words");
  EXPECT_STREQ(Argument(1), "a,b");
  EXPECT_TRUE(Argument(4) == nullptr);
}

TEST(Port, ReadsFiles) {
  std::FILE* file = std::fopen(Argument(2), "rb");
  ASSERT_TRUE(file != nullptr);
  char text[64] = {};
  EXPECT_EQ(std::fread(text, 1, sizeof(text), file), 23u);
  EXPECT_STREQ(text, "first line\nsecond line\n");
  EXPECT_EQ(std::fseek(file, 6, SEEK_SET), 0);
  EXPECT_EQ(std::fgetc(file), 'l');
  EXPECT_EQ(std::ftell(file), 7);
  EXPECT_EQ(std::fseek(file, 0, SEEK_END), 0);
  EXPECT_EQ(std::ftell(file), 23);
  EXPECT_EQ(std::fclose(file), 0);
}

TEST(Port, SeeksFromWhereItIs) {
  std::FILE* file = std::fopen(Argument(2), "rb");
  ASSERT_TRUE(file != nullptr);
  EXPECT_EQ(std::setvbuf(file, nullptr, _IONBF, 0), 0);  // every read goes to the host
  char text[5] = {};
  EXPECT_EQ(std::fread(text, 1, 4, file), 4u);
  EXPECT_EQ(std::fread(text, 1, 4, file), 4u);
  EXPECT_STREQ(text, "t li");
  EXPECT_EQ(std::ftell(file), 8);
  EXPECT_EQ(std::fseek(file, 3, SEEK_CUR), 0);
  EXPECT_EQ(std::fgetc(file), 's');
  EXPECT_EQ(std::fclose(file), 0);
}

TEST(Port, WritesFiles) {
  const char written[] = "\0\1\n\r\xff";  // a binary file stays as it is
  std::FILE* file = std::fopen(Argument(3), "wb");
  ASSERT_TRUE(file != nullptr);
  EXPECT_EQ(std::fwrite(written, 1, sizeof(written), file), sizeof(written));
  EXPECT_EQ(std::fclose(file), 0);

  file = std::fopen(Argument(3), "rb");
  ASSERT_TRUE(file != nullptr);
  char read[16] = {};
  EXPECT_EQ(std::fread(read, 1, sizeof(read), file), sizeof(written));
  EXPECT_EQ(std::memcmp(read, written, sizeof(written)), 0);
  EXPECT_EQ(std::fclose(file), 0);
  EXPECT_EQ(std::remove(Argument(3)), 0);
}

TEST(Port, ReportsMissingFile) { EXPECT_TRUE(std::fopen("no/such/file", "rb") == nullptr); }

TEST(Port, HostCounterMovesForward) {
  // On a board the count means something only under --icount; clock_test looks at it there.
  if (std::strcmp(PortCountUnit(), "ns") != 0) SKIP("this is no host");
  const uint64_t begin = PortInstructionCount();
  for (volatile int i = 0; i < 1000; i = i + 1) {
  }
  EXPECT_LT(begin, PortInstructionCount());
}
