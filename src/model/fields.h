// SPDX-License-Identifier: Apache-2.0
//
// Reading tables that have been verified: what the generated accessors do, in a few functions that
// all fields share instead of code for each. A field is named by the schema's VT_ constants.
#pragma once

#include "model/schema.h"

namespace midge::internal {

// Where the field's bytes are; null if the table leaves it out.
const uint8_t* FieldOf(const void* table, uint32_t field);

// The value of a scalar field, as bits; `otherwise` if it is left out.
uint32_t ByteOf(const void* table, uint32_t field);  // otherwise 0
uint32_t WordOf(const void* table, uint32_t field, uint32_t otherwise = 0);

// The table, vector or string that the field leads to; null if it is left out.
const void* TargetOf(const void* table, uint32_t field);

// The elements of a vector, which may be null.
struct Elements {
  const void* data;
  size_t count;
  template <typename T>
  Span<const T> as() const {
    return {static_cast<const T*>(data), count};
  }
};
Elements ElementsOf(const void* vector);
inline Elements ElementsOf(const void* table, uint32_t field) {
  return ElementsOf(TargetOf(table, field));
}
inline uint32_t CountOf(const void* vector) {
  return vector == nullptr ? 0 : *static_cast<const uint32_t*>(vector);
}
// A table in a vector of tables.
const void* TableAt(const void* vector, uint32_t index);

}  // namespace midge::internal
