// SPDX-License-Identifier: Apache-2.0
//
// Kernels for cores with Arm's MVE, called Helium (Cortex-M55, M85): the bits of the portable ones
// in fewer instructions. Reads as a coverage table: declared here = optimised, `using` = portable.
// Shapes that a kernel here has no gain for go to the portable kernel by name.
#pragma once

#include "kernels/portable/portable.h"

namespace midge::arm_mve {

using portable::AddF32;
using portable::AddS8;

using portable::ArgMax;

using portable::ArgMin;

using portable::AveragePool2DF32;
using portable::AveragePool2DS8;

ConvolutionS8 Conv2DS8;  // any
ConvolutionS8ScratchBytes Conv2DS8ScratchBytes;
using portable::Conv2DF32;

using portable::DepthwiseConv2DF32;
using portable::DepthwiseConv2DS8;
using portable::DepthwiseConv2DS8ScratchBytes;

using portable::DequantizeElements;

using portable::FullyConnectedF32;
using portable::FullyConnectedS8;

using portable::LogisticF32;

using portable::LookupS8;

using portable::MaxPool2DF32;
using portable::MaxPool2DS8;

using portable::MeanF32;
using portable::MeanS16;
using portable::MeanS32;
using portable::MeanS8;

using portable::MulF32;
using portable::MulS8;

using portable::QuantizeElements;
using portable::ReduceAll;

using portable::ReduceAny;

using portable::ReduceMax;

using portable::ReduceMin;

using portable::ReduceProd;

using portable::RequantizeElements;

using portable::SoftmaxF32;
using portable::SoftmaxS8;

using portable::SvdfF32;
using portable::SvdfS8;

using portable::UnidirectionalSequenceLstmF32;
using portable::UnidirectionalSequenceLstmS16;
using portable::UnidirectionalSequenceLstmS8;

}  // namespace midge::arm_mve
