// SPDX-License-Identifier: Apache-2.0
//
// Operands that say how and not what: axes, paddings, shapes. They are constants of type int32 or
// int64, read in Prepare.
#pragma once

#include <cstdint>

#include "midge/op.h"

namespace midge {

// Checks that the input is a constant of such a type.
Status ExpectIntegers(const PrepareContext& context, int input);

// Element i of such an operand; numbers beyond int32 become its limits.
int32_t IntegerAt(const TensorView& integers, int i);

}  // namespace midge
