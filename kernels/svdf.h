// SPDX-License-Identifier: Apache-2.0
//
// Svdf: a fully connected layer over time, its weights factored into a filter of the input
// (features) and one of the results' history (time).
//
// Shapes    input [B, I], feature [F, I], time [F, M], bias [U] or null, state [B, F, M], output
//           [B, U]. B batches, I inputs, M steps of memory, F filters = U units * rank.
// Math      state[b, f, :] moves on by one: its first element is dropped, its last becomes
//             zs + saturate(Requantize(sum_i feature[f, i] * (input[b, i] - zi),
//             feature_multiplier)), modulo 2^8 or 2^16
//           out[b, u] = saturate(zo + Requantize(bias[u] + sum_{f of u} sum_m time[f, m] *
//             (state[b, f, m] - zs), time_multiplier)), f of u being [u * rank, (u + 1) * rank).
//           Float: the same without zero points and Requantize, and clamped to the activation.
// Numerics  S8: int32 accumulators modulo 2^32, so the order of additions is free; roundings as in
//           docs/NUMERICS.md "SVDF". A fused activation of the quantized op has no effect.
//           F32: sums in float, order unspecified.
// Requires  established by Prepare: exponents in [-31, 30], zero points within their types, F a
//           multiple of the rank.
// Memory    needs the whole input; writes the state, which no other operand overlaps. No scratch.
//           Output must not overlap the input. Never outside the stated extents.
// Variants  portable; S8: arm_dsp, arm_v6m, arm_mve.
// Source    TFLite's reference for SVDF.
#pragma once

#include "kernels/fixed_point.h"

namespace midge {

struct SvdfShape {
  int32_t batches, inputs, units, rank, memory;
};

struct SvdfS8Params {
  SvdfShape shape;
  QuantizedMultiplier feature_multiplier, time_multiplier;
  int16_t input_zero_point, state_zero_point, output_zero_point;
};

struct SvdfF32Params {
  SvdfShape shape;
  FloatClampRange clamp;
};

}  // namespace midge
