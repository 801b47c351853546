// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

#include "midge/op.h"

namespace midge {

// One dimension, or several that are padded as one.
struct PadDimension {
  int32_t before, size, after;  // `size` is the input's extent
  int32_t extent() const { return before + size + after; }
};

// Reads the operand [rank, 2] that says how much each dimension of an input is padded, and checks
// that output 0 is what results. `dimensions`: room for kMaxRank.
Status ReadPaddings(const PrepareContext& context, int input, int paddings,
                    PadDimension* dimensions);

// What output 0 is padded with where nothing else is said: its zero point, or 0.
Status ReadPaddingValue(const PrepareContext& context, int32_t* value);

// Such a value as an element of any type.
class PaddingElement {
 public:
  explicit PaddingElement(int32_t value) {
    const int64_t wide = value;  // little-endian, so its first bytes are the narrower values
    std::memcpy(bytes_, &wide, sizeof wide);
  }
  const uint8_t* bytes() const { return bytes_; }

 private:
  uint8_t bytes_[16] = {};
};

}  // namespace midge
