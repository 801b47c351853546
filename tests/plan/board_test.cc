// SPDX-License-Identifier: Apache-2.0
//
// A network by its embedded plan and without, on this board.
#include <cstring>

#include "midge/midge.h"
#include "plain_model.h"
#include "planned_model.h"
#include "tests/support/test.h"

namespace {

constexpr size_t kOutputs = 10;
alignas(16) uint8_t arena[plain_model::kArenaBytes];
static_assert(planned_model::kArenaBytes < plain_model::kArenaBytes);

void Run(midge::Interpreter& interpreter, uint32_t seed, int8_t* outputs) {
  for (int8_t& value : interpreter.input(0).data<int8_t>()) {
    seed = seed * 1664525 + 1013904223;
    value = static_cast<int8_t>(seed >> 24);
  }
  ASSERT_TRUE(interpreter.Invoke().ok());
  ASSERT_EQ(interpreter.output(0).size_bytes(), kOutputs);
  std::memcpy(outputs, interpreter.output(0).bytes().data(), kOutputs);
}

TEST(EmbeddedPlan, GivesTheSameBitsOnThisBoard) {
  int8_t plain[4][kOutputs], planned[4][kOutputs];
  {
    const auto ops = plain_model::Ops();
    midge::Interpreter interpreter(plain_model::g_model, ops, arena);
    ASSERT_TRUE(plain_model::Allocate(interpreter).ok());
    EXPECT_EQ(interpreter.AllocateTensorsAsPlanned().code(), midge::StatusCode::kNoPlan);
    ASSERT_TRUE(plain_model::Allocate(interpreter).ok());
    for (uint32_t seed = 0; seed < 4; ++seed) Run(interpreter, seed, plain[seed]);
  }
  const auto ops = planned_model::Ops();
  midge::Interpreter small(planned_model::g_model, ops, {arena, planned_model::kArenaBytes - 1});
  EXPECT_EQ(small.AllocateTensorsAsPlanned().code(), midge::StatusCode::kArenaTooSmall);
  EXPECT_EQ(small.arena_used_bytes(), planned_model::kArenaBytes);

  midge::Interpreter interpreter(planned_model::g_model, ops, {arena, planned_model::kArenaBytes});
  ASSERT_TRUE(planned_model::Allocate(interpreter).ok());
  for (uint32_t seed = 0; seed < 4; ++seed) Run(interpreter, seed, planned[seed]);
  EXPECT_EQ(std::memcmp(plain, planned, sizeof plain), 0);
}

TEST(EmbeddedPlan, IsRefusedForOtherOps) {
  // The same rows in another order: records name rows by their place.
  auto plain = planned_model::Ops();
  midge::OpResolver<16> ops;
  const midge::OpResolverView view = plain;
  for (int i = view.count() - 1; i >= 0; --i) ASSERT_TRUE(ops.Add(view.row(i)).ok());
  midge::Interpreter interpreter(planned_model::g_model, ops, arena);
  EXPECT_EQ(interpreter.AllocateTensorsAsPlanned().code(), midge::StatusCode::kBadPlan);
}

}  // namespace
