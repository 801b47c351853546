// SPDX-License-Identifier: Apache-2.0
//
// Arenas that are too small, of every size up to a few kilobytes and of many above: each says what
// is needed, to the byte, and leaves alone what is around it; the same interpreter then runs in an
// arena of that size.
//
// usage: arena_test -- MODEL...
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "midge/midge.h"
#include "tests/support/test.h"
#include "tools/midge/op_group.h"

namespace {

using midge::Interpreter;
using midge::kArenaAlignment;
using midge::Span;
using midge::Status;
using midge::StatusCode;

constexpr size_t kGuard = 64;
constexpr uint8_t kCanary = 0xa5;
// Up to this, every size; beyond, those at both ends and some between.
constexpr size_t kExhaustive = 4096;
constexpr size_t kAtEnds = 48, kBetween = 32;

// Memory at a multiple of 16; null if there is none.
class Block {
 public:
  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { std::free(memory_); }

  uint8_t* Allocate(size_t size) {
    std::free(memory_);
    memory_ = std::malloc(size + kArenaAlignment);
    const auto address = reinterpret_cast<uintptr_t>(memory_);
    if (address == 0) return nullptr;
    return reinterpret_cast<uint8_t*>((address + kArenaAlignment - 1) & ~(kArenaAlignment - 1));
  }

 private:
  void* memory_ = nullptr;
};

// Empty if it cannot be read.
Span<const uint8_t> Read(const char* path, Block* block) {
  std::FILE* const file = std::fopen(path, "rb");
  if (file == nullptr) return {};
  std::fseek(file, 0, SEEK_END);
  const auto size = static_cast<size_t>(std::ftell(file));
  std::rewind(file);
  uint8_t* const bytes = block->Allocate(size);
  const bool read = bytes != nullptr && std::fread(bytes, 1, size, file) == size;
  std::fclose(file);
  return read ? Span<const uint8_t>(bytes, size) : Span<const uint8_t>();
}

bool IsCanary(const uint8_t* begin, const uint8_t* end) {
  for (; begin < end; ++begin) {
    if (*begin != kCanary) return false;
  }
  return true;
}

void Check(Span<const uint8_t> model) {
  Interpreter interpreter(model, midge::kProgramOps, Span<uint8_t>());
  ASSERT_TRUE(interpreter.AllocateTensors() == StatusCode::kArenaTooSmall);
  // Of large models the first answer may be what the planner's tables need.
  size_t needed = interpreter.arena_used_bytes();
  Block memory;
  uint8_t* block = memory.Allocate(needed + 2 * kGuard);
  ASSERT_TRUE(block != nullptr);
  interpreter.set_arena({block, needed});
  if (interpreter.AllocateTensors() == StatusCode::kArenaTooSmall) {
    needed = interpreter.arena_used_bytes();
    block = memory.Allocate(needed + 2 * kGuard);
    ASSERT_TRUE(block != nullptr);
  }
  uint8_t* const arena = block + kGuard;
  uint8_t* const end = arena + needed + kGuard;
  const size_t step = 1 + needed / kBetween;
  for (size_t size = 0; size < needed; ++size) {
    const bool checked =
        needed <= kExhaustive || size < kAtEnds || size + kAtEnds >= needed || size % step == 0;
    if (!checked) continue;
    std::memset(block, kCanary, static_cast<size_t>(end - block));
    interpreter.set_arena({arena, size});
    ASSERT_TRUE(interpreter.AllocateTensors() == StatusCode::kArenaTooSmall);
    ASSERT_TRUE(interpreter.arena_used_bytes() > size);
    ASSERT_TRUE(interpreter.arena_used_bytes() <= needed);
    ASSERT_TRUE(IsCanary(block, arena));
    ASSERT_TRUE(IsCanary(arena + size, end));
    ASSERT_TRUE(interpreter.Invoke() == StatusCode::kNotAllocated);
    // Who follows the answers arrives, with the second at the latest.
    if (interpreter.arena_used_bytes() != needed) {
      interpreter.set_arena({arena, interpreter.arena_used_bytes()});
      ASSERT_TRUE(interpreter.AllocateTensors() == StatusCode::kArenaTooSmall);
      ASSERT_EQ(interpreter.arena_used_bytes(), needed);
    }
  }
  for (size_t i = 1; i < kArenaAlignment; ++i) {
    std::memset(block, kCanary, static_cast<size_t>(end - block));
    interpreter.set_arena({arena + i, needed});
    ASSERT_TRUE(interpreter.AllocateTensors() == StatusCode::kArenaMisaligned);
    ASSERT_TRUE(IsCanary(block, end));
  }
  interpreter.set_arena({arena, needed});
  ASSERT_TRUE(interpreter.AllocateTensors().ok());
  ASSERT_EQ(interpreter.arena_used_bytes(), needed);
  for (int i = 0; i < interpreter.input_count(); ++i) {
    const Span<uint8_t> bytes = interpreter.input(i).mutable_bytes();
    if (!bytes.empty()) std::memset(bytes.data(), 0, bytes.size());
  }
  ASSERT_TRUE(interpreter.Invoke().ok());
  ASSERT_TRUE(IsCanary(block, arena));
  ASSERT_TRUE(IsCanary(arena + needed, end));
}

TEST(Arena, EverySizeThatIsTooSmall) {
  if (midge_test::Argument(0) == nullptr) SKIP("no models");
  for (int i = 0; midge_test::Argument(i) != nullptr; ++i) {
    Block memory;
    const Span<const uint8_t> model = Read(midge_test::Argument(i), &memory);
    ASSERT_TRUE(!model.empty());
    midge_test::Print(midge_test::Argument(i));
    midge_test::Print("\n");
    Check(model);
  }
}

}  // namespace
