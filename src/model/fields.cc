// SPDX-License-Identifier: Apache-2.0
#include "model/fields.h"

namespace midge::internal {
namespace {

uint32_t Word(const void* at) { return *static_cast<const uint32_t*>(at); }

const uint8_t* Follow(const void* offset) {
  return static_cast<const uint8_t*>(offset) + Word(offset);
}

}  // namespace

const uint8_t* FieldOf(const void* table, uint32_t field) {
  const auto* const bytes = static_cast<const uint8_t*>(table);
  // The table begins with the distance back to its vtable: its size, the table's, the fields'.
  const auto* const vtable =
      reinterpret_cast<const uint16_t*>(bytes - static_cast<int32_t>(Word(table)));
  const uint32_t offset = field < vtable[0] ? vtable[field / 2] : 0;
  return offset != 0 ? bytes + offset : nullptr;
}

uint32_t ByteOf(const void* table, uint32_t field) {
  const uint8_t* const at = FieldOf(table, field);
  return at != nullptr ? *at : 0;
}

uint32_t WordOf(const void* table, uint32_t field, uint32_t otherwise) {
  const uint8_t* const at = FieldOf(table, field);
  return at != nullptr ? Word(at) : otherwise;
}

const void* TargetOf(const void* table, uint32_t field) {
  const uint8_t* const at = FieldOf(table, field);
  return at != nullptr ? Follow(at) : nullptr;
}

Elements ElementsOf(const void* vector) {
  if (vector == nullptr) return {nullptr, 0};
  const auto* const words = static_cast<const uint32_t*>(vector);
  return {words + 1, words[0]};
}

const void* TableAt(const void* vector, uint32_t index) {
  return Follow(static_cast<const uint32_t*>(vector) + 1 + index);
}

}  // namespace midge::internal
