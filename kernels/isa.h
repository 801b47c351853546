// SPDX-License-Identifier: Apache-2.0
//
// The only place where a kernel variant is chosen: ops call midge::isa.
#pragma once

#include "kernels/portable/portable.h"

namespace midge {
namespace isa = portable;
}  // namespace midge
