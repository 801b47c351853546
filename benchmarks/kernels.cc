// SPDX-License-Identifier: Apache-2.0
// The firmware behind `bench --kernels`: runs the portable kernel and that of the build's variant
// on layers of given sizes, filled with pseudo-random numbers. Its argument is a file of one layer
// per line, "<index> <kernel> <size>…"; it prints, separated by tabs:
//
//   layer <index> <0 portable, 1 optimised> <instructions of the portable kernel> <of the
//   variant's,
//         with the least scratch> <with all that it can use> <1 if outputs are the same>
//   error <index> <reason>
//
// Which sizes a kernel takes stands with each function below, in its order.

#include <cstdio>
#include <cstring>

#include "benchmarks/line.h"
#include "kernels/interpolated_table.h"
#include "kernels/isa.h"
#include "ports/port.h"

namespace {

using midge::Rows;
using midge::RowView;
using midge::Scratch;
using midge::ScratchRequest;
using midge_bench::Line;
namespace isa = midge::isa;
namespace portable = midge::portable;

constexpr int kMostSizes = 16;
constexpr int32_t kInputZeroPoint = -128, kOutputZeroPoint = 3;

alignas(16) uint8_t memory[7 << 19];

// One layer: its sizes, memory for its operands, and what was counted.
class Layer {
 public:
  // From the text of a line, which ends at `end`.
  Layer(const char* text, const char* end) : text_(text), end_(end) {
    index_ = Integer();
    SkipBlanks();
    kernel_ = text_;
    while (text_ != end_ && *text_ != ' ') ++text_;
    kernel_length_ = static_cast<size_t>(text_ - kernel_);
  }

  uint32_t index() const { return static_cast<uint32_t>(index_); }
  bool Is(const char* kernel) const {
    return std::strlen(kernel) == kernel_length_ &&
           std::memcmp(kernel, kernel_, kernel_length_) == 0;
  }
  int32_t Size() { return Integer(); }

  // Memory of a tensor, filled with numbers of the whole range of int8 and int16, of [-1, 1) for
  // floats.
  template <typename T>
  T* New(int32_t count) {
    T* const data = Reserve<T>(count);
    for (int32_t i = 0; i < (fits() ? count : 0); ++i) data[i] = Draw<T>();
    return data;
  }
  // Weights as converters make them: int8 without -128, which some kernels are slower with.
  template <typename T>
  const T* NewWeights(int32_t count) {
    T* const weights = New<T>(count);
    if constexpr (sizeof(T) == 1) {
      for (int32_t i = 0; i < (fits() ? count : 0); ++i) {
        if (weights[i] == INT8_MIN) weights[i] = -INT8_MAX;
      }
    }
    return weights;
  }
  // Biases far smaller than what sums of int8 products overflow at.
  int32_t* NewBias(int32_t count) {
    auto* const bias = New<int32_t>(count);
    for (int32_t i = 0; i < (fits() ? count : 0); ++i) bias[i] >>= 18;
    return bias;
  }
  // The same for int16 activations, in 64 bits.
  midge::PackedInt64* NewWideBias(int32_t count) {
    const int32_t* const narrow = NewBias(count);
    auto* const bias = Reserve<midge::PackedInt64>(count);
    for (int32_t i = 0; i < (fits() ? count : 0); ++i) {
      const auto value = static_cast<uint64_t>(int64_t{narrow[i]} * 256);
      bias[i] = {static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32)};
    }
    return bias;
  }
  // One multiplier per channel, or (step 0) one in all, with which sums over `depth` fill int8.
  midge::ChannelMultipliers NewMultipliers(int32_t channels, int32_t depth) {
    const int32_t count = channels;
    int32_t exponent = -7;
    for (; depth > 1; depth /= 4) --exponent;
    auto* const multipliers = New<int32_t>(count);
    auto* const exponents = Reserve<int8_t>(count);
    for (int32_t i = 0; i < (fits() ? count : 0); ++i) {
      multipliers[i] = 1 << 30 | (multipliers[i] & 0x3fffffff);
      exponents[i] = static_cast<int8_t>(exponent - (i & 1));
    }
    return {multipliers, exponents, count == 1 ? 0 : 1};
  }
  Scratch NewScratch(const ScratchRequest& request, int32_t units) {
    const uint32_t bytes = request.bytes + request.unit_bytes * static_cast<uint32_t>(units);
    return {bytes == 0 ? nullptr : Reserve<uint8_t>(static_cast<int32_t>(bytes)), units};
  }

  bool fits() const { return used_bytes_ <= sizeof memory; }

  // Runs a kernel three times and prints what it took: portable(), least() and most() call the
  // portable one and the variant's with the least and the most scratch, and write `count` elements
  // of output.
  template <typename T, typename Portable, typename Least, typename Most>
  void Compare(bool optimised, T* output, int32_t count, const Portable& portable_run,
               const Least& least, const Most& most) {
    T* const expected = Reserve<T>(count);
    if (!fits()) {
      Line("error").Number(index()).Text("the board has too little memory");
      return;
    }
    const size_t bytes = static_cast<size_t>(count) * sizeof(T);
    const uint64_t portable_count = Count(portable_run);
    std::memcpy(expected, output, bytes);
    const uint64_t least_count = Count(least);
    bool same = std::memcmp(expected, output, bytes) == 0;
    const uint64_t most_count = Count(most);
    same &= std::memcmp(expected, output, bytes) == 0;
    Line("layer")
        .Number(index())
        .Number(optimised)
        .Number(portable_count)
        .Number(least_count)
        .Number(most_count)
        .Number(same);
  }
  // The same of a kernel without scratch: run(kernel).
  template <typename T, typename Kernel, typename Run>
  void Compare(Kernel* portable_kernel, Kernel* kernel, T* output, int32_t count, const Run& run) {
    const auto variant = [&] { run(kernel); };
    Compare(
        kernel != portable_kernel, output, count, [&] { run(portable_kernel); }, variant, variant);
  }

 private:
  template <typename T>
  T* Reserve(int32_t count) {
    used_bytes_ = (used_bytes_ + 15) & ~size_t{15};
    auto* const data = reinterpret_cast<T*>(memory + used_bytes_);
    used_bytes_ += static_cast<size_t>(count) * sizeof(T);
    return data;
  }
  template <typename T>
  T Draw() {
    random_ = random_ * 1664525u + 1013904223u;
    if constexpr (sizeof(T) < 4) {
      return static_cast<T>(random_ >> (32 - 8 * sizeof(T)));
    } else if constexpr (T(0.5f) != 0) {
      return static_cast<T>(random_ >> 8) * (1.0f / (1 << 23)) - 1.0f;
    } else {
      return static_cast<T>(random_);
    }
  }
  template <typename Run>
  static uint64_t Count(const Run& run) {
    const uint64_t begin = PortInstructionCount();
    run();
    return PortInstructionCount() - begin;
  }
  void SkipBlanks() {
    while (text_ != end_ && *text_ == ' ') ++text_;
  }
  int32_t Integer() {
    SkipBlanks();
    int32_t value = 0;
    for (; text_ != end_ && *text_ >= '0' && *text_ <= '9'; ++text_) {
      value = value * 10 + (*text_ - '0');
    }
    return value;
  }

  const char* text_;
  const char* end_;
  int32_t index_;
  const char* kernel_;
  size_t kernel_length_;
  uint32_t random_ = 12345;
  size_t used_bytes_ = 0;
};

template <typename T>
constexpr T kClamp = {INT8_MIN, INT8_MAX};
template <>
constexpr midge::FloatClampRange kClamp<midge::FloatClampRange> = {0, 6};

// Input h, w, channels; output h, w, channels; filter h, w; stride h, w; dilation h, w; padding
// above, at the left.
midge::WindowedShape WindowOf(Layer& layer) {
  midge::WindowedShape shape = {};
  midge::Window2D& window = shape.window;
  const auto small = [&] { return static_cast<uint16_t>(layer.Size()); };
  shape.images = 1;
  window.input_h = layer.Size();
  window.input_w = layer.Size();
  shape.input_channels = layer.Size();
  window.output_h = layer.Size();
  window.output_w = layer.Size();
  shape.output_channels = layer.Size();
  window.filter_h = small();
  window.filter_w = small();
  window.stride_h = small();
  window.stride_w = small();
  window.dilation_h = small();
  window.dilation_w = small();
  window.pad_top = small();
  window.pad_left = small();
  return shape;
}

// The operands of a convolution or pool of elements T.
template <typename T>
struct Image {
  Image(Layer& layer, const midge::WindowedShape& of)
      : shape(of),
        rows{0, of.window.output_h},
        count(of.window.output_h * of.output_row_elements()),
        input(layer.New<T>(of.window.input_h * of.input_row_elements()), of.input_row_elements()),
        data(layer.New<T>(count)),
        output(data, of.output_row_elements()) {}

  midge::WindowedShape shape;
  Rows rows;
  int32_t count;
  RowView<const T> input;
  T* data;
  RowView<T> output;
};

// Without scratch the portable kernel, with the least and with all that it asks for the other.
template <typename Image, typename Kernel, typename F>
void CompareScratches(Layer& layer, const Image& image, Kernel* portable_kernel, Kernel* kernel,
                      const ScratchRequest& request, const F& run) {
  const Scratch most = layer.NewScratch(request, request.units);
  layer.Compare(
      kernel != portable_kernel, image.data, image.count,
      [&] {
        run(portable_kernel, Scratch{nullptr, 0});
      },
      [&] {
        run(kernel, Scratch{most.data, 0});
      },
      [&] { run(kernel, most); });
}

// WindowOf. `depth`: weights of a tap, of one output.
void ConvolutionS8(Layer& layer, bool depthwise, midge::ConvolutionS8* portable_kernel,
                   midge::ConvolutionS8* kernel, midge::ConvolutionS8ScratchBytes* scratch_bytes) {
  const Image<int8_t> image(layer, WindowOf(layer));
  const midge::WindowedShape& shape = image.shape;
  const int32_t taps = shape.window.filter_h * shape.window.filter_w;
  const int32_t depth = depthwise ? 1 : shape.input_channels;
  const midge::ConvolutionS8Params params = {shape, kInputZeroPoint, kOutputZeroPoint,
                                             kClamp<midge::ClampRange>};
  const midge::ChannelMultipliers multipliers =
      layer.NewMultipliers(shape.output_channels, taps * depth);
  const int8_t* const filter = layer.NewWeights<int8_t>(shape.output_channels * taps * depth);
  const int32_t* const bias = layer.NewBias(shape.output_channels);
  CompareScratches(layer, image, portable_kernel, kernel, scratch_bytes(params),
                   [&](midge::ConvolutionS8* which, const Scratch& scratch) {
                     which(params, multipliers, image.input, filter, bias, image.rows, scratch,
                           image.output);
                   });
}
void Conv2DS8(Layer& layer) {
  ConvolutionS8(layer, false, portable::Conv2DS8, isa::Conv2DS8, isa::Conv2DS8ScratchBytes);
}
void DepthwiseConv2DS8(Layer& layer) {
  ConvolutionS8(layer, true, portable::DepthwiseConv2DS8, isa::DepthwiseConv2DS8,
                isa::DepthwiseConv2DS8ScratchBytes);
}

// int16 activations, sums of 64 bits.
void ConvolutionS16(Layer& layer, bool depthwise,
                    midge::ConvolutionS16<midge::PackedInt64>* portable_kernel,
                    midge::ConvolutionS16<midge::PackedInt64>* kernel,
                    midge::ConvolutionS8ScratchBytes* scratch_bytes) {
  const Image<int16_t> image(layer, WindowOf(layer));
  const midge::WindowedShape& shape = image.shape;
  const int32_t taps = shape.window.filter_h * shape.window.filter_w;
  const int32_t depth = depthwise ? 1 : shape.input_channels;
  const midge::ConvolutionS16Params params = {shape, 0, 0, {INT16_MIN, INT16_MAX}};
  const midge::ChannelMultipliers multipliers =
      layer.NewMultipliers(shape.output_channels, taps * depth);
  const int8_t* const filter = layer.NewWeights<int8_t>(shape.output_channels * taps * depth);
  const midge::PackedInt64* const bias = layer.NewWideBias(shape.output_channels);
  CompareScratches(layer, image, portable_kernel, kernel, scratch_bytes(params),
                   [&](midge::ConvolutionS16<midge::PackedInt64>* which, const Scratch& scratch) {
                     which(params, multipliers, image.input, filter, bias, image.rows, scratch,
                           image.output);
                   });
}
void Conv2DS16(Layer& layer) {
  ConvolutionS16(layer, false, portable::Conv2DS16<midge::PackedInt64>,
                 isa::Conv2DS16<midge::PackedInt64>, isa::Conv2DS16ScratchBytes);
}
void DepthwiseConv2DS16(Layer& layer) {
  ConvolutionS16(layer, true, portable::DepthwiseConv2DS16<midge::PackedInt64>,
                 isa::DepthwiseConv2DS16<midge::PackedInt64>, isa::DepthwiseConv2DS16ScratchBytes);
}

void ConvolutionF32(Layer& layer, bool depthwise, midge::ConvolutionF32* portable_kernel,
                    midge::ConvolutionF32* kernel) {
  const Image<float> image(layer, WindowOf(layer));
  const midge::WindowedShape& shape = image.shape;
  const int32_t taps = shape.window.filter_h * shape.window.filter_w;
  const int32_t depth = depthwise ? 1 : shape.input_channels;
  const float* const filter = layer.NewWeights<float>(shape.output_channels * taps * depth);
  const float* const bias = layer.New<float>(shape.output_channels);
  layer.Compare(portable_kernel, kernel, image.data, image.count, [&](auto* which) {
    which({shape, kClamp<midge::FloatClampRange>}, image.input, filter, bias, image.rows,
          image.output);
  });
}
void Conv2DF32(Layer& layer) { ConvolutionF32(layer, false, portable::Conv2DF32, isa::Conv2DF32); }
void DepthwiseConv2DF32(Layer& layer) {
  ConvolutionF32(layer, true, portable::DepthwiseConv2DF32, isa::DepthwiseConv2DF32);
}

template <typename T, typename Clamp, typename Kernel>
void Pool2D(Layer& layer, Kernel* portable_kernel, Kernel* kernel) {
  const Image<T> image(layer, WindowOf(layer));
  layer.Compare(portable_kernel, kernel, image.data, image.count, [&](auto* which) {
    which({image.shape, kClamp<Clamp>}, image.input, image.rows, image.output);
  });
}
void AveragePool2DS8(Layer& layer) {
  Pool2D<int8_t, midge::ClampRange>(layer, portable::AveragePool2DS8, isa::AveragePool2DS8);
}
void AveragePool2DF32(Layer& layer) {
  Pool2D<float, midge::FloatClampRange>(layer, portable::AveragePool2DF32, isa::AveragePool2DF32);
}
void MaxPool2DS8(Layer& layer) {
  Pool2D<int8_t, midge::ClampRange>(layer, portable::MaxPool2DS8, isa::MaxPool2DS8);
}

// Batches, depth, units.
void FullyConnectedS8(Layer& layer) {
  const int32_t batches = layer.Size(), depth = layer.Size(), units = layer.Size();
  const midge::FullyConnectedS8Params params = {
      {depth, units}, kInputZeroPoint, 0, kOutputZeroPoint, kClamp<midge::ClampRange>};
  const midge::ChannelMultipliers multipliers = layer.NewMultipliers(1, depth);
  const int8_t* const input = layer.New<int8_t>(batches * depth);
  const int8_t* const filter = layer.NewWeights<int8_t>(units * depth);
  const int32_t* const bias = layer.NewBias(units);
  auto* const output = layer.New<int8_t>(batches * units);
  layer.Compare(
      portable::FullyConnectedS8, isa::FullyConnectedS8, output, batches * units,
      [&](auto* which) { which(params, multipliers, input, filter, bias, batches, output); });
}
void FullyConnectedS16(Layer& layer) {
  const int32_t batches = layer.Size(), depth = layer.Size(), units = layer.Size();
  const midge::FullyConnectedS16Params params = {{depth, units}, 0, 0, {INT16_MIN, INT16_MAX}, 0};
  const midge::ChannelMultipliers multipliers = layer.NewMultipliers(1, depth);
  const int16_t* const input = layer.New<int16_t>(batches * depth);
  const int8_t* const filter = layer.NewWeights<int8_t>(units * depth);
  const midge::PackedInt64* const bias = layer.NewWideBias(units);
  auto* const output = layer.New<int16_t>(batches * units);
  layer.Compare(
      portable::FullyConnectedS16<midge::PackedInt64>, isa::FullyConnectedS16<midge::PackedInt64>,
      output, batches * units,
      [&](auto* which) { which(params, multipliers, input, filter, bias, batches, output); });
}
void FullyConnectedF32(Layer& layer) {
  const int32_t batches = layer.Size(), depth = layer.Size(), units = layer.Size();
  const float* const input = layer.New<float>(batches * depth);
  const float* const filter = layer.NewWeights<float>(units * depth);
  const float* const bias = layer.New<float>(units);
  auto* const output = layer.New<float>(batches * units);
  layer.Compare(portable::FullyConnectedF32, isa::FullyConnectedF32, output, batches * units,
                [&](auto* which) {
                  which({{depth, units}, kClamp<midge::FloatClampRange>}, input, filter, bias,
                        batches, output);
                });
}

// Elements, of each of both operands.
template <typename T, typename Params, typename Kernel>
void Binary(Layer& layer, const Params& params, Kernel* portable_kernel, Kernel* kernel) {
  const int32_t count = layer.Size();
  const T* const a = layer.New<T>(count);
  const T* const b = layer.New<T>(count);
  auto* const output = layer.New<T>(count);
  layer.Compare(portable_kernel, kernel, output, count,
                [&](auto* which) { which(params, midge::Repeat::kNone, a, b, count, output); });
}
void AddS8(Layer& layer) {
  // Of scales 1 and 0.75, to a scale of 1.5.
  const midge::AddS8Params params = {
      kInputZeroPoint,  7, kOutputZeroPoint, false, kClamp<midge::ClampRange>, {0x60000000, -1},
      {0x55555555, -19}};
  Binary<int8_t>(layer, params, portable::AddS8, isa::AddS8);
}
void MulS8(Layer& layer) {
  const midge::MulS8Params params = {
      kInputZeroPoint, 7, kOutputZeroPoint, kClamp<midge::ClampRange>, {0x60000000, -7}};
  Binary<int8_t>(layer, params, portable::MulS8, isa::MulS8);
}
void AddF32(Layer& layer) {
  Binary<float>(layer, midge::BinaryF32Params{kClamp<midge::FloatClampRange>}, portable::AddF32,
                isa::AddF32);
}

// Rows, depth, columns; whether b has its depth innermost.
void BatchMatMulS8(Layer& layer) {
  midge::BatchMatMulS8Params params = {};
  midge::MatMulShape& shape = params.shape;
  shape.rows = layer.Size();
  shape.depth = layer.Size();
  shape.columns = layer.Size();
  const bool turned = layer.Size() != 0;
  shape.a_row_step = shape.depth, shape.a_depth_step = 1;
  shape.b_depth_step = turned ? 1 : shape.columns;
  shape.b_column_step = turned ? shape.depth : 1;
  params.multiplier = {0x60000000, -10};
  params.a_zero_point = kInputZeroPoint;
  params.b_zero_point = 7;
  params.output_zero_point = kOutputZeroPoint;
  const int8_t* const a = layer.New<int8_t>(shape.rows * shape.depth);
  const int8_t* const b = layer.New<int8_t>(shape.depth * shape.columns);
  const int32_t count = shape.rows * shape.columns;
  auto* const output = layer.New<int8_t>(count);
  layer.Compare(portable::BatchMatMulS8, isa::BatchMatMulS8, output, count,
                [&](auto* which) { which(params, a, b, output); });
}

// Elements to each output, outputs.
void MeanS8(Layer& layer) {
  const int32_t run = layer.Size(), columns = layer.Size();
  const int8_t* const input = layer.New<int8_t>(run * columns);
  auto* const output = layer.New<int8_t>(columns);
  const midge::QuantizedMeanParams params = {0, {0x60000000, -6}, kOutputZeroPoint};
  layer.Compare(portable::MeanS8, isa::MeanS8, output, columns, [&](auto* which) {
    which(params, {nullptr, 0, run, columns}, input, columns, output);
  });
}

// Elements.
void LookupS8(Layer& layer) {
  const int32_t count = layer.Size();
  const int8_t* const table = layer.New<int8_t>(256);
  const int8_t* const input = layer.New<int8_t>(count);
  auto* const output = layer.New<int8_t>(count);
  layer.Compare(portable::LookupS8, isa::LookupS8, output, count,
                [&](auto* which) { which(table, input, count, output); });
}
void LookupS16(Layer& layer) {
  const int32_t count = layer.Size();
  const int16_t* const table = layer.New<int16_t>(midge::kInterpolatedSteps + 1);
  const int16_t* const input = layer.New<int16_t>(count);
  auto* const output = layer.New<int16_t>(count);
  layer.Compare(portable::LookupS16, isa::LookupS16, output, count,
                [&](auto* which) { which(table, input, count, output); });
}

// Elements, of one tensor.
template <typename In, typename Out, typename Params, typename Kernel>
void Unary(Layer& layer, const Params& params, Kernel* portable_kernel, Kernel* kernel) {
  const int32_t count = layer.Size();
  const In* const input = layer.New<In>(count);
  auto* const output = layer.New<Out>(count);
  layer.Compare(portable_kernel, kernel, output, count,
                [&](auto* which) { which(params, input, count, output); });
}
template <typename In, typename Out>
void Requantize(Layer& layer) {
  // Between scales that differ as the types' ranges do, or by a quarter.
  const int32_t exponent = sizeof(In) > 1 && sizeof(In) != sizeof(Out) ? -7
                           : sizeof(In) < sizeof(Out)                  ? 7
                                                                       : 0;
  const midge::RequantizeParams params = {0, kOutputZeroPoint, {0x60000000, exponent}, {}};
  Unary<In, Out>(layer, params, portable::RequantizeElements<In, Out>,
                 isa::RequantizeElements<In, Out>);
}
template <typename Out>
void Quantize(Layer& layer) {
  const midge::QuantizeParams params = {sizeof(Out) == 1 ? 0.007f : 0.00003f, kOutputZeroPoint, {}};
  Unary<float, Out>(layer, params, portable::QuantizeElements<Out>, isa::QuantizeElements<Out>);
}
template <typename In>
void Dequantize(Layer& layer) {
  Unary<In, float>(layer, midge::DequantizeParams{0.007f, kInputZeroPoint, 0},
                   portable::DequantizeElements<In>, isa::DequantizeElements<In>);
}
void LogisticS16(Layer& layer) {
  Unary<int16_t, int16_t>(layer, midge::SigmoidInputS16{3, 1}, portable::LogisticS16,
                          isa::LogisticS16);
}
void TanhS16(Layer& layer) {
  Unary<int16_t, int16_t>(layer, midge::SigmoidInputS16{3, 1}, portable::TanhS16, isa::TanhS16);
}

// Rows, channels.
template <typename Out, typename Kernel>
void SoftmaxFromS8(Layer& layer, Kernel* portable_kernel, Kernel* kernel) {
  const int32_t rows = layer.Size(), channels = layer.Size(), count = rows * channels;
  const int8_t* const input = layer.New<int8_t>(count);
  auto* const exponentials = layer.New<int32_t>(midge::kSoftmaxS8Exponentials);
  auto* const output = layer.New<Out>(count);
  // An input scale of 0.15.
  const midge::SoftmaxS8Params params = {
      {{rows, channels}, channels}, {0x4ccccccd, 24}, 123, sizeof(Out) == 2};
  layer.Compare(portable_kernel, kernel, output, count, [&](auto* which) {
    which(params, RowView<const int8_t>(input, channels), Rows{0, rows}, exponentials,
          RowView<Out>(output, channels));
  });
}
void SoftmaxS8(Layer& layer) { SoftmaxFromS8<int8_t>(layer, portable::SoftmaxS8, isa::SoftmaxS8); }
void SoftmaxS8S16(Layer& layer) {
  SoftmaxFromS8<int16_t>(layer, portable::SoftmaxS8S16, isa::SoftmaxS8S16);
}
void SoftmaxS16(Layer& layer) {
  const int32_t rows = layer.Size(), channels = layer.Size(), count = rows * channels;
  const int16_t* const input = layer.New<int16_t>(count);
  auto* const output = layer.New<int16_t>(count);
  // An input scale of 10 / 65536.
  const midge::SoftmaxS16Params params = {{{rows, channels}, channels}, {0x7fff8000, 0}};
  layer.Compare(portable::SoftmaxS16, isa::SoftmaxS16, output, count, [&](auto* which) {
    which(params, RowView<const int16_t>(input, channels), Rows{0, rows},
          RowView<int16_t>(output, channels));
  });
}
void SoftmaxF32(Layer& layer) {
  const int32_t rows = layer.Size(), channels = layer.Size(), count = rows * channels;
  const float* const input = layer.New<float>(count);
  auto* const output = layer.New<float>(count);
  layer.Compare(portable::SoftmaxF32, isa::SoftmaxF32, output, count, [&](auto* which) {
    which({{{rows, channels}, channels}, 1.0f}, RowView<const float>(input, channels),
          Rows{0, rows}, RowView<float>(output, channels));
  });
}

// Batches, inputs, units, rank, memory.
template <typename State>
void SvdfS8(Layer& layer) {
  midge::SvdfS8Params params = {};
  midge::SvdfShape& shape = params.shape;
  shape.batches = layer.Size();
  shape.inputs = layer.Size();
  shape.units = layer.Size();
  shape.rank = layer.Size();
  shape.memory = layer.Size();
  params.feature_multiplier = {0x60000000, sizeof(State) == 1 ? -10 : -2};
  params.time_multiplier = {0x60000000, sizeof(State) == 1 ? -8 : -16};
  params.input_zero_point = kInputZeroPoint;
  params.output_zero_point = kOutputZeroPoint;
  const int32_t filters = shape.units * shape.rank, states = shape.batches * filters * shape.memory;
  const int8_t* const input = layer.New<int8_t>(shape.batches * shape.inputs);
  const int8_t* const feature = layer.NewWeights<int8_t>(filters * shape.inputs);
  const State* const time = layer.NewWeights<State>(filters * shape.memory);
  const int32_t* const bias = layer.NewBias(shape.units);
  auto* const state = layer.New<State>(states);
  const int32_t count = shape.batches * shape.units;
  auto* const output = layer.New<int8_t>(count);
  layer.Compare(portable::SvdfS8<State>, isa::SvdfS8<State>, output, count, [&](auto* which) {
    if (layer.fits()) std::memset(state, 0, static_cast<size_t>(states) * sizeof(State));
    which(params, input, feature, time, bias, state, output);
  });
}

// Batches, steps, inputs, cells.
midge::LstmShape LstmShapeOf(Layer& layer) {
  const int32_t batches = layer.Size(), steps = layer.Size(), inputs = layer.Size();
  return {batches, steps, inputs, layer.Size(), false};
}
template <typename T, typename Weight, typename Bias, typename Cell, typename Params,
          typename Kernel>
void Lstm(Layer& layer, const Params& params, Kernel* portable_kernel, Kernel* kernel) {
  const midge::LstmShape& shape = params.shape;
  midge::LstmWeights<Weight, Bias> weights;
  for (int k = 0; k < midge::kLstmGates; ++k) {
    weights.weights[k] = layer.NewWeights<Weight>(shape.cells * shape.inputs);
    weights.recurrent[k] = layer.NewWeights<Weight>(shape.cells * shape.cells);
    if constexpr (sizeof(Weight) == 1) {
      weights.bias[k] = layer.NewBias(shape.cells);
    } else {
      weights.bias[k] = layer.New<Bias>(shape.cells);
    }
  }
  const T* const input = layer.New<T>(shape.batches * shape.steps * shape.inputs);
  const int32_t states = shape.batches * shape.cells;
  auto* const hidden = layer.New<T>(states);
  auto* const cell = layer.New<Cell>(states);
  const int32_t count = states * shape.steps;
  auto* const output = layer.New<T>(count);
  layer.Compare(portable_kernel, kernel, output, count, [&](auto* which) {
    std::memset(hidden, 0, static_cast<size_t>(states) * sizeof(T));
    std::memset(cell, 0, static_cast<size_t>(states) * sizeof(Cell));
    which(params, weights, input, hidden, cell, output);
  });
}
void LstmS8(Layer& layer) {
  midge::LstmQuantizedParams params = {};
  params.shape = LstmShapeOf(layer);
  for (int k = 0; k < midge::kLstmGates; ++k) {
    params.weights_multiplier_q31[k] = params.recurrent_multiplier_q31[k] = 0x60000000;
    params.weights_exponent[k] = params.recurrent_exponent[k] = -4;
  }
  params.cell_multiplier = {1 << 30, -14};
  params.hidden_multiplier = {1 << 30, -22};
  params.input_zero_point = kInputZeroPoint;
  params.cell_clip = {INT16_MIN, INT16_MAX};
  params.cell_shift = -3;
  Lstm<int8_t, int8_t, int32_t, int16_t>(layer, params, portable::UnidirectionalSequenceLstmS8,
                                         isa::UnidirectionalSequenceLstmS8);
}
void LstmF32(Layer& layer) {
  const midge::LstmF32Params params = {LstmShapeOf(layer), 1e30f};
  Lstm<float, float, float, float>(layer, params, portable::UnidirectionalSequenceLstmF32,
                                   isa::UnidirectionalSequenceLstmF32);
}

struct Kernel {
  const char* name;
  void (*run)(Layer& layer);
};
constexpr Kernel kKernels[] = {
    {"AddF32", AddF32},
    {"AddS8", AddS8},
    {"AveragePool2DF32", AveragePool2DF32},
    {"AveragePool2DS8", AveragePool2DS8},
    {"BatchMatMulS8", BatchMatMulS8},
    {"Conv2DF32", Conv2DF32},
    {"Conv2DS16", Conv2DS16},
    {"Conv2DS8", Conv2DS8},
    {"DepthwiseConv2DF32", DepthwiseConv2DF32},
    {"DepthwiseConv2DS16", DepthwiseConv2DS16},
    {"DepthwiseConv2DS8", DepthwiseConv2DS8},
    {"DequantizeElements<S16>", Dequantize<int16_t>},
    {"DequantizeElements<S8>", Dequantize<int8_t>},
    {"FullyConnectedF32", FullyConnectedF32},
    {"FullyConnectedS16", FullyConnectedS16},
    {"FullyConnectedS8", FullyConnectedS8},
    {"LogisticS16", LogisticS16},
    {"LookupS16", LookupS16},
    {"LookupS8", LookupS8},
    {"MaxPool2DS8", MaxPool2DS8},
    {"MeanS8", MeanS8},
    {"MulS8", MulS8},
    {"QuantizeElements<S16>", Quantize<int16_t>},
    {"QuantizeElements<S8>", Quantize<int8_t>},
    {"RequantizeElements<S16,S16>", Requantize<int16_t, int16_t>},
    {"RequantizeElements<S16,S32>", Requantize<int16_t, int32_t>},
    {"RequantizeElements<S16,S8>", Requantize<int16_t, int8_t>},
    {"RequantizeElements<S8,S16>", Requantize<int8_t, int16_t>},
    {"RequantizeElements<S8,S8>", Requantize<int8_t, int8_t>},
    {"SoftmaxF32", SoftmaxF32},
    {"SoftmaxS16", SoftmaxS16},
    {"SoftmaxS8", SoftmaxS8},
    {"SoftmaxS8S16", SoftmaxS8S16},
    {"SvdfS8<S16>", SvdfS8<int16_t>},
    {"SvdfS8<S8>", SvdfS8<int8_t>},
    {"TanhS16", TanhS16},
    {"UnidirectionalSequenceLstmF32", LstmF32},
    {"UnidirectionalSequenceLstmS8", LstmS8},
};

void Run(Layer& layer) {
  for (const Kernel& kernel : kKernels) {
    if (layer.Is(kernel.name)) {
      kernel.run(layer);
      return;
    }
  }
  Line("error").Number(layer.index()).Text("no such kernel");
}

char text[1 << 16];

}  // namespace

int main(int argc, char** argv) {
  std::FILE* const file = argc == 2 ? std::fopen(argv[1], "rb") : nullptr;
  if (file == nullptr) {
    Line("error").Number(0).Text("needs a file of layers");
    return 1;
  }
  const char* const end = text + std::fread(text, 1, sizeof text, file);
  for (const char* begin = text; begin != end;) {
    const auto* line_end =
        static_cast<const char*>(std::memchr(begin, '\n', static_cast<size_t>(end - begin)));
    if (line_end == nullptr) line_end = end;
    Layer layer(begin, line_end);
    Run(layer);
    begin = line_end == end ? end : line_end + 1;
  }
  return 0;
}
