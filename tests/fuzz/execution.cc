// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/execution.h"

#include <cstring>

#include "midge/describe.h"
#include "plan/streaming.h"
#include "tools/midge/op_group.h"

namespace midge_fuzz {
namespace {

using midge::Interpreter;
using midge::Span;
using midge::Status;
using midge::StatusCode;

constexpr uint8_t kCanary = 0x5a;

bool IsCanary(const uint8_t* bytes) {
  for (uint32_t i = 0; i < kCanaryBytes; ++i) {
    if (bytes[i] != kCanary) return false;
  }
  return true;
}

bool CanariesIntact(Span<uint8_t> arena) {
  return IsCanary(arena.data() - kCanaryBytes) && IsCanary(arena.data() + arena.size());
}

void FillInputs(const Interpreter& interpreter) {
  uint32_t x = 0x2545f491;
  for (int i = 0; i < interpreter.input_count(); ++i) {
    const Span<uint8_t> bytes = interpreter.input(i).mutable_bytes();
    for (size_t k = 0; k < bytes.size(); ++k) {
      x = x * 1664525 + 1013904223;
      bytes.data()[k] = static_cast<uint8_t>(x >> 24);
    }
  }
}

// FNV-1a of all outputs.
uint32_t HashOutputs(const Interpreter& interpreter) {
  uint32_t hash = 0x811c9dc5;
  for (int i = 0; i < interpreter.output_count(); ++i) {
    for (const uint8_t byte : interpreter.output(i).bytes()) hash = (hash ^ byte) * 0x01000193;
  }
  return hash;
}

// `*outputs` becomes what the outputs are in the end, if it runs.
Outcome Use(Interpreter& interpreter, Status allocated, size_t arena_bytes, uint32_t* outputs) {
  if (!allocated.ok()) {
    if (interpreter.Invoke().code() != StatusCode::kNotAllocated) return Outcome::kBroken;
    if (allocated.code() != StatusCode::kArenaTooSmall) {
      return interpreter.arena_used_bytes() == 0 ? Outcome::kNotAllocated : Outcome::kBroken;
    }
    return interpreter.arena_used_bytes() > arena_bytes ? Outcome::kArenaTooSmall
                                                        : Outcome::kBroken;
  }
  if (interpreter.arena_used_bytes() > arena_bytes) return Outcome::kBroken;
  Outcome outcome = Outcome::kRuns;
  for (int run = 0; run < 2; ++run) {
    FillInputs(interpreter);
    if (!interpreter.Invoke().ok()) outcome = Outcome::kInvokeError;
  }
  *outputs = HashOutputs(interpreter);
  return interpreter.Reset().ok() ? outcome : Outcome::kBroken;
}

}  // namespace

void FillCanaries(Span<uint8_t> arena) {
  std::memset(arena.data() - kCanaryBytes, kCanary, kCanaryBytes);
  std::memset(arena.data() + arena.size(), kCanary, kCanaryBytes);
}

Outcome Execute(Span<const uint8_t> model, Span<uint8_t> arena, bool streamed) {
  const midge::Result<midge::Model> verified = midge::Model::Verify(model);
  char text[160];
  if (!verified.ok()) {
    midge::Describe(verified.status(), model, text);
    return Outcome::kNoModel;
  }
  Interpreter interpreter(*verified, midge::kProgramOps, arena);
  const Status allocated = interpreter.AllocateTensors();
  midge::Describe(allocated, interpreter, text);
  uint32_t outputs = 0, other_outputs = 0;
  Outcome outcome = Use(interpreter, allocated, arena.size(), &outputs);
  if (streamed && outcome == Outcome::kRuns) {
    const Status status =
        interpreter.AllocateTensors({false, nullptr, &midge::internal::kStreamingOfAnyRows});
    const Outcome other = Use(interpreter, status, arena.size(), &other_outputs);
    const bool same = other == Outcome::kRuns && other_outputs == outputs;
    // Its tables are larger.
    if (!same && other != Outcome::kArenaTooSmall) outcome = Outcome::kBroken;
  }
  if (!verified->metadata("midge_plan").empty()) {
    const Status planned = interpreter.AllocateTensorsAsPlanned();
    midge::Describe(planned, interpreter, text);
    if (IsFailure(Use(interpreter, planned, arena.size(), &other_outputs)))
      outcome = Outcome::kBroken;
  }
  return CanariesIntact(arena) ? outcome : Outcome::kCanary;
}

}  // namespace midge_fuzz
