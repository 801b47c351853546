// SPDX-License-Identifier: Apache-2.0
//
// TransposeConv: each input pixel adds a filter, weighted by its channels, to the output.
//
// Shapes    one image: input [H, W, C], filter [O, Kh, Kw, C] (OHWI), bias [O] or null,
//           output [Ho, Wo, O], whose extents the file gives. Eval loops over N.
// Math      out[y, x, o] = clamp(zo + Requantize(bias[o] + sum_{i,j,c} filter[o, i, j, c] *
//             (input[p, q, c] - zi), o)), over i, j, p, q with p*sy - pt + i = y, q*sx - pl + j =
//             x.
//           Float: the same without zi, zo, Requantize.
// Numerics  As conv_2d.h. S16: sums of 64 bits unless the bias has 32.
// Requires  established by Prepare: shapes agree, exponents in [-31, 30] (S16 with sums of 64 bits:
//           14), zero points and clamps within the type.
// Memory    needs the whole input. No scratch: each output gathers its taps. Output must not
//           overlap the input. Never outside the stated extents.
// Variants  portable.
// Source    TFLite int8 quantization specification.
#pragma once

#include "kernels/convolution.h"
