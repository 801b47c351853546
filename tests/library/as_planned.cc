// SPDX-License-Identifier: Apache-2.0
//
// A model that the host has planned: nothing plans it again.
#include <midge/midge.h>

#include "as_planned_model.h"

alignas(16) static uint8_t arena[as_planned_model::kArenaBytes];
static constexpr auto ops = as_planned_model::Ops();

int main() {
  midge::Interpreter interpreter(as_planned_model::g_model, ops, arena);
  return interpreter.AllocateTensorsAsPlanned().ok() && interpreter.Invoke().ok() ? 0 : 1;
}
