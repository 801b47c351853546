// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "midge/op.h"

namespace midge {

// What ResizeBilinear and ResizeNearestNeighbor check alike: {input, size} -> {output}, images of
// one type, batch and channels, not empty. The size is the output's; the operand that repeats it is
// not read.
inline Status ExpectResizable(const PrepareContext& context) {
  MIDGE_TRY(context.ExpectOperands(2, 2, 1));
  MIDGE_TRY(context.ExpectType(Operand::Output(0), context.input_type(0)));
  MIDGE_TRY(context.ExpectRank(Operand::Input(0), 4, 4));
  MIDGE_TRY(context.ExpectRank(Operand::Output(0), 4, 4));
  const Shape input = context.input_shape(0), output = context.output_shape(0);
  for (int d = 0; d < 4; ++d) {
    const bool same = d == 1 || d == 2 || input[d] == output[d];
    // Beyond 2^15 places in the input would leave 32 bits.
    if (!same || output[d] < 1 || input[d] < 1 || output[d] > INT16_MAX || input[d] > INT16_MAX) {
      return context.Error(StatusCode::kBadShape, Operand::Output(0));
    }
  }
  return {};
}

// Of one dimension: whether its ends are to coincide, and can.
inline bool AlignsCorners(const ResizeOptions& options, int32_t output) {
  return options.align_corners && output > 1;
}

}  // namespace midge
