// SPDX-License-Identifier: Apache-2.0
//
// Runs a model that contains an op of the application's own.

#include <midge/midge.h>

#include <cstdio>

#include "denoise_model.h"
#include "soft_threshold.h"

namespace {

constexpr midge::OpResolver kOps{&kSoftThreshold, &midge::kMulFloat32};
constexpr size_t kArenaBytes = 1024;

alignas(midge::kArenaAlignment) uint8_t arena[kArenaBytes];

int Fail(midge::Status status, const midge::Interpreter& interpreter) {
  char text[160];
  std::printf("%s\n", midge::Describe(status, interpreter, text));
  return 1;
}

}  // namespace

int main() {
  // A step of height 1 in noise: what stays below the threshold of 0.5 goes, the rest moves towards
  // zero by as much, and then everything is doubled.
  constexpr float kNoisy[] = {0.25f, -0.125f, 0.375f, 1.25f, 1.0f, 0.75f, -0.25f, -1.5f};

  midge::Interpreter interpreter(denoise_model::g_model, kOps, arena);
  if (const midge::Status s = interpreter.AllocateTensors(); !s.ok()) return Fail(s, interpreter);
  const midge::Span<float> input = interpreter.input(0).data<float>();
  for (size_t i = 0; i < input.size(); ++i) input[i] = kNoisy[i];
  if (const midge::Status s = interpreter.Invoke(); !s.ok()) return Fail(s, interpreter);
  std::printf("thousandths:");
  for (const float y : interpreter.output(0).data<float>()) {
    std::printf(" %d", static_cast<int>(1000.f * y));
  }
  std::printf("\n");
}
