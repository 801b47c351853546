// SPDX-License-Identifier: Apache-2.0
//
// What CONV_2D and DEPTHWISE_CONV_2D share: parameters, Prepare and Eval. They differ in the layout
// of their filter and in their kernels.
#pragma once

#include "kernels/requant.h"
#include "kernels/window_2d.h"

namespace midge {

struct ConvolutionS8Params {
  WindowedShape shape;
  int16_t input_zero_point, output_zero_point;
  ClampRange clamp;

  QuantizedOutput output(const ChannelMultipliers& multipliers) const {
    return {multipliers, output_zero_point, clamp};
  }
};

struct ConvolutionF32Params {
  WindowedShape shape;
  FloatClampRange clamp;
};

// Contracts: conv_2d.h, depthwise_conv_2d.h. `scratch` has as many bytes as the kernel's
// ConvolutionS8ScratchBytes says and is 16-byte aligned; null if that is 0.
using ConvolutionS8 = void(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                           RowView<const int8_t> input, const int8_t* filter, const int32_t* bias,
                           Rows rows, uint8_t* scratch, RowView<int8_t> output);
using ConvolutionS8ScratchBytes = uint32_t(const ConvolutionS8Params& params);
using ConvolutionF32 = void(const ConvolutionF32Params& params, RowView<const float> input,
                            const float* filter, const float* bias, Rows rows,
                            RowView<float> output);

// The filter's layout: [O, Kh, Kw, C], or [1, Kh, Kw, O] where O is a multiple of C.
enum class FilterLayout : int8_t { kOHWI, k1HWC };

Status PrepareConvolutionS8(PrepareContext& context, FilterLayout layout,
                            const Conv2DOptions& options, ConvolutionS8ScratchBytes* scratch_bytes);
Status PrepareConvolutionF32(PrepareContext& context, FilterLayout layout,
                             const Conv2DOptions& options);
Status EvalConvolutionS8(const EvalContext& context, Rows rows, ConvolutionS8* kernel);
Status EvalConvolutionF32(const EvalContext& context, Rows rows, ConvolutionF32* kernel);

}  // namespace midge
