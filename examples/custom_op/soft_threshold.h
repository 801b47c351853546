// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <midge/op.h>

// Soft thresholding, the shrinkage step of wavelet denoising: an op that Midge does not have.
//
//   y[i] = sign(x[i]) * max(|x[i]| - threshold, 0)
//
// One input and one output of the same shape, float32. Its custom options are the threshold, a
// little-endian float32 that is not negative. In the model it is the custom op "SoftThreshold".
extern const midge::Op kSoftThreshold;
