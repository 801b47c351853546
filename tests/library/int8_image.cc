// SPDX-License-Identifier: Apache-2.0
//
// What an int8 network of 13 ops links. The model is any: only what the linker finds counts.
#include "midge/interpreter.h"
#include "midge/op_resolver.h"
#include "midge/ops.h"

#ifndef MIDGE_TEST_ADD
#define MIDGE_TEST_ADD kAddInt8
#endif

namespace {

constexpr midge::OpResolver kOps{&midge::MIDGE_TEST_ADD,
                                 &midge::kAveragePool2DInt8,
                                 &midge::kConcatenation,
                                 &midge::kConv2DInt8,
                                 &midge::kDepthwiseConv2DInt8,
                                 &midge::kFullyConnectedInt8,
                                 &midge::kLogisticInt8,
                                 &midge::kMaxPool2DInt8,
                                 &midge::kMeanInt8,
                                 &midge::kMulInt8,
                                 &midge::kPad,
                                 &midge::kReshape,
                                 &midge::kSoftmaxInt8};

alignas(midge::kArenaAlignment) uint8_t arena[2048];
alignas(midge::kModelAlignment) volatile uint8_t model[1024];

}  // namespace

int main() {
  midge::Interpreter interpreter({const_cast<const uint8_t*>(model), sizeof model}, kOps, arena);
  if (!interpreter.AllocateTensors().ok()) return 1;
  return interpreter.Invoke().ok() ? 0 : 1;
}
