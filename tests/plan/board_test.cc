// SPDX-License-Identifier: Apache-2.0
//
// A network by its embedded plan and without, on this board.
#include <cstring>

#include "midge/midge.h"
#include "plain_model.h"
#include "planned_model.h"
#include "streamed_model.h"
#include "tests/support/test.h"

namespace {

constexpr size_t kOutputs = 10;
constexpr size_t kGuardBytes = 16;
constexpr uint8_t kGuard = 0xcd;
alignas(16) uint8_t arena[plain_model::kArenaBytes + kGuardBytes];
static_assert(planned_model::kArenaBytes < plain_model::kArenaBytes);
static_assert(streamed_model::kArenaBytes < plain_model::kArenaBytes);

struct Outputs {
  int8_t of[4][kOutputs];
};

// The seed's input, from one element on.
void Fill(uint32_t seed, size_t begin, midge::Span<int8_t> input) {
  for (size_t i = 0; i < begin + input.size(); ++i) {
    seed = seed * 1664525 + 1013904223;
    if (i >= begin) input[i - begin] = static_cast<int8_t>(seed >> 24);
  }
}

void Keep(const midge::Interpreter& interpreter, int8_t* outputs) {
  ASSERT_EQ(interpreter.output(0).size_bytes(), kOutputs);
  std::memcpy(outputs, interpreter.output(0).bytes().data(), kOutputs);
}

void Invoke(midge::Interpreter& interpreter, uint32_t seed, int8_t* outputs) {
  Fill(seed, 0, interpreter.input(0).data<int8_t>());
  ASSERT_TRUE(interpreter.Invoke().ok());
  Keep(interpreter, outputs);
}

// As many elements at a time as the seed says.
void InvokeRows(midge::Interpreter& interpreter, uint32_t seed, int8_t* outputs) {
  int8_t elements[16];
  const size_t all = interpreter.input(0).size_bytes();
  ASSERT_TRUE(interpreter.RestartRows().ok());
  for (size_t left = all; left > 0; left = interpreter.input_bytes_left()) {
    const size_t most = 1 + seed * 5, count = left < most ? left : most;
    Fill(seed, all - left, {elements, count});
    ASSERT_TRUE(interpreter.InvokeRows(midge::Span<int8_t>(elements, count)).ok());
  }
  EXPECT_EQ(interpreter.InvokeRows(midge::Span<int8_t>(elements, 1)).code(),
            midge::StatusCode::kTooManyRows);
  Keep(interpreter, outputs);
}

// The outputs of a model in exactly its arena; a byte less is refused and nothing behind is
// written.
template <typename Ops>
void RunInItsArena(midge::Span<const uint8_t> model, const Ops& ops, size_t arena_bytes,
                   midge::Status (*allocate)(midge::Interpreter&),
                   void (*run)(midge::Interpreter&, uint32_t, int8_t*), Outputs& outputs) {
  midge::Interpreter small(model, ops, {arena, arena_bytes - 1});
  EXPECT_EQ(allocate(small).code(), midge::StatusCode::kArenaTooSmall);
  EXPECT_EQ(small.arena_used_bytes(), arena_bytes);

  std::memset(arena, kGuard, sizeof arena);
  midge::Interpreter interpreter(model, ops, {arena, arena_bytes});
  ASSERT_TRUE(allocate(interpreter).ok());
  EXPECT_EQ(interpreter.arena_used_bytes(), arena_bytes);
  for (uint32_t seed = 0; seed < 4; ++seed) run(interpreter, seed, outputs.of[seed]);
  for (size_t i = arena_bytes; i < arena_bytes + kGuardBytes; ++i) EXPECT_EQ(arena[i], kGuard);
}

TEST(EmbeddedPlan, GivesTheSameBitsOnThisBoard) {
  Outputs plain, fed, planned, streamed;
  RunInItsArena(plain_model::g_model, plain_model::Ops(), plain_model::kArenaBytes,
                plain_model::Allocate, Invoke, plain);
  RunInItsArena(plain_model::g_model, plain_model::Ops(), plain_model::kArenaBytes,
                plain_model::Allocate, InvokeRows, fed);
  RunInItsArena(planned_model::g_model, planned_model::Ops(), planned_model::kArenaBytes,
                planned_model::Allocate, Invoke, planned);
  RunInItsArena(streamed_model::g_model, streamed_model::Ops(), streamed_model::kArenaBytes,
                streamed_model::Allocate, InvokeRows, streamed);
  EXPECT_EQ(std::memcmp(&plain, &fed, sizeof plain), 0);
  EXPECT_EQ(std::memcmp(&plain, &planned, sizeof plain), 0);
  EXPECT_EQ(std::memcmp(&plain, &streamed, sizeof plain), 0);
}

TEST(EmbeddedPlan, IsOnlyWhereItWasEmbedded) {
  const auto ops = plain_model::Ops();
  midge::Interpreter interpreter(plain_model::g_model, ops, arena);
  ASSERT_TRUE(plain_model::Allocate(interpreter).ok());
  EXPECT_EQ(interpreter.AllocateTensorsAsPlanned().code(), midge::StatusCode::kNoPlan);
  ASSERT_TRUE(plain_model::Allocate(interpreter).ok());
}

TEST(EmbeddedPlan, ForRowsHoldsNoInput) {
  const auto ops = streamed_model::Ops();
  midge::Interpreter interpreter(streamed_model::g_model, ops, arena);
  int8_t row[8] = {};
  EXPECT_EQ(interpreter.RestartRows().code(), midge::StatusCode::kNotAllocated);
  ASSERT_TRUE(streamed_model::Allocate(interpreter).ok());
  EXPECT_FALSE(interpreter.input(0).has_data());
  EXPECT_EQ(interpreter.Invoke().code(), midge::StatusCode::kInputIsFed);
  EXPECT_EQ(interpreter.InvokeRows(midge::Span<uint8_t>()).code(),
            midge::StatusCode::kInvalidArgument);
  EXPECT_EQ(interpreter.next_rows<int8_t>().size(), sizeof row);
  EXPECT_TRUE(interpreter.InvokeRows(midge::Span<int8_t>(row)).ok());
  EXPECT_EQ(interpreter.input_bytes_left(), 56u);
  EXPECT_TRUE(interpreter.Reset().ok());
  EXPECT_EQ(interpreter.input_bytes_left(), 64u);
  // The plain model runs, and rows need not follow it.
  midge::Interpreter plain(plain_model::g_model, ops, arena);
  ASSERT_TRUE(plain_model::Allocate(plain).ok());
  EXPECT_EQ(plain.next_rows<int8_t>().size(), 64u);
  EXPECT_TRUE(plain.Invoke().ok());
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
