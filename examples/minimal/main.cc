// SPDX-License-Identifier: Apache-2.0
#include <midge/midge.h>

#include <cmath>
#include <cstdio>

#include "sine_model.h"  // made by midge_add_model(): the model, its arena size, the ops it needs

alignas(16) static uint8_t arena[sine_model::kArenaBytes];
static constexpr auto ops = sine_model::Ops();

int main() {
  midge::Interpreter interpreter(sine_model::g_model, ops, arena);
  if (!interpreter.AllocateTensors().ok()) return 1;
  const midge::TensorView x = interpreter.input(0), y = interpreter.output(0);
  x.data<int8_t>()[0] = static_cast<int8_t>(std::lround(1.5f / x.scale()) + x.zero_point());
  if (!interpreter.Invoke().ok()) return 1;
  const float sine = y.scale() * static_cast<float>(y.data<int8_t>()[0] - y.zero_point());
  std::printf("sin(1.5) is about %ld/1000\n", std::lround(1000.f * sine));
}
