// SPDX-License-Identifier: Apache-2.0
//
// Rows of ops that combine all rows of their input into one: besides what ops.h has under the same
// names without ByRows, and with the same bits, they can take these rows one after another, keeping
// a sum (or a maximum) for each output in scratch. For programs with a plan made by the host, which
// then need not hold the input; `midge embed --planned` names them where they save memory.
#pragma once

#include "midge/op.h"

namespace midge {

extern const Op kAveragePool2DInt8ByRows, kAveragePool2DInt16ByRows, kAveragePool2DFloat32ByRows;
extern const Op kMaxPool2DInt8ByRows, kMaxPool2DInt16ByRows, kMaxPool2DFloat32ByRows;
extern const Op kMeanInt8ByRows, kMeanInt16ByRows, kMeanFloat32ByRows;

// The window of a node that takes rows of its input: Eval is asked for these instead of rows of the
// output, which is there with the last of them. Whoever does not know it sees RowWindow::Whole().
inline constexpr RowWindow kTakesInputRows = {1, 0, 0};
constexpr bool TakesInputRows(const RowWindow& window) {
  return window.is_whole() && window.stride != 0;
}

}  // namespace midge
