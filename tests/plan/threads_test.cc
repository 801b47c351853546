// SPDX-License-Identifier: Apache-2.0
//
// Interpreters in threads of their own, of the same models at once: nothing is shared but what is
// only read. Preset `host-tsan` runs this under ThreadSanitizer.
#include <thread>
#include <vector>

#include "midge/describe.h"
#include "midge/midge.h"
#include "plain_model.h"
#include "planned_model.h"
#include "streamed_model.h"
#include "tests/support/test.h"

namespace {

using midge::Interpreter;
using midge::Span;
using Outputs = std::vector<int8_t>;

constexpr int kThreads = 4, kRounds = 25;

int8_t InputAt(int round, size_t i) { return static_cast<int8_t>(round * 37 + i * 11); }

Outputs OutputsOf(const Interpreter& interpreter) {
  const Span<const int8_t> output = interpreter.output(0).data<const int8_t>();
  return Outputs(output.begin(), output.end());
}

Outputs Invoke(Interpreter& interpreter, int round) {
  const Span<int8_t> input = interpreter.input(0).data<int8_t>();
  for (size_t i = 0; i < input.size(); ++i) input[i] = InputAt(round, i);
  return interpreter.Invoke().ok() ? OutputsOf(interpreter) : Outputs();
}

Outputs InvokeRows(Interpreter& interpreter, int round) {
  if (!interpreter.RestartRows().ok()) return {};
  const size_t count = interpreter.input_bytes_left();
  for (size_t i = 0; i < count; ++i) {
    const int8_t element = InputAt(round, i);
    if (!interpreter.InvokeRows(Span<const int8_t>(&element, 1)).ok()) return {};
  }
  return OutputsOf(interpreter);
}

constexpr auto kPlainOps = plain_model::Ops();
constexpr auto kPlannedOps = planned_model::Ops();
constexpr auto kStreamedOps = streamed_model::Ops();

// Everything that an application does, again and again; the outputs of all rounds of all models.
void Work(Outputs* outputs) {
  constexpr size_t kBytes = (plain_model::kArenaBytes + 15) / 16 * 16;
  alignas(16) uint8_t arenas[3][kBytes];
  for (int round = 0; round < kRounds; ++round) {
    Interpreter plain(plain_model::g_model, kPlainOps, {});
    char text[100];
    Describe(plain.AllocateTensors(), plain, text);
    plain.set_arena(arenas[0]);
    Interpreter planned(planned_model::g_model, kPlannedOps, arenas[1]);
    Interpreter streamed(streamed_model::g_model, kStreamedOps, arenas[2]);
    if (!plain.AllocateTensors().ok() || !planned.AllocateTensorsAsPlanned().ok() ||
        !streamed.AllocateTensorsAsPlanned().ok()) {
      return;
    }
    for (const Outputs& some :
         {Invoke(plain, round), Invoke(planned, round), InvokeRows(streamed, round)}) {
      outputs->insert(outputs->end(), some.begin(), some.end());
    }
  }
}

TEST(Threads, EachHasInterpretersOfItsOwn) {
  Outputs alone, together[kThreads];
  Work(&alone);
  EXPECT_EQ(alone.size(), size_t{kRounds} * 3 * 10);
  std::vector<std::thread> threads;
  for (Outputs& outputs : together) threads.emplace_back(Work, &outputs);
  for (std::thread& thread : threads) thread.join();
  for (const Outputs& outputs : together) EXPECT_TRUE(outputs == alone);
}

}  // namespace
