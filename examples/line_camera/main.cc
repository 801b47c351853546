// SPDX-License-Identifier: Apache-2.0
//
// A network sees the lines of a camera as they arrive: no image is ever in memory. Draws the first
// scenes, and counts how often the network tells what they show. Exits with 1 below 90 %.

#include <midge/midge.h>

#include <cstdint>
#include <cstdio>

#include "camera.h"
#include "line_camera_model.h"
#include "ports/port.h"

namespace {

constexpr int kFirstScene = 10;
constexpr int kScenes = 20;
constexpr int kScenesDrawn = 2;
constexpr int kRequiredPercent = 90;
const char* const kNames[kKindCount] = {"nothing", "a disc", "a square", "a triangle", "a cross"};

alignas(midge::kArenaAlignment) uint8_t arena[line_camera_model::kArenaBytes];

int Fail(midge::Status status, const midge::Interpreter& interpreter) {
  char text[160];
  std::printf("%s\n", midge::Describe(status, interpreter, text));
  return 1;
}

// One character for 2 x 4 pixels, of every fourth line alone: that is all there is.
void DrawLine(const int8_t* line) {
  char text[kColumns / 2 + 1];
  for (int x = 0; x < kColumns; x += 2) {
    const int brightness = (line[x] + line[x + 1]) / 2 + 128;
    text[x / 2] = "@%#*+=-:. "[brightness * 10 / 256];
  }
  text[kColumns / 2] = '\0';
  std::printf("  %s\n", text);
}

int MostProbable(const midge::TensorView& output) {
  const midge::Span<const int8_t> probabilities = output.data<const int8_t>();
  size_t best = 0;
  for (size_t kind = 1; kind < probabilities.size(); ++kind) {
    if (probabilities[kind] > probabilities[best]) best = kind;
  }
  return static_cast<int>(best);
}

}  // namespace

int main() {
  auto ops = line_camera_model::Ops();
  midge::Interpreter interpreter(line_camera_model::g_model, ops, arena);
  if (midge::Status status = line_camera_model::Allocate(interpreter); !status.ok()) {
    return Fail(status, interpreter);
  }
  int correct = 0;
  uint64_t in_all = 0, after_last_line = 0;
  for (int scene = 0; scene < kScenes; ++scene) {
    const Camera camera(static_cast<uint32_t>(kFirstScene + scene));
    if (midge::Status status = interpreter.RestartRows(); !status.ok()) {
      return Fail(status, interpreter);
    }
    for (int y = 0; y < kLines; ++y) {
      // Read to where the network looks for it.
      const midge::Span<int8_t> line = interpreter.next_rows<int8_t>();
      if (line.size() != kColumns) {
        std::printf("the model does not take lines of %d pixels\n", kColumns);
        return 1;
      }
      camera.ReadLine(y, line.data());
      if (scene < kScenesDrawn && y % 4 == 0) DrawLine(line.data());

      const uint64_t before = PortInstructionCount();
      const midge::Status status = interpreter.InvokeRows(line);
      after_last_line = PortInstructionCount() - before;
      in_all += after_last_line;
      if (!status.ok()) return Fail(status, interpreter);
    }
    const int seen = MostProbable(interpreter.output(0));
    correct += seen == camera.kind();
    if (scene < kScenesDrawn) {
      std::printf("  seen: %s, true: %s\n\n", kNames[seen], kNames[camera.kind()]);
    }
  }
  std::printf("accuracy         %d of %d\n", correct, kScenes);
  std::printf("image            %d bytes, never in memory\n", kLines * kColumns);
  std::printf("arena            %lu bytes\n",
              static_cast<unsigned long>(interpreter.arena_used_bytes()));
  std::printf("per inference    %lu %s\n", static_cast<unsigned long>(in_all / kScenes),
              PortCountUnit());
  std::printf("after last line  %lu of them\n", static_cast<unsigned long>(after_last_line));
  return correct * 100 >= kScenes * kRequiredPercent ? 0 : 1;
}
