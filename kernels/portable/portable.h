// SPDX-License-Identifier: Apache-2.0
//
// Every kernel of the portable tier: shipped code that defines the bits. Contracts are in the op's
// header one folder up. `rows` are rows of one image's output.
#pragma once

#include "kernels/average_pool_2d.h"
#include "kernels/conv_2d.h"
#include "kernels/depthwise_conv_2d.h"
#include "kernels/fully_connected.h"
#include "kernels/max_pool_2d.h"

namespace midge::portable {

Pool2DS8 AveragePool2DS8;
Pool2DF32 AveragePool2DF32;

ConvolutionS8 Conv2DS8;
ConvolutionF32 Conv2DF32;

ConvolutionS8 DepthwiseConv2DS8;
ConvolutionF32 DepthwiseConv2DF32;

void FullyConnectedS8(const FullyConnectedS8Params& params, const ChannelMultipliers& multipliers,
                      const int8_t* input, const int8_t* filter, const int32_t* bias,
                      int32_t batches, int8_t* output);
void FullyConnectedF32(const FullyConnectedF32Params& params, const float* input,
                       const float* filter, const float* bias, int32_t batches, float* output);

Pool2DS8 MaxPool2DS8;
Pool2DF32 MaxPool2DF32;

}  // namespace midge::portable
