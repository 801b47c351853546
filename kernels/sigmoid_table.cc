// SPDX-License-Identifier: Apache-2.0
#include "kernels/sigmoid_table.h"

namespace midge {
namespace {

// Computed by the compiler.
constexpr SigmoidTable MakeTable() {
  constexpr int kSize = 256;
  // exp(-1 / 48) by its series.
  double step = 1, term = 1;
  for (int k = 1; k < 20; ++k) {
    term *= -1.0 / (48 * k);
    step += term;
  }
  SigmoidTable table = {};
  double power = 1;  // exp(-i / 24)
  for (int i = 0; i < kSize; ++i) {
    const double here = 65536 / (1 + power);
    const double middle = 65536 / (1 + power * step);
    power *= step * step;
    const double next = 65536 / (1 + power);
    table.values[i] = static_cast<uint16_t>(here + (middle - (here + next) / 2) / 2 + 0.5);
  }
  // Inputs beyond the table give 1; the last chord leads there.
  table.values[kSize - 1] = UINT16_MAX;
  return table;
}

constexpr SigmoidTable kTable = MakeTable();

}  // namespace

const SigmoidTable kSigmoidTable = kTable;

}  // namespace midge
