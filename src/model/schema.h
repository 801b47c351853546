// SPDX-License-Identifier: Apache-2.0
//
// The generated FlatBuffers accessors. Included by src/model/ only.
#pragma once

// The bytes are verified before any accessor runs, and the library does not abort.
#define FLATBUFFERS_ASSERT(condition) ((void)sizeof(!(condition)))
#include "flatbuffers/base.h"
// The library's own value is 64 bits wide, and its verifier divides by element sizes: on a 32-bit
// machine that links a 64-bit division.
#undef FLATBUFFERS_MAX_BUFFER_SIZE
#define FLATBUFFERS_MAX_BUFFER_SIZE 0x7fffffffu
#include "midge/span.h"
#include "midge_schema_generated.h"

namespace midge::internal {

// The elements of a vector that may be absent.
template <typename T>
Span<const T> SpanOf(const flatbuffers::Vector<T>* vector) {
  if (vector == nullptr) return {};
  return {reinterpret_cast<const T*>(vector->Data()), vector->size()};
}

}  // namespace midge::internal
