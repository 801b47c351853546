// SPDX-License-Identifier: Apache-2.0
//
// What ops that move elements of any type need to know of a type.
#pragma once

#include <cstdint>
#include <cstring>

#include "midge/op.h"

namespace midge {

// Checks that the operand's elements are whole bytes: packed ones cannot be moved one by one.
inline Status ExpectMovable(const PrepareContext& context, Operand operand) {
  const int bits = ElementBits(context.operand(operand).type());
  return bits != 0 && bits % 8 == 0 ? Status()
                                    : context.Error(StatusCode::kUnsupportedType, operand);
}

inline int32_t ElementBytes(TensorType type) { return ElementBits(type) / 8; }

// Fills `bytes` with an element over and over.
inline void FillElements(const uint8_t* element, int32_t element_bytes, uint8_t* to,
                         int32_t bytes) {
  if (element_bytes == 1) {
    std::memset(to, *element, static_cast<size_t>(bytes));
    return;
  }
  for (; bytes > 0; bytes -= element_bytes, to += element_bytes) {
    std::memcpy(to, element, static_cast<size_t>(element_bytes));
  }
}

// A dimension as the file names it, counted from the back if negative; -1 if it is none of `rank`.
constexpr int DimensionOf(int32_t axis, int rank) {
  if (axis < -rank || axis >= rank) return -1;
  return axis < 0 ? axis + rank : axis;
}

}  // namespace midge
