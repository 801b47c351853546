// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer: any bytes as a model.
#include <cstdlib>
#include <cstring>

#include "tests/fuzz/execution.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  // Large enough for the seeds, small enough that no model can work for long.
  constexpr uint32_t kArenaBytes = 32768;
  alignas(16) static uint8_t block[kArenaBytes + 2 * midge_fuzz::kCanaryBytes];
  const midge::Span<uint8_t> arena(block + midge_fuzz::kCanaryBytes, kArenaBytes);
  midge_fuzz::FillCanaries(arena);
  // Of its own size, so that reading behind the model is seen, and aligned, which `data` need not
  // be.
  auto* const model = static_cast<uint8_t*>(std::malloc(size_bytes == 0 ? 1 : size_bytes));
  std::memcpy(model, data, size_bytes);
  const midge_fuzz::Outcome outcome = midge_fuzz::Execute({model, size_bytes}, arena, true);
  if (midge_fuzz::IsFailure(outcome) || std::memcmp(model, data, size_bytes) != 0) std::abort();
  std::free(model);
  return 0;
}
