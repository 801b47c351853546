// SPDX-License-Identifier: Apache-2.0
#include "kernels/fixed_point.h"

namespace midge {

#if !MIDGE_LONG_MULTIPLICATION
int32_t MultiplyHighQ31(int32_t a, int32_t b) { return MultiplyHighByHalves(a, b); }
#endif

}  // namespace midge
