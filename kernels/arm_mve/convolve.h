// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/convolution.h"

namespace midge::arm_mve {

// CONV_2D, with ConvolveScratchBytes of scratch, which has room for one column, and behind it for
// others: `columns` in all.
uint32_t ConvolveScratchBytes(const WindowedShape& shape);
void Convolve(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
              const RowView<const int8_t>& input, const int8_t* filter, const int32_t* bias,
              Rows rows, uint8_t* scratch, int32_t columns, const RowView<int8_t>& output);

}  // namespace midge::arm_mve
