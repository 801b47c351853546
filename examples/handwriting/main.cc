// SPDX-License-Identifier: Apache-2.0
//
// Reads handwritten digits that training never saw, draws the first ten and up to five misread
// ones, and counts how many it reads correctly. Exits with 1 below 95 %.

#include <midge/midge.h>

#include <cmath>
#include <cstdint>
#include <cstdio>

#include "handwriting_model.h"
#include "ports/port.h"
#include "test_digits.h"

namespace {

constexpr int kImageRows = 8;
constexpr int kImageColumns = 8;
constexpr int kMaxPixel = 16;      // of the data; 0 is paper
constexpr int kImagesAbreast = 5;  // 16 characters each: an 80-column terminal
constexpr int kImagesShown = 10;
constexpr int kRequiredPercent = 95;

alignas(midge::kArenaAlignment) uint8_t arena[handwriting_model::kArenaBytes];

struct Reading {
  int image;    // index in kTestDigits
  int digit;    // the most probable one
  int percent;  // its probability
};

int Fail(midge::Status status, const midge::Interpreter& interpreter) {
  char text[160];
  std::printf("%s\n", midge::Describe(status, interpreter, text));
  return 1;
}

// What each pixel value is as the network's int8 input: real = scale (q - zero_point).
struct PixelTable {
  explicit PixelTable(const midge::TensorView& input) {
    for (int pixel = 0; pixel <= kMaxPixel; ++pixel) {
      const long q = std::lround(static_cast<float>(pixel) / input.scale()) + input.zero_point();
      quantized[pixel] = static_cast<int8_t>(q < -128 ? -128 : q > 127 ? 127 : q);
    }
  }
  int8_t quantized[kMaxPixel + 1];
};

Reading MostProbable(int image, const midge::TensorView& output) {
  const midge::Span<const int8_t> probabilities = output.data<const int8_t>();
  size_t best = 0;
  for (size_t digit = 1; digit < probabilities.size(); ++digit) {
    if (probabilities[digit] > probabilities[best]) best = digit;
  }
  const int steps = probabilities[best] - output.zero_point();
  const long percent = std::lround(100.f * output.scale() * static_cast<float>(steps));
  return {image, static_cast<int>(best), static_cast<int>(percent)};
}

// A line of the drawing. Blanks wait for something to stand before, so that none end the line: at
// full width they would wrap on an 80-column terminal.
class Line {
 public:
  void Blank() { ++blanks_; }
  void Put(const char* glyph) {
    std::printf("%*s%s", blanks_, "", glyph);
    blanks_ = 0;
  }
  void End() {
    std::printf("\n");
    blanks_ = 0;
  }

 private:
  int blanks_ = 0;
};

// Two characters per pixel, because characters are taller than wide.
void DrawPixel(int pixel, Line& line) {
  static const char* const kShades[] = {"\u2591\u2591", "\u2592\u2592", "\u2593\u2593",
                                        "\u2588\u2588"};
  if (pixel == 0) {
    line.Blank();
    line.Blank();
  } else {
    line.Put(kShades[(pixel - 1) * 4 / kMaxPixel]);
  }
}

// Draws images side by side, with what the network read and what was written below.
void Draw(const Reading* readings, int count) {
  Line line;
  for (int row = 0; row < kImageRows; ++row) {
    for (int i = 0; i < count; ++i) {
      for (int column = 0; column < kImageColumns; ++column) {
        DrawPixel(kTestDigits[readings[i].image][row * kImageColumns + column], line);
      }
    }
    line.End();
  }
  for (int i = 0; i < count; ++i) {
    std::printf("  read %d %3d %%%s", readings[i].digit, readings[i].percent,
                i + 1 < count ? "  " : "\n");
  }
  for (int i = 0; i < count; ++i) {
    std::printf("  true %d%s", kTestLabels[readings[i].image], i + 1 < count ? "        " : "\n\n");
  }
}

}  // namespace

int main() {
  auto ops = handwriting_model::Ops();
  midge::Interpreter interpreter(handwriting_model::g_model, ops, arena);
  if (midge::Status status = interpreter.AllocateTensors(); !status.ok()) {
    return Fail(status, interpreter);
  }
  const midge::Span<int8_t> input = interpreter.input(0).data<int8_t>();
  if (input.size() != kImageRows * kImageColumns) {
    std::printf("the model does not take 8 x 8 images of int8\n");
    return 1;
  }
  const PixelTable table(interpreter.input(0));

  Reading shown[kImagesAbreast];
  Reading misread[kImagesAbreast];
  int correct = 0;
  uint64_t count_in_invoke = 0;
  std::printf("%d handwritten digits that training never saw. The first ten:\n\n", kTestDigitCount);
  for (int image = 0; image < kTestDigitCount; ++image) {
    for (size_t pixel = 0; pixel < input.size(); ++pixel) {
      input[pixel] = table.quantized[kTestDigits[image][pixel]];
    }
    const uint64_t before = PortInstructionCount();
    const midge::Status status = interpreter.Invoke();
    count_in_invoke += PortInstructionCount() - before;
    if (!status.ok()) return Fail(status, interpreter);

    const Reading reading = MostProbable(image, interpreter.output(0));
    const bool is_correct = reading.digit == kTestLabels[image];
    const int wrong_before = image - correct;
    if (is_correct) {
      ++correct;
    } else if (wrong_before < kImagesAbreast) {
      misread[wrong_before] = reading;
    }
    if (image < kImagesShown) {
      shown[image % kImagesAbreast] = reading;
      if ((image + 1) % kImagesAbreast == 0) Draw(shown, kImagesAbreast);
    }
  }

  const int wrong = kTestDigitCount - correct;
  if (wrong > 0) {
    const int drawn = wrong < kImagesAbreast ? wrong : kImagesAbreast;
    std::printf("Misread, the first %d of %d:\n\n", drawn, wrong);
    Draw(misread, drawn);
  }
  const int hundredths = correct * 10000 / kTestDigitCount;
  const auto per_inference = static_cast<unsigned long>(count_in_invoke / kTestDigitCount);
  std::printf("accuracy       %d of %d: %d.%02d %%\n", correct, kTestDigitCount, hundredths / 100,
              hundredths % 100);
  std::printf("model          %lu bytes\n",
              static_cast<unsigned long>(handwriting_model::kModelBytes));
  std::printf("arena          %lu bytes\n",
              static_cast<unsigned long>(interpreter.arena_used_bytes()));
  std::printf("per inference  %lu %s\n", per_inference, PortCountUnit());
  return hundredths >= kRequiredPercent * 100 ? 0 : 1;
}
