// SPDX-License-Identifier: Apache-2.0
//
// AveragePool2D: each output is the mean of the inputs of one channel under a window.
//
// Shapes    one image: input [H, W, C], output [Ho, Wo, C]. Eval loops over N.
// Math      out[y, x, c] = clamp(sum_{i,j} input[y*sy - pt + i, x*sx - pl + j, c] / n), the sum
//           over the n taps inside the image. S8: the quantized values themselves, as input and
//           output mean the same by them.
// Numerics  S8: int32 sum; |sum| <= n * 128, and n is the area of an image, so no overflow;
//           quotient to the nearest integer, halves away from zero. F32: sums in float, order
//           unspecified.
// Requires  established by Prepare: shapes agree with the window, every window has a tap inside the
//           image, clamps within int8.
// Memory    row window: WindowedShape::row_window(). No scratch. Output rows must not overlap the
//           input rows of their window. Never outside the stated extents.
// Variants  portable; S8: arm_dsp, arm_v6m, arm_mve.
// Source    TFLite int8 quantization specification.
#pragma once

#include "kernels/pool_2d.h"
