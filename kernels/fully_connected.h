// SPDX-License-Identifier: Apache-2.0
//
// FullyConnected: each output is the sum of all inputs of its batch under weights of its own.
//
// Shapes    input [B, D], filter [U, D], bias [U] or null, output [B, U]. B batches, depth D, U
//           units; tensors of other ranks are seen that way.
// Math      out[b, u] = clamp(zo + Requantize(bias[u] + sum_d (filter[u, d] - zf) *
//             (input[b, d] - zi), u))
//           zf is 0 where units have scales of their own. Float: the same without zi, zf, zo,
//           Requantize.
// Numerics  S8: int32 accumulator, additions modulo 2^32, so their order is free;
//           |sum| <= D * 255 * 255, no overflow below 33,026 D; rounding as in docs/NUMERICS.md
//           "Requantization". S8S4: int4 weights, read as they lie. U8: as S8. S16: int16
//           activations; int32 sums with a bias of int32, else int64 sums, docs/NUMERICS.md "int16
//           sums". F32: sums in float, order unspecified.
// Requires  established by Prepare: exponents in [-31, 30], zero points and clamps within int8.
// Memory    row window: batches that make up a row of the output need the same row of the input,
//           or, where rows of the two hold different batches or weights are computed, the whole. No
//           scratch. Output rows must not overlap their input rows. Never outside the stated
//           extents.
// Variants  portable; S8, S16: arm_dsp, arm_v6m, arm_mve; F32: arm_dsp.
// Source    TFLite int8 quantization specification.
#pragma once

#include "kernels/fixed_point.h"
#include "midge/op.h"

namespace midge {

struct FullyConnectedShape {
  int32_t depth, units;
};

struct FullyConnectedS8Params {
  FullyConnectedShape shape;
  int8_t input_zero_point, filter_zero_point;
  int16_t output_zero_point;
  ClampRange clamp;
};

struct FullyConnectedU8Params {
  FullyConnectedShape shape;
  uint8_t input_zero_point, filter_zero_point;
  int16_t output_zero_point;
  ClampRange clamp;
};

struct FullyConnectedS16Params {
  FullyConnectedShape shape;
  int16_t input_zero_point, output_zero_point;
  ClampRange clamp;
  int8_t filter_zero_point;
};
// Sums of 32 bits with a bias of int32_t, of 64 bits with a bias of PackedInt64.
template <typename Bias>
using FullyConnectedS16Kernel = void(const FullyConnectedS16Params& params,
                                     const ChannelMultipliers& multipliers, const int16_t* input,
                                     const int8_t* filter, const Bias* bias, int32_t batches,
                                     int16_t* output);

struct FullyConnectedF32Params {
  FullyConnectedShape shape;
  FloatClampRange clamp;
};

}  // namespace midge
