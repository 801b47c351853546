// SPDX-License-Identifier: Apache-2.0
#include "midge/tensor.h"

namespace midge {

int ElementBits(TensorType type) {
  // By the number of the type. 0: no fixed size.
  static constexpr uint8_t kBits[] = {
      32, 16,  32, 8,  64,  // FLOAT32 FLOAT16 INT32 UINT8 INT64
      0,  8,   16, 64, 8,   // STRING BOOL INT16 COMPLEX64 INT8
      64, 128, 64, 0,  0,   // FLOAT64 COMPLEX128 UINT64 RESOURCE VARIANT
      32, 16,  4,  16,      // UINT32 UINT16 INT4 BFLOAT16
  };
  const unsigned index = static_cast<unsigned>(static_cast<int>(type));
  return index < sizeof kBits ? kBits[index] : 0;
}

}  // namespace midge
