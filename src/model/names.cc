// SPDX-License-Identifier: Apache-2.0
#include "midge/describe.h"
#include "model/schema.h"

namespace midge {

const char* OpName(BuiltinOp code) {
  const char* name = schema::EnumNameBuiltinOperator(static_cast<schema::BuiltinOperator>(code));
  return *name != '\0' ? name : "UNKNOWN";
}

const char* TypeName(TensorType type) {
  const char* name = schema::EnumNameTensorType(static_cast<schema::TensorType>(type));
  return *name != '\0' ? name : "UNKNOWN";
}

}  // namespace midge
