// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/convolution.h"

namespace midge::arm_dsp {

// Copies what the output pixel of these taps sees, in the filter's order: gathered[i][j][channel].
// Taps outside the image are the input's zero point.
void GatherWindow(const ConvolutionS8Params& params, const RowView<const int8_t>& input,
                  const Window2D::Taps& rows, const Window2D::Taps& columns, int8_t* gathered);

// A few bytes. Where memcpy has no other caller, an image does without it.
void CopyRun(const void* from, int32_t size_bytes, void* to);

// The biases of `count` channels, or zeros if there are none: what their sums begin with.
void BeginSums(const int32_t* bias, int32_t count, int32_t* sums);

}  // namespace midge::arm_dsp
