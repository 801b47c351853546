// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/workspace.h"

#include <cstdlib>
#include <cstring>

#include "midge/config.h"

namespace midge_conformance {
namespace {

constexpr uint32_t kGuardBytes = 32;
constexpr uint8_t kGuard = 0xc5;
constexpr uint8_t kRubbish = 0xa3;
constexpr uint32_t kAlignment = midge::kArenaAlignment;
constexpr uint32_t kLeastBytes = 1024;
constexpr uint32_t kLeftToStdioBytes = 1024;

uint32_t RoundUp(uint32_t value) { return (value + kAlignment - 1) / kAlignment * kAlignment; }

bool IsGuard(const uint8_t* bytes) {
  for (uint32_t i = 0; i < kGuardBytes; ++i) {
    if (bytes[i] != kGuard) return false;
  }
  return true;
}

}  // namespace

Workspace::Workspace(uint32_t limit_bytes) {
  // volatile, or the compiler leaves out a malloc() that nothing but free() sees.
  void* volatile left_to_stdio = std::malloc(kLeftToStdioBytes);
  for (uint32_t wanted = limit_bytes; wanted >= kLeastBytes && block_ == nullptr;
       wanted -= wanted / 32) {
    block_ = static_cast<uint8_t*>(std::malloc(wanted));
    size_bytes_ = wanted;
  }
  std::free(left_to_stdio);
  if (block_ == nullptr) {
    size_bytes_ = 0;
    return;
  }
  const uint32_t misaligned = reinterpret_cast<uintptr_t>(block_) % kAlignment;
  const uint32_t skipped = misaligned == 0 ? 0 : kAlignment - misaligned;
  begin_ = block_ + skipped;
  size_bytes_ -= skipped;
}

Workspace::~Workspace() { std::free(block_); }

uint8_t* Workspace::PlaceModel(uint32_t model_bytes) {
  const uint32_t offset = midge::kModelAlignment;
  if (model_bytes > size_bytes_) return nullptr;
  arena_offset_ = RoundUp(offset + model_bytes + kGuardBytes);
  arena_bytes_ = 0;
  return arena_offset_ + kGuardBytes > size_bytes_ ? nullptr : begin_ + offset;
}

uint32_t Workspace::arena_room_bytes() const { return size_bytes_ - arena_offset_ - kGuardBytes; }

midge::Span<uint8_t> Workspace::PlaceArena(uint32_t arena_bytes) {
  uint8_t* const arena = begin_ + arena_offset_;
  arena_bytes_ = arena_bytes;
  std::memset(arena - kGuardBytes, kGuard, kGuardBytes);
  std::memset(arena, kRubbish, arena_bytes);
  std::memset(arena + arena_bytes, kGuard, kGuardBytes);
  return {arena, arena_bytes};
}

bool Workspace::GuardsIntact() const {
  const uint8_t* const arena = begin_ + arena_offset_;
  return IsGuard(arena - kGuardBytes) && IsGuard(arena + arena_bytes_);
}

}  // namespace midge_conformance
