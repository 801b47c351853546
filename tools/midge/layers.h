// SPDX-License-Identifier: Apache-2.0
//
// Tensors as text: what `midge run` prints, and the layers table. Printing keeps to what newlib's
// small printf knows (no %zu, no 64-bit integers), so that boards give the same text.
#pragma once

#include <cstdint>
#include <cstdio>

#include "midge/interpreter.h"

namespace midge_tool {

// 64-bit FNV-1a from the offset basis 0x14650fb0739d0383. It is not the usual basis: layers tables
// that exist were made with it.
uint64_t HashBytes(midge::Span<const uint8_t> bytes);

// "[1,49,10,1]"
void PrintShape(FILE* file, const midge::Shape& shape);

// Element i as a decimal number that reads back to the same value; bits in hex for types that C++
// has no arithmetic for.
void PrintElement(FILE* file, const midge::TensorView& tensor, uint32_t i);

// The table that finds the first layer in which two runs differ. Tab-separated, a row per output of
// each node: node, op, output, tensor, type, shape, bytes, hash of the bytes, first eight values.
void PrintLayersHeader(FILE* file);
void PrintLayers(FILE* file, const midge::Interpreter& interpreter, int node);

}  // namespace midge_tool
