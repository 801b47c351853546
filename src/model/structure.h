// SPDX-License-Identifier: Apache-2.0
//
// Whether bytes are a FlatBuffer of our schema: the checks of flatbuffers::Verifier, made by one
// walk over tables of field kinds instead of generated code for each table.
#pragma once

#include <cstdint>

#include "midge/span.h"
#include "midge/status.h"

namespace midge::internal {

// What a field of a table is on the wire. A scalar of 2^k bytes is kScalar + k, a vector of such
// kVector + k; kTable + t and kTables + t are a table and a vector of tables of type t.
inline constexpr uint8_t kUnread = 0, kScalar = 1, kVector = 5, kString = 9, kTable = 16,
                         kTables = 32;
inline constexpr uint8_t kByte = kScalar, kInt = kScalar + 2, kLong = kScalar + 3;
inline constexpr uint8_t kBytes = kVector, kInts = kVector + 2, kLongs = kVector + 3;

// A table's fields by id; those behind the last one are not read.
struct TableFields {
  uint8_t count;
  uint8_t kinds[15];
};

// The root table and all that it reaches: kCorruptModel if not all lies inside, kTooLarge if there
// are more than kMaxTables.
StatusCode VerifyModel(Span<const uint8_t> bytes);

// A table of options inside bytes, its fields being scalars, strings and vectors.
bool VerifyOptions(Span<const uint8_t> bytes, const void* table, const TableFields& fields);

}  // namespace midge::internal
