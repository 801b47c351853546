// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer: bytes as the shapes, parameters and data of one kernel, which a variant must compute
// as portable does, whole and row by row, in memory of exactly the size it may touch. Built once
// for each variant: MIDGE_FUZZED is its namespace, MIDGE_FUZZED_HEADER declares it. What a variant
// takes from portable is the same function twice.
#include <cstdio>
#include <cstdlib>

#include MIDGE_FUZZED_HEADER
#include "tests/kernels/binary_sweep.h"
#include "tests/kernels/float_sweep.h"
#include "tests/kernels/lstm_sweep.h"
#include "tests/kernels/matmul_sweep.h"
#include "tests/kernels/mean_sweep.h"
#include "tests/kernels/s16_sweep.h"
#include "tests/kernels/softmax_sweep.h"
#include "tests/kernels/sweep.h"
#include "tests/kernels/unary_sweep.h"

// What the checks of tests/kernels say goes to libFuzzer: the first that fails ends the run.
namespace midge_test {
bool CheckTrue(bool holds, const char* file, int line, const char* expression) {
  if (holds) return true;
  std::fprintf(stderr, "%s:%d: %s\n", file, line, expression);
  std::abort();
}
void Print(const char*) {}
void PrintSigned(int64_t) {}
}  // namespace midge_test

namespace {

using namespace midge_test;  // NOLINT(google-build-using-namespace)
namespace variant = midge::MIDGE_FUZZED;

int32_t Channels(Random& random) { return random.OneIn(4) ? random.In(9, 33) : random.In(1, 9); }

// Large windows have few channels: kernels want no more scratch than the checks have.
WindowedShape Shape(Random& random, bool dilated) {
  const bool large = random.OneIn(10);
  WindowedShape shape = DrawShape(random, large ? 20 : 4, dilated);
  shape.input_channels = large ? 1 : Channels(random);
  return shape;
}

void Conv2D(Random& random) {
  WindowedShape shape = Shape(random, true);
  shape.output_channels = Channels(random);
  CheckConv2D(random, shape, Weights::kMostlySymmetric, variant::Conv2DS8,
              variant::Conv2DS8ScratchBytes);
}

void DepthwiseConv2D(Random& random) {
  WindowedShape shape = Shape(random, true);
  shape.output_channels = shape.input_channels * (random.OneIn(3) ? random.In(1, 8) : 1);
  if (static_cast<size_t>(shape.output_channels) > kMostChannels) return;
  CheckDepthwiseConv2D(random, shape, Weights::kMostlySymmetric, variant::DepthwiseConv2DS8,
                       variant::DepthwiseConv2DS8ScratchBytes);
}

void FullyConnected(Random& random) {
  const int32_t depth = random.OneIn(4) ? random.In(1, 523) : random.In(1, 65);
  const int32_t units = random.OneIn(4) ? random.In(1, 65) : random.In(1, 11);
  if (depth * units > 20000) return;
  CheckFullyConnected(random, depth, units, random.OneIn(3) ? random.In(0, 4) : 1,
                      variant::FullyConnectedS8);
}

template <typename Bias>
void Conv2DS16(Random& random) {
  WindowedShape shape = Shape(random, true);
  shape.output_channels = Channels(random);
  CheckConv2DS16<Bias>(random, shape, variant::Conv2DS16<Bias>, variant::Conv2DS16ScratchBytes);
}

template <typename Bias>
void DepthwiseConv2DS16(Random& random) {
  WindowedShape shape = Shape(random, true);
  shape.output_channels = shape.input_channels * (random.OneIn(3) ? random.In(1, 8) : 1);
  if (static_cast<size_t>(shape.output_channels) > kMostChannels) return;
  CheckDepthwiseConv2DS16<Bias>(random, shape, variant::DepthwiseConv2DS16<Bias>,
                                variant::DepthwiseConv2DS16ScratchBytes);
}

template <typename Bias>
void FullyConnectedS16(Random& random) {
  const int32_t depth = random.OneIn(4) ? random.In(1, 1030) : random.In(1, 65);
  const int32_t units = random.OneIn(4) ? random.In(1, 65) : random.In(1, 11);
  if (depth * units > 20000) return;
  CheckFullyConnectedS16<Bias>(random, depth, units, random.OneIn(3) ? random.In(0, 4) : 1,
                               variant::FullyConnectedS16<Bias>);
}

void Pools(Random& random) {
  WindowedShape shape = Shape(random, false);
  shape.output_channels = shape.input_channels;
  CheckPool(random, shape, midge::portable::AveragePool2DS8, variant::AveragePool2DS8);
  CheckPool(random, shape, midge::portable::MaxPool2DS8, variant::MaxPool2DS8);
}

void Quantize(Random& random) {
  switch (random.In(0, 6)) {
    case 0:
      return CheckQuantize<int8_t>(random, variant::QuantizeElements<int8_t>);
    case 1:
      return CheckQuantize<int16_t>(random, variant::QuantizeElements<int16_t>);
    case 2:
      return CheckQuantize<uint8_t>(random, variant::QuantizeElements<uint8_t>);
    case 3:
      return CheckDequantize<int8_t>(random, variant::DequantizeElements<int8_t>);
    case 4:
      return CheckDequantize<int16_t>(random, variant::DequantizeElements<int16_t>);
    case 5:
      return CheckDequantize<uint8_t>(random, variant::DequantizeElements<uint8_t>);
    default:
      CheckLookups(random, variant::LookupS8, variant::LookupS16);
  }
}

template <typename In, typename Out>
void Requantize(Random& random) {
  CheckRequantize<In, Out>(random, variant::RequantizeElements<In, Out>);
}

void Requantize(Random& random) {
  switch (random.In(0, 6)) {
    case 0:
      return Requantize<int8_t, int8_t>(random);
    case 1:
      return Requantize<int8_t, int16_t>(random);
    case 2:
      return Requantize<int8_t, uint8_t>(random);
    case 3:
      return Requantize<int16_t, int8_t>(random);
    case 4:
      return Requantize<int16_t, int16_t>(random);
    case 5:
      return Requantize<uint8_t, int8_t>(random);
    default:
      Requantize<uint8_t, uint8_t>(random);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  Random random(data, size_bytes);
  switch (random.In(0, 19)) {
    case 0:
      Conv2D(random);
      break;
    case 1:
      DepthwiseConv2D(random);
      break;
    case 2:
      FullyConnected(random);
      break;
    case 3:
      Pools(random);
      break;
    case 4:
      CheckAdd(random, variant::AddS8);
      break;
    case 5:
      CheckMul(random, variant::MulS8);
      break;
    case 6:
      CheckLstm(random, variant::UnidirectionalSequenceLstmS8);
      break;
    case 7:
      Conv2DS16<int32_t>(random);
      break;
    case 8:
      Conv2DS16<midge::PackedInt64>(random);
      break;
    case 9:
      FullyConnectedS16<int32_t>(random);
      break;
    case 10:
      FullyConnectedS16<midge::PackedInt64>(random);
      break;
    case 11:
      DepthwiseConv2DS16<int32_t>(random);
      break;
    case 12:
      DepthwiseConv2DS16<midge::PackedInt64>(random);
      break;
    case 13:
      CheckMean(random, variant::MeanS8);
      break;
    case 14:
      Quantize(random);
      break;
    case 15:
      Requantize(random);
      break;
    case 16:
      CheckSoftmax(random, variant::SoftmaxS8, variant::SoftmaxS8S16);
      break;
    case 17:
      CheckConvolutionsF32(random, variant::Conv2DF32, variant::DepthwiseConv2DF32);
      break;
    case 18:
      CheckBatchMatMul(random, variant::BatchMatMulS8);
      break;
    default:
      CheckFullyConnectedF32(random, variant::FullyConnectedF32);
  }
  return 0;
}
