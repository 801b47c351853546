// SPDX-License-Identifier: Apache-2.0
#include "midge/status.h"

#include "tests/support/test.h"

namespace midge {
namespace {

TEST(Status, IsOneWordAndOkByDefault) {
  EXPECT_EQ(sizeof(Status), size_t{4});
  EXPECT_TRUE(Status().ok());
  EXPECT_TRUE(Status(StatusCode::kOk, 3, Operand::Input(1)) == Status());
}

TEST(Status, KeepsItsPlace) {
  const Status input(StatusCode::kBadShape, 12, Operand::Input(1));
  EXPECT_TRUE(!input.ok());
  EXPECT_TRUE(input.code() == StatusCode::kBadShape);
  EXPECT_EQ(input.node(), 12);
  EXPECT_EQ(input.tensor(), -1);
  EXPECT_TRUE(input.operand().is_input());
  EXPECT_EQ(input.operand().index(), 1);

  const Status output(StatusCode::kUnsupportedType, 0, Operand::Output(0));
  EXPECT_TRUE(output.operand().is_output());
  EXPECT_TRUE(!output.operand().is_input());
  EXPECT_EQ(output.operand().index(), 0);

  const Status tensor = Status::AtTensor(StatusCode::kBadIndex, 7);
  EXPECT_EQ(tensor.tensor(), 7);
  EXPECT_EQ(tensor.node(), Status::kNoNode);

  const Status bare = StatusCode::kArenaTooSmall;
  EXPECT_EQ(bare.node(), Status::kNoNode);
  EXPECT_TRUE(bare.operand().is_none());
}

TEST(Status, OperandsBeyondTheFieldStayInputsAndOutputs) {
  EXPECT_TRUE(Operand::Input(1000).is_input());
  EXPECT_TRUE(!Operand::Input(1000).is_tensor());
  EXPECT_TRUE(Operand::Output(1000).is_output());
  EXPECT_TRUE(!Operand::Output(1000).is_none());
}

Status TryTwice(Status first, int* reached) {
  MIDGE_TRY(first);
  ++*reached;
  return StatusCode::kStopped;
}

TEST(Status, TryReturnsTheFailure) {
  int reached = 0;
  EXPECT_TRUE(TryTwice(StatusCode::kBadIndex, &reached).code() == StatusCode::kBadIndex);
  EXPECT_EQ(reached, 0);
  EXPECT_TRUE(TryTwice(Status(), &reached).code() == StatusCode::kStopped);
  EXPECT_EQ(reached, 1);
}

TEST(Result, HoldsAValueOrAStatus) {
  const Result<int> value = 5;
  EXPECT_TRUE(value.ok());
  EXPECT_EQ(*value, 5);
  const Result<int> failure = StatusCode::kTooLarge;
  EXPECT_TRUE(!failure.ok());
  EXPECT_TRUE(failure.status().code() == StatusCode::kTooLarge);
}

}  // namespace
}  // namespace midge
