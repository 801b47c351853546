// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a model that may be damaged: everything an application would do with it, in
// memory of exactly the size it may touch.
#pragma once

#include <cstdint>

#include "midge/midge.h"

namespace midge_fuzz {

// One letter each, so that a run can be watched as it goes.
enum class Outcome : char {
  kNoModel = 'm',        // Model::Verify refuses it
  kNotAllocated = 'a',   // AllocateTensors() refuses it
  kArenaTooSmall = 't',  // it asks for more memory than it gets
  kRuns = 'r',           // Invoke() succeeds
  kInvokeError = 'e',    // Invoke() says what is wrong
  kCanary = 'C',         // memory outside the arena has changed, or the model has
  kBroken = 'B',         // an answer that contradicts the promises of the interface
};
constexpr bool IsFailure(Outcome outcome) {
  return outcome == Outcome::kCanary || outcome == Outcome::kBroken;
}

// Verifies, allocates, invokes twice and resets `model`, with inputs that are the same for the same
// shapes, and describes the status; then runs it by its embedded plan, if it has one, and, if
// `streamed`, with as many rows streamed as can be, which must give the same outputs. `arena` lies
// between canaries of kCanaryBytes on both sides.
inline constexpr uint32_t kCanaryBytes = 64;
void FillCanaries(midge::Span<uint8_t> arena);
Outcome Execute(midge::Span<const uint8_t> model, midge::Span<uint8_t> arena, bool streamed);

}  // namespace midge_fuzz
