// SPDX-License-Identifier: Apache-2.0
//
// Asks the network for sin(x) over one period and plots the answers. Fits a microcontroller with
// 16 KB of RAM. Exits with 1 if an answer is further than 0.1 from the truth.

#include <midge/midge.h>

#include <cmath>
#include <cstdint>
#include <cstdio>

#include "sine_model.h"

namespace {

constexpr int kPoints = 25;  // lines of the plot
constexpr float kPeriod = 6.2831853f;
constexpr int kHalfWidth = 28;  // columns between 0 and 1
constexpr float kLargestError = 0.1f;

alignas(midge::kArenaAlignment) uint8_t arena[sine_model::kArenaBytes];

int Fail(midge::Status status, const midge::Interpreter& interpreter) {
  char text[160];
  std::printf("%s\n", midge::Describe(status, interpreter, text));
  return 1;
}

// real = scale (q - zero_point), rounded and saturated.
int8_t Quantize(float real, const midge::TensorView& tensor) {
  const long q = std::lround(real / tensor.scale()) + tensor.zero_point();
  return static_cast<int8_t>(q < -128 ? -128 : q > 127 ? 127 : q);
}

float Dequantize(int8_t q, const midge::TensorView& tensor) {
  return tensor.scale() * static_cast<float>(q - tensor.zero_point());
}

// Two decimals, as "-1.05": printf's own %f costs several kilobytes.
void PrintDecimal(float value) {
  const int hundredths = static_cast<int>(std::lround(100.f * value));
  const int magnitude = hundredths < 0 ? -hundredths : hundredths;
  std::printf("%c%d.%02d", hundredths < 0 ? '-' : ' ', magnitude / 100, magnitude % 100);
}

void PlotLine(float x, float truth, float answer) {
  constexpr int kZero = kHalfWidth + 2;
  char columns[2 * kZero + 2];
  constexpr int kLast = 2 * kZero;
  for (char& column : columns) column = ' ';
  int end = 0;
  const auto put = [&](float value, char mark) {
    int column = kZero + static_cast<int>(std::lround(value * kHalfWidth));
    column = column < 0 ? 0 : column > kLast ? kLast : column;
    columns[column] = mark;
    if (column >= end) end = column + 1;
  };
  put(0.f, '|');
  put(truth, '.');
  put(answer, '*');
  columns[end] = '\0';
  PrintDecimal(x);
  std::printf(" ");
  PrintDecimal(answer);
  std::printf(" %s\n", columns);
}

}  // namespace

int main() {
  auto ops = sine_model::Ops();
  midge::Interpreter interpreter(sine_model::g_model, ops, arena);
  if (midge::Status status = interpreter.AllocateTensors(); !status.ok()) {
    return Fail(status, interpreter);
  }
  const midge::TensorView input = interpreter.input(0);
  const midge::TensorView output = interpreter.output(0);
  if (input.data<int8_t>().empty() || output.data<int8_t>().empty()) {
    std::printf("the model is not an int8 one\n");
    return 1;
  }

  float largest_error = 0.f;
  std::printf("    x   sin x   ('*' the network, '.' the truth)\n");
  for (int i = 0; i < kPoints; ++i) {
    const float x = kPeriod * static_cast<float>(i) / kPoints;
    input.data<int8_t>()[0] = Quantize(x, input);
    if (midge::Status status = interpreter.Invoke(); !status.ok()) {
      return Fail(status, interpreter);
    }
    const float answer = Dequantize(output.data<int8_t>()[0], output);
    const float truth = std::sin(x);
    const float error = std::fabs(answer - truth);
    if (error > largest_error) largest_error = error;
    PlotLine(x, truth, answer);
  }
  std::printf("largest error");
  PrintDecimal(largest_error);
  std::printf(", arena %lu bytes\n", static_cast<unsigned long>(interpreter.arena_used_bytes()));
  return largest_error <= kLargestError ? 0 : 1;
}
