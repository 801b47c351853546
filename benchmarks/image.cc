// SPDX-License-Identifier: Apache-2.0
// The image whose flash is measured: a model, the ops it needs, nothing that prints.

#include "bench_model.h"
#include "midge/interpreter.h"

alignas(midge::kArenaAlignment) static uint8_t arena[bench_model::kArenaBytes];

int main() {
  const auto ops = bench_model::Ops();
  midge::Interpreter interpreter(bench_model::g_model, ops, arena);
  if (!bench_model::Allocate(interpreter).ok()) return 1;
  return interpreter.Invoke().ok() ? 0 : 1;
}
