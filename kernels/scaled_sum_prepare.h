// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/binary_map.h"
#include "kernels/scaled_sum.h"

namespace midge {

// Prepare of a quantized sum, once its operands are read.
Status SetScaledSum(PrepareContext& context, const BinaryPlan& plan, const BinaryQuantization& q,
                    int sign_of_b);

template <TensorType kType, typename Options, int kSignOfB>
Status PrepareScaledSum(PrepareContext& context) {
  BinaryPlan plan;
  BinaryQuantization q;
  MIDGE_TRY((PlanQuantizedBinary<kType, Options>(context, &plan, &q)));
  return SetScaledSum(context, plan, q, kSignOfB);
}

}  // namespace midge
