// SPDX-License-Identifier: Apache-2.0
//
// Kernels for cores with Arm's MVE, called Helium (Cortex-M55, M85): the bits of the portable ones
// in fewer instructions. Reads as a coverage table: declared here = optimised, `using` = portable.
// Shapes that a kernel here has no gain for go to the portable kernel by name.
#pragma once

#include "kernels/portable/portable.h"

namespace midge::arm_mve {

using portable::AddF32;
decltype(portable::AddS8) AddS8;  // any

using portable::ArgMax;

using portable::ArgMin;

Pool2DS8 AveragePool2DS8;  // any
using portable::AveragePool2DF32;
using portable::AveragePool2DS16;
using portable::AveragePool2DU8;

using portable::BatchMatMulF32;
using portable::BatchMatMulF32S8;
using portable::BatchMatMulS16;
decltype(portable::BatchMatMulS8) BatchMatMulS8;  // any; no gain: adj_x with adj_y

template <typename Bias>
void Conv2DS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
               const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
               Rows rows, Scratch scratch, const RowView<int16_t>& output);  // any
ConvolutionS8ScratchBytes Conv2DS16ScratchBytes;
ConvolutionS8 Conv2DS8;  // any
using portable::Conv2DS8S4;
using portable::Conv2DS8S4ScratchBytes;
using portable::Conv2DU8;
ConvolutionS8ScratchBytes Conv2DS8ScratchBytes;
using portable::Conv2DF32;
using portable::Conv2DF32F16;
using portable::Conv2DF32S8;

ConvolutionS8 DepthwiseConv2DS8;  // multiplier 1, windows of up to 64 taps; 1 input channel
ConvolutionS8ScratchBytes DepthwiseConv2DS8ScratchBytes;
using portable::DepthwiseConv2DF32;
using portable::DepthwiseConv2DF32F16;
using portable::DepthwiseConv2DF32S8;
template <typename Bias>
void DepthwiseConv2DS16(
    const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
    const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias, Rows rows,
    Scratch scratch,
    const RowView<int16_t>& output);  // at least 4 channels, one output per input
using portable::DepthwiseConv2DS16ScratchBytes;
using portable::DepthwiseConv2DS8S4;
using portable::DepthwiseConv2DS8S4ScratchBytes;
using portable::DepthwiseConv2DU8;

template <typename In>
void DequantizeElements(const DequantizeParams& params, const In* input, int32_t count,
                        float* output);  // any

using portable::FullyConnectedF32;
using portable::FullyConnectedF32F16;
using portable::FullyConnectedF32S8;
template <typename Bias>
void FullyConnectedS16(const FullyConnectedS16Params& params, const ChannelMultipliers& multipliers,
                       const int16_t* input, const int8_t* filter, const Bias* bias,
                       int32_t batches, int16_t* output);  // zero points 0
decltype(portable::FullyConnectedS8) FullyConnectedS8;     // any
using portable::FullyConnectedS8S4;
using portable::FullyConnectedU8;

using portable::LogisticF32;

decltype(portable::LookupS16) LookupS16;  // any
decltype(portable::LookupS8) LookupS8;    // any

Pool2DS8 MaxPool2DS8;  // any
using portable::MaxPool2DF32;
using portable::MaxPool2DS16;
using portable::MaxPool2DU8;

using portable::MeanF32;
using portable::MeanS16;
using portable::MeanS32;
decltype(portable::MeanS8) MeanS8;  // any; no gain: single columns whose elements are apart
using portable::MeanU8;

using portable::MulF32;
decltype(portable::MulS8) MulS8;  // any

template <typename Out>
void QuantizeElements(const QuantizeParams& params, const float* input, int32_t count,
                      Out* output);  // any

using portable::QuantizeDynamic;

using portable::ReduceAll;

using portable::ReduceAny;

using portable::ReduceMax;

using portable::ReduceMin;

using portable::ReduceProd;
using portable::ReduceProdQuantized;

template <typename In, typename Out>
void RequantizeElements(const RequantizeParams& params, const In* input, int32_t count,
                        Out* output);  // of int8 and int16

using portable::ResizeBilinearF32;
using portable::ResizeBilinearS16;
using portable::ResizeBilinearS8;
using portable::ResizeBilinearU8;

using portable::SoftmaxF32;
decltype(portable::SoftmaxS8) SoftmaxS8;        // any
decltype(portable::SoftmaxS8S16) SoftmaxS8S16;  // any

using portable::SvdfF32;
template <typename State>
void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
            const State* time, const int32_t* bias, State* state, int8_t* output);  // any

using portable::TransposeConvF32;
using portable::TransposeConvF32S8;
using portable::TransposeConvS16;
using portable::TransposeConvS8;
using portable::TransposeConvScratchBytes;

using portable::UnidirectionalSequenceLstmF32;
using portable::UnidirectionalSequenceLstmF32S8;
using portable::UnidirectionalSequenceLstmS16;
decltype(portable::UnidirectionalSequenceLstmS8) UnidirectionalSequenceLstmS8;  // any

// What no variant has kernels of its own for.
using portable::AbsF32;
using portable::AbsS32;
using portable::AddElements;
using portable::CeilF32;
using portable::CompareB8;
using portable::CompareElements;
using portable::CompareS8;
using portable::CosF32;
using portable::DivElements;
using portable::DivF32;
using portable::DivS32;
using portable::EluF32;
using portable::ExpF32;
using portable::FloorDivElements;
using portable::FloorDivF32;
using portable::FloorF32;
using portable::FloorModElements;
using portable::FloorModF32;

using portable::Float16ToFloat32Elements;
using portable::GeluF32;
using portable::HardSwishF32;
using portable::LogF32;
using portable::LogicalAndB8;
using portable::LogicalNotB8;
using portable::LogicalOrB8;
using portable::LogisticS16;
using portable::MaximumElements;
using portable::MinimumElements;
using portable::MulElements;
using portable::MulS16;
using portable::MulU8;
using portable::NegElements;
using portable::NegF32;
using portable::PiecewiseLinearF32;
using portable::PiecewiseLinearS16;
using portable::PowF32;
using portable::PowS32;
using portable::PreluElements;
using portable::PreluF32;
using portable::RoundF32;
using portable::RsqrtF32;
using portable::RsqrtS16;
using portable::ScaledSumElements;
using portable::SinF32;
using portable::SqrtF32;
using portable::SqrtS16;
using portable::SquaredDifferenceElements;
using portable::SquaredDifferenceF32;
using portable::SquaredDifferenceS32;
using portable::SquareF32;
using portable::SubElements;
using portable::SubF32;
using portable::TanhF32;
using portable::TanhS16;

using portable::Accumulate;
using portable::AddNS8;
using portable::CastElements;
using portable::L2NormalizationF32;
using portable::L2NormalizationS8;
using portable::LogSoftmaxF32;
using portable::LogSoftmaxS8;
using portable::Select;
using portable::SoftmaxS16;
using portable::SoftmaxU8;

}  // namespace midge::arm_mve
