// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "midge/interpreter.h"

namespace midge_bench {

// Fills every input with the same pseudo-random data on each call: the input that the figures of
// tflm_baseline.csv, their output CRCs included, were measured with. From Numerical Recipes' linear
// congruential generator (x = 1664525 x + 1013904223, first x from seed 12345), one x per element:
//
//   int8, uint8   the top 8 bits of x
//   int16         the top 16 bits
//   float32       the top 24 bits, scaled to [-1, 1)
//   other types   the top bit, 0 or 1: harmless as an index, a length or a truth value
void FillInputs(const midge::Interpreter& interpreter);

// CRC-32 (IEEE 802.3, as zlib's) of all outputs, in graph order.
uint32_t OutputCrc32(const midge::Interpreter& interpreter);

}  // namespace midge_bench
