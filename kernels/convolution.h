// SPDX-License-Identifier: Apache-2.0
//
// What CONV_2D, DEPTHWISE_CONV_2D and TRANSPOSE_CONV share: parameters, Prepare and Eval. They
// differ in the layout of their filter, in their operands and in their kernels.
#pragma once

#include <type_traits>

#include "kernels/dynamic_range.h"
#include "kernels/float16.h"
#include "kernels/requant.h"
#include "kernels/weights.h"
#include "kernels/window_2d.h"

namespace midge {

// Of int8 and of int16 activations.
struct ConvolutionS8Params {
  WindowedShape shape;
  int16_t input_zero_point, output_zero_point;
  ClampRange clamp;

  QuantizedOutput output(const ChannelMultipliers& multipliers) const {
    return {multipliers, output_zero_point, clamp};
  }
};
using ConvolutionS16Params = ConvolutionS8Params;

// uint8, as in models of TF 1: weights have a zero point of their own.
struct ConvolutionU8Params : ConvolutionS8Params {
  int32_t filter_zero_point;
};

struct ConvolutionF32Params {
  WindowedShape shape;
  FloatClampRange clamp;
};

// Contracts: conv_2d.h, depthwise_conv_2d.h, transpose_conv.h. `scratch` is what the
// kernel's ConvolutionS8ScratchBytes asks for, 16-byte aligned.
template <typename Element, typename Filter, typename Bias>
using ConvolutionQuantized = void(const ConvolutionS8Params& params,
                                  const ChannelMultipliers& multipliers,
                                  const RowView<const Element>& input, const Filter* filter,
                                  const Bias* bias, Rows rows, Scratch scratch,
                                  const RowView<Element>& output);
using ConvolutionS8 = ConvolutionQuantized<int8_t, int8_t, int32_t>;
using ConvolutionS8ScratchBytes = ScratchRequest(const ConvolutionS8Params& params);
// int4 weights: two to a byte, the first in its lower half.
using ConvolutionS8S4 = ConvolutionQuantized<int8_t, uint8_t, int32_t>;
// Sums of 32 bits with a bias of int32_t, of 64 bits with a bias of PackedInt64.
template <typename Bias>
using ConvolutionS16 = ConvolutionQuantized<int16_t, int8_t, Bias>;
using ConvolutionU8 = void(const ConvolutionU8Params& params, const ChannelMultipliers& multipliers,
                           const RowView<const uint8_t>& input, const uint8_t* filter,
                           const int32_t* bias, Rows rows, const RowView<uint8_t>& output);
using ConvolutionF32 = void(const ConvolutionF32Params& params, const RowView<const float>& input,
                            const float* filter, const float* bias, Rows rows,
                            const RowView<float>& output);

// int8 weights, and float inputs that have been quantized by their range.
using ConvolutionF32S8 = void(const ConvolutionF32Params& params, const ChannelScales& scales,
                              const DynamicRange& range, const RowView<const int8_t>& input,
                              const int8_t* filter, const float* bias, Rows rows,
                              const RowView<float>& output);
using ConvolutionF32F16 = void(const ConvolutionF32Params& params,
                               const RowView<const float>& input, const uint16_t* filter,
                               const Float16Bias& bias, Rows rows, const RowView<float>& output);

// All have the fields of CONV_2D; TRANSPOSE_CONV has no dilations.
template <typename OpOptions>
Status ReadConvolutionOptions(const PrepareContext& context, Conv2DOptions* options) {
  OpOptions of_op;
  MIDGE_TRY(context.Options(&of_op));
  if constexpr (std::is_same_v<OpOptions, TransposeConvOptions>) {
    *options = {of_op.padding, of_op.activation, of_op.stride_w, of_op.stride_h, 1, 1};
  } else {
    *options = of_op;
  }
  return {};
}

// What a kind of convolution is, besides its kernels.
struct ConvolutionKind {
  decltype(&ReadConvolutionOptions<Conv2DOptions>) read_options;
  // The filter's layout: [O, Kh, Kw, C], or [1, Kh, Kw, O] where O is a multiple of C.
  bool depthwise;
  // The window moves over the output, and each of its taps adds to it.
  bool transposed;
  // Of the one kind or the other, which so links only where it is used.
  decltype(&MakeWindow) make_window;
  WeightOperands operands;
};
inline constexpr ConvolutionKind kConvKind = {ReadConvolutionOptions<Conv2DOptions>, false, false,
                                              MakeWindow, kInputFilterBias};
inline constexpr ConvolutionKind kDepthwiseConvKind = {
    ReadConvolutionOptions<DepthwiseConv2DOptions>, true, false, MakeWindow, kInputFilterBias};
inline constexpr ConvolutionKind kTransposeConvKind = {
    ReadConvolutionOptions<TransposeConvOptions>, false, true, MakeTransposedWindow, {2, 3}};

Status PrepareConvolutionS8(PrepareContext& context, const ConvolutionKind& kind,
                            ConvolutionS8ScratchBytes* scratch_bytes);
Status PrepareConvolutionS16(PrepareContext& context, const ConvolutionKind& kind,
                             ConvolutionS8ScratchBytes* scratch_bytes);
Status PrepareConvolutionF32(PrepareContext& context, const ConvolutionKind& kind);

// What PrepareConvolutionS8 and PrepareConvolutionS16 have left.
struct ConvolutionQuantizedState {
  ConvolutionS8Params params;
  ChannelMultipliers multipliers;
};
void ReadConvolutionS8(const EvalContext& context, ConvolutionQuantizedState* conv);
// True if sums have 64 bits.
bool ReadConvolutionS16(const EvalContext& context, ConvolutionQuantizedState* conv);

template <typename Element, typename Filter, typename Bias>
Status EvalConvolutionQuantized(const EvalContext& context, Rows rows, WeightOperands operands,
                                const ConvolutionQuantizedState& conv,
                                ConvolutionQuantized<Element, Filter, Bias>* kernel) {
  ForEachImage<Element>(
      context, operands.input, conv.params.shape, rows,
      [&](const RowView<const Element>& input, Rows image_rows, const RowView<Element>& output) {
        kernel(conv.params, conv.multipliers, input, context.input<Filter>(kFilter),
               context.input<Bias>(operands.bias), image_rows,
               {context.scratch<uint8_t>(), context.scratch_units()}, output);
      });
  return {};
}

template <typename Filter>
Status EvalConvolutionS8(const EvalContext& context, Rows rows, WeightOperands operands,
                         ConvolutionQuantized<int8_t, Filter, int32_t>* kernel) {
  ConvolutionQuantizedState conv;
  ReadConvolutionS8(context, &conv);
  return EvalConvolutionQuantized(context, rows, operands, conv, kernel);
}

inline Status EvalConvolutionS16(const EvalContext& context, Rows rows, WeightOperands operands,
                                 ConvolutionS16<int32_t>* narrow,
                                 ConvolutionS16<PackedInt64>* wide) {
  ConvolutionQuantizedState conv;
  return ReadConvolutionS16(context, &conv)
             ? EvalConvolutionQuantized(context, rows, operands, conv, wide)
             : EvalConvolutionQuantized(context, rows, operands, conv, narrow);
}

Status PrepareConvolutionU8(PrepareContext& context, const ConvolutionKind& kind);
Status EvalConvolutionU8(const EvalContext& context, Rows rows, WeightOperands operands,
                         ConvolutionU8* kernel);
Status PrepareConvolutionF32S8(PrepareContext& context, const ConvolutionKind& kind);
Status PrepareConvolutionF32F16(PrepareContext& context, const ConvolutionKind& kind);
Status EvalConvolutionF32S8(const EvalContext& context, Rows rows, WeightOperands operands,
                            ConvolutionF32S8* kernel);
Status EvalConvolutionF32F16(const EvalContext& context, Rows rows, WeightOperands operands,
                             ConvolutionF32F16* kernel);
Status EvalConvolutionF32(const EvalContext& context, Rows rows, WeightOperands operands,
                          ConvolutionF32* kernel);

}  // namespace midge
