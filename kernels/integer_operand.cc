// SPDX-License-Identifier: Apache-2.0
#include "kernels/integer_operand.h"

namespace midge {

Status ExpectIntegers(const PrepareContext& context, int input) {
  const TensorType type = context.input_type(input);
  if (type != TensorType::kInt32 && type != TensorType::kInt64) {
    return context.Error(StatusCode::kUnsupportedType, Operand::Input(input));
  }
  return context.ExpectConstant(Operand::Input(input));
}

int32_t IntegerAt(const TensorView& integers, int i) {
  const uint8_t* const bytes = integers.bytes().data();
  if (integers.type() == TensorType::kInt32) {
    int32_t value;
    std::memcpy(&value, bytes + i * 4, sizeof value);
    return value;
  }
  // The file may keep int64 at 4-byte alignment.
  int64_t value;
  std::memcpy(&value, bytes + i * 8, sizeof value);
  return value < INT32_MIN   ? INT32_MIN
         : value > INT32_MAX ? INT32_MAX
                             : static_cast<int32_t>(value);
}

}  // namespace midge
