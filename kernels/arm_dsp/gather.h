// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/convolution.h"

namespace midge::arm_dsp {

// Copies what the output pixel of these taps sees, in the filter's order: gathered[i][j][channel].
// Taps outside the image are the input's zero point.
void GatherWindow(const ConvolutionS8Params& params, const RowView<const int8_t>& input,
                  const Window2D::Taps& rows, const Window2D::Taps& columns, int8_t* gathered);

}  // namespace midge::arm_dsp
