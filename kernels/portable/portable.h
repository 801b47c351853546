// SPDX-License-Identifier: Apache-2.0
//
// Every kernel of the portable tier: shipped code that defines the bits. Contracts are in the op's
// header one folder up. `rows` are rows of one image's output.
#pragma once

#include "kernels/add.h"
#include "kernels/add_n.h"
#include "kernels/average_pool_2d.h"
#include "kernels/batch_matmul.h"
#include "kernels/cast.h"
#include "kernels/comparison.h"
#include "kernels/conv_2d.h"
#include "kernels/depthwise_conv_2d.h"
#include "kernels/dequantize.h"
#include "kernels/div.h"
#include "kernels/elementary.h"
#include "kernels/elementwise.h"
#include "kernels/fully_connected.h"
#include "kernels/hard_swish.h"
#include "kernels/l2_normalization.h"
#include "kernels/log_softmax.h"
#include "kernels/logical.h"
#include "kernels/logistic.h"
#include "kernels/max_pool_2d.h"
#include "kernels/mean.h"
#include "kernels/mul.h"
#include "kernels/piecewise_linear.h"
#include "kernels/plain_integers.h"
#include "kernels/prelu.h"
#include "kernels/quantize.h"
#include "kernels/reduce.h"
#include "kernels/reduced.h"
#include "kernels/resize_bilinear.h"
#include "kernels/scaled_sum.h"
#include "kernels/select.h"
#include "kernels/softmax.h"
#include "kernels/squared_difference.h"
#include "kernels/svdf.h"
#include "kernels/tanh.h"
#include "kernels/transpose_conv.h"
#include "kernels/unidirectional_sequence_lstm.h"

namespace midge::portable {

BinaryKernel<AddS8Params, int8_t, int8_t> AddS8;
BinaryKernel<BinaryF32Params, float, float> AddF32;

Pool2DS8 AveragePool2DS8;
Pool2DS16 AveragePool2DS16;
Pool2DU8 AveragePool2DU8;
Pool2DF32 AveragePool2DF32;

void BatchMatMulS8(const BatchMatMulS8Params& params, const int8_t* a, const int8_t* b,
                   int8_t* output);
void BatchMatMulS16(const BatchMatMulS16Params& params, const int16_t* a, const int16_t* b,
                    int16_t* output);
void BatchMatMulF32S8(const BatchMatMulF32S8Params& params, const float* a, const int8_t* b,
                      uint8_t* scratch, float* output);
void BatchMatMulF32(const MatMulShape& shape, const float* a, const float* b, float* output);

ConvolutionS8 Conv2DS8;
inline ScratchRequest Conv2DS8ScratchBytes(const ConvolutionS8Params&) { return 0; }
ConvolutionS8S4 Conv2DS8S4;
inline ScratchRequest Conv2DS8S4ScratchBytes(const ConvolutionS8Params&) { return 0; }
template <typename Bias>
void Conv2DS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
               const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
               Rows rows, Scratch scratch, const RowView<int16_t>& output);
inline ScratchRequest Conv2DS16ScratchBytes(const ConvolutionS16Params&) { return 0; }
ConvolutionU8 Conv2DU8;
ConvolutionF32 Conv2DF32;
ConvolutionF32S8 Conv2DF32S8;
ConvolutionF32F16 Conv2DF32F16;

ConvolutionS8 DepthwiseConv2DS8;
inline ScratchRequest DepthwiseConv2DS8ScratchBytes(const ConvolutionS8Params&) { return 0; }
ConvolutionS8S4 DepthwiseConv2DS8S4;
inline ScratchRequest DepthwiseConv2DS8S4ScratchBytes(const ConvolutionS8Params&) { return 0; }
template <typename Bias>
void DepthwiseConv2DS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
                        const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
                        Rows rows, Scratch scratch, const RowView<int16_t>& output);
inline ScratchRequest DepthwiseConv2DS16ScratchBytes(const ConvolutionS16Params&) { return 0; }
ConvolutionU8 DepthwiseConv2DU8;
ConvolutionF32 DepthwiseConv2DF32;
ConvolutionF32S8 DepthwiseConv2DF32S8;
ConvolutionF32F16 DepthwiseConv2DF32F16;

template <typename In>
void DequantizeElements(const DequantizeParams& params, const In* input, int32_t count,
                        float* output);

void Float16ToFloat32Elements(const uint16_t* input, int32_t count, float* output);

DynamicRange QuantizeDynamic(bool asymmetric, const float* input, int32_t count, int8_t* output);

void FullyConnectedS8(const FullyConnectedS8Params& params, const ChannelMultipliers& multipliers,
                      const int8_t* input, const int8_t* filter, const int32_t* bias,
                      int32_t batches, int8_t* output);
void FullyConnectedS8S4(const FullyConnectedS8Params& params, const ChannelMultipliers& multipliers,
                        const int8_t* input, const uint8_t* filter, const int32_t* bias,
                        int32_t batches, int8_t* output);
void FullyConnectedU8(const FullyConnectedU8Params& params, const ChannelMultipliers& multipliers,
                      const uint8_t* input, const uint8_t* filter, const int32_t* bias,
                      int32_t batches, uint8_t* output);
template <typename Bias>
void FullyConnectedS16(const FullyConnectedS16Params& params, const ChannelMultipliers& multipliers,
                       const int16_t* input, const int8_t* filter, const Bias* bias,
                       int32_t batches, int16_t* output);
void FullyConnectedF32(const FullyConnectedF32Params& params, const float* input,
                       const float* filter, const float* bias, int32_t batches, float* output);
// One batch, quantized as `range` says.
void FullyConnectedF32S8(const FullyConnectedF32Params& params, const ChannelScales& scales,
                         const DynamicRange& range, const int8_t* input, const int8_t* filter,
                         const float* bias, float* output);
void FullyConnectedF32F16(const FullyConnectedF32Params& params, const float* input,
                          const uint16_t* filter, const Float16Bias& bias, int32_t batches,
                          float* output);

// Maps of one tensor.
UnaryKernel<NoParams, float, float> AbsF32, CeilF32, CosF32, EluF32, ExpF32, FloorF32, HardSwishF32,
    LogF32, LogisticF32, NegF32, RoundF32, RsqrtF32, SinF32, SqrtF32, SquareF32, TanhF32;
UnaryKernel<NoParams, int32_t, int32_t> AbsS32;
UnaryKernel<GeluParams, float, float> GeluF32;
UnaryKernel<NoParams, uint8_t, uint8_t> LogicalNotB8;
template <typename T>
void NegElements(const NoParams& params, const T* input, int32_t count, T* output);
UnaryKernel<PiecewiseLinearParams, int16_t, int16_t> PiecewiseLinearS16;
UnaryKernel<PiecewiseLinearF32Params, float, float> PiecewiseLinearF32;
UnaryKernel<SigmoidInputS16, int16_t, int16_t> LogisticS16, TanhS16;
UnaryKernel<RootS16Params, int16_t, int16_t> RsqrtS16, SqrtS16;

template <typename In, typename Out>
void CastElements(const CastParams& params, const In* input, int32_t count, Out* output);

// Maps of the innermost dimension.
void LogSoftmaxS8(const LogSoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
                  const RowView<int8_t>& output);
void LogSoftmaxF32(const SoftmaxShape& shape, const RowView<const float>& input, Rows rows,
                   const RowView<float>& output);
void L2NormalizationS8(const L2NormalizationS8Params& params, const RowView<const int8_t>& input,
                       Rows rows, const RowView<int8_t>& output);
void L2NormalizationF32(const SoftmaxShape& shape, const RowView<const float>& input, Rows rows,
                        const RowView<float>& output);

// Of several tensors.
void Select(const SelectParams& params, uint8_t repeated, const uint8_t* condition, const void* a,
            const void* b, int32_t count, void* output);
template <typename T, typename Sum>
void Accumulate(const T* input, int32_t count, Sum* sums);
void AddNS8(const AddNS8Params& params, const int32_t* sums, int32_t count, int8_t* output);

// Maps of two tensors.
BinaryKernel<BinaryF32Params, float, float> DivF32, MulF32, SubF32;
BinaryKernel<NoParams, float, float> FloorDivF32, FloorModF32, PowF32, PreluF32,
    SquaredDifferenceF32;
BinaryKernel<NoParams, uint8_t, uint8_t> LogicalAndB8, LogicalOrB8;
template <typename T>
void AddElements(const NoParams& params, Repeat repeat, const T* a, const T* b, int32_t count,
                 T* output);
template <typename T>
void SubElements(const IntegerClampRange& params, Repeat repeat, const T* a, const T* b,
                 int32_t count, T* output);
template <typename T>
void MulElements(const IntegerClampRange& params, Repeat repeat, const T* a, const T* b,
                 int32_t count, T* output);
BinaryKernel<IntegerClampRange, int32_t, int32_t> DivS32;
template <typename T>
void FloorDivElements(const NoParams& params, Repeat repeat, const T* a, const T* b, int32_t count,
                      T* output);
template <typename T>
void FloorModElements(const NoParams& params, Repeat repeat, const T* a, const T* b, int32_t count,
                      T* output);
template <typename T>
void MaximumElements(const NoParams& params, Repeat repeat, const T* a, const T* b, int32_t count,
                     T* output);
template <typename T>
void MinimumElements(const NoParams& params, Repeat repeat, const T* a, const T* b, int32_t count,
                     T* output);
BinaryKernel<NoParams, int32_t, int32_t> PowS32, SquaredDifferenceS32;
template <typename T>
void DivElements(const DivParams& params, Repeat repeat, const T* a, const T* b, int32_t count,
                 T* output);
BinaryKernel<MulS8Params, int8_t, int8_t> MulS8;
BinaryKernel<MulS8Params, uint8_t, uint8_t> MulU8;
BinaryKernel<MulS16Params, int16_t, int16_t> MulS16;
template <typename T>
void PreluElements(const PreluParams& params, Repeat repeat, const T* a, const int8_t* b,
                   int32_t count, T* output);
template <typename T>
void ScaledSumElements(const ScaledSumParams& params, Repeat repeat, const T* a, const T* b,
                       int32_t count, T* output);
template <typename T>
void SquaredDifferenceElements(const SquaredDifferenceParams& params, Repeat repeat, const T* a,
                               const T* b, int32_t count, T* output);
BinaryKernel<CompareParams, uint8_t, uint8_t> CompareB8;
template <typename T>
void CompareElements(const CompareParams& params, Repeat repeat, const T* a, const T* b,
                     int32_t count, uint8_t* output);
BinaryKernel<CompareS8Params, int8_t, uint8_t> CompareS8;

// output[i] = table[input[i]], the table's entries being in order of the input's bits. S16:
// interpolated_table.h.
void LookupS16(const int16_t* table, const int16_t* input, int32_t count, int16_t* output);
void LookupS8(const int8_t* table, const int8_t* input, int32_t count, int8_t* output);

Pool2DS8 MaxPool2DS8;
Pool2DS16 MaxPool2DS16;
Pool2DU8 MaxPool2DU8;
Pool2DF32 MaxPool2DF32;

void MeanS8(const QuantizedMeanParams& params, const Reduced& reduced, const int8_t* input,
            int32_t columns, int8_t* output);
void MeanS16(const QuantizedMeanParams& params, const Reduced& reduced, const int16_t* input,
             int32_t columns, int16_t* output);
void MeanU8(const QuantizedMeanParams& params, const Reduced& reduced, const uint8_t* input,
            int32_t columns, uint8_t* output);
void MeanS32(const MeanS32Params& params, const Reduced& reduced, const int32_t* input,
             int32_t columns, int32_t* output);
void MeanF32(const MeanF32Params& params, const Reduced& reduced, const float* input,
             int32_t columns, float* output);

template <typename Out>
void QuantizeElements(const QuantizeParams& params, const float* input, int32_t count, Out* output);
template <typename In, typename Out>
void RequantizeElements(const RequantizeParams& params, const In* input, int32_t count,
                        Out* output);

template <typename In, typename Out>
void ArgMax(const ArgParams& params, const Reduced& reduced, const In* input, int32_t columns,
            Out* output);
template <typename In, typename Out>
void ArgMin(const ArgParams& params, const Reduced& reduced, const In* input, int32_t columns,
            Out* output);
void ReduceAll(const ReduceParams& params, const Reduced& reduced, const Truth* input,
               int32_t columns, Truth* output);
void ReduceAny(const ReduceParams& params, const Reduced& reduced, const Truth* input,
               int32_t columns, Truth* output);
template <typename T>
void ReduceMax(const ReduceParams& params, const Reduced& reduced, const T* input, int32_t columns,
               T* output);
template <typename T>
void ReduceMin(const ReduceParams& params, const Reduced& reduced, const T* input, int32_t columns,
               T* output);
template <typename T>
void ReduceProd(const ReduceParams& params, const Reduced& reduced, const T* input, int32_t columns,
                T* output);
template <typename T>
void ReduceProdQuantized(const QuantizedProdParams& params, const Reduced& reduced, const T* input,
                         int32_t columns, T* output);

ResizeRowF32<float> ResizeBilinearF32;
ResizeRowQ10<int16_t> ResizeBilinearS16;
ResizeRowQ10<int8_t> ResizeBilinearS8;
ResizeRowF32<uint8_t> ResizeBilinearU8;

// `exponentials`: SoftmaxS8ScratchBytes of scratch.
void SoftmaxS8(const SoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
               int32_t* exponentials, const RowView<int8_t>& output);
void SoftmaxS8S16(const SoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
                  int32_t* exponentials, const RowView<int16_t>& output);
void SoftmaxU8(const SoftmaxS8Params& params, const RowView<const uint8_t>& input, Rows rows,
               int32_t* exponentials, const RowView<uint8_t>& output);
void SoftmaxS16(const SoftmaxS16Params& params, const RowView<const int16_t>& input, Rows rows,
                const RowView<int16_t>& output);
void SoftmaxF32(const SoftmaxF32Params& params, const RowView<const float>& input, Rows rows,
                const RowView<float>& output);

// State is int8_t or int16_t.
template <typename State>
void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
            const State* time, const int32_t* bias, State* state, int8_t* output);
void SvdfF32(const SvdfF32Params& params, const float* input, const float* feature,
             const float* time, const float* bias, float* state, float* output);

ConvolutionS8 TransposeConvS8;
template <typename Bias>
void TransposeConvS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
                      const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
                      Rows rows, Scratch scratch, const RowView<int16_t>& output);
ConvolutionF32 TransposeConvF32;
ConvolutionF32S8 TransposeConvF32S8;
// For all types.
inline ScratchRequest TransposeConvScratchBytes(const ConvolutionS8Params&) { return 0; }

void UnidirectionalSequenceLstmS8(const LstmQuantizedParams& params,
                                  const LstmWeights<int8_t, int32_t>& weights, const int8_t* input,
                                  int8_t* hidden, int16_t* cell, int8_t* output);
void UnidirectionalSequenceLstmS16(const LstmQuantizedParams& params,
                                   const LstmWeights<int8_t, PackedInt64>& weights,
                                   const int16_t* input, int16_t* hidden, int16_t* cell,
                                   int16_t* output);
// `scratch`: as many bytes as inputs and cells.
void UnidirectionalSequenceLstmF32S8(const LstmF32S8Params& params,
                                     const LstmWeights<int8_t, float>& weights, const float* input,
                                     float* hidden, float* cell, int8_t* scratch, float* output);
void UnidirectionalSequenceLstmF32(const LstmF32Params& params,
                                   const LstmWeights<float, float>& weights, const float* input,
                                   float* hidden, float* cell, float* output);

}  // namespace midge::portable
