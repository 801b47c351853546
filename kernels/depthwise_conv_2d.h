// SPDX-License-Identifier: Apache-2.0
//
// DepthwiseConv2D: each output channel is one input channel under a filter of its own.
//
// Shapes    one image: input [H, W, C], filter [1, Kh, Kw, O] (1HWC), bias [O] or null,
//           output [Ho, Wo, O], O = C * M, M the depth multiplier. Eval loops over N.
// Math      out[y, x, o] = clamp(zo + Requantize(bias[o] + sum_{i,j} filter[0, i, j, o] *
//             (input[y*sy - pt + i*dy, x*sx - pl + j*dx, o / M] - zi), o))
//           Taps outside the image contribute 0 (not -zi). Float: the same without zi, zo,
//           Requantize.
// Numerics  S8: int32 accumulator, additions modulo 2^32, so their order is free;
//           |sum| <= taps * 128 * 255, no overflow below 65,793 taps; rounding as in
//           docs/NUMERICS.md "Requantization". S8S4: int4 weights, read as they lie.
//           S16: int16 activations of zero point 0; int32 sums with a bias of int32, else int64
//           sums, docs/NUMERICS.md "int16 sums". F32: sums in float, order unspecified.
// Requires  established by Prepare: shapes agree with the window, O a multiple of C, exponents in
//           [-31, 30], zero points and clamps within int8.
// Memory    row window: WindowedShape::row_window(). Scratch: DepthwiseConv2DS8ScratchBytes, none
//           in portable. Output rows must not overlap the input rows of their window. Never outside
//           the stated extents.
// Variants  portable; S8, S16: arm_dsp, arm_v6m, arm_mve; F32: arm_dsp.
// Source    TFLite int8 quantization specification.
#pragma once

#include "kernels/convolution.h"
