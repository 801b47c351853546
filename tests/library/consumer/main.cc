// SPDX-License-Identifier: Apache-2.0
// The program of docs and README: one inference, with everything that midge_add_model() made.
#include <midge/midge.h>

#include <cstdint>
#include <cstdio>

#include "sine_model.h"

alignas(midge::kArenaAlignment) static uint8_t arena[sine_model::kArenaBytes];

int main() {
  auto ops = sine_model::Ops();
  midge::Interpreter interpreter(sine_model::g_model, ops, arena);
  if (midge::Status status = interpreter.AllocateTensors(); !status.ok()) {
    char text[160];
    std::printf("%s\n", midge::Describe(status, interpreter, text));
    return 1;
  }
  const midge::TensorView input = interpreter.input(0);
  input.data<int8_t>()[0] = static_cast<int8_t>(input.zero_point());
  if (!interpreter.Invoke().ok()) return 1;
  const midge::TensorView output = interpreter.output(0);
  const float sine =
      output.scale() * static_cast<float>(output.data<int8_t>()[0] - output.zero_point());
  std::printf("sin(0) = %.2f\n", static_cast<double>(sine));
  return sine > -0.1f && sine < 0.1f ? 0 : 1;
}
