// SPDX-License-Identifier: Apache-2.0
//
// kernels/arm_v6m against kernels/portable: the same bits for shapes around every tile, all
// parameters at their ends, whole and row by row, from memory that ends where the tensors do.
#include "kernels/arm_v6m/arm_v6m.h"

#include <cstring>
#include <initializer_list>

#include "kernels/arm_v6m/pairs.h"
#include "kernels/arm_v6m/requantize.h"
#include "tests/kernels/guarded.h"
#include "tests/support/test.h"

namespace {

using midge::ChannelMultipliers;
using midge::ConvolutionS8;
using midge::ConvolutionS8Params;
using midge::ConvolutionS8ScratchBytes;
using midge::FullyConnectedS8Params;
using midge::Pool2DS8;
using midge::Pool2DS8Params;
using midge::QuantizedMultiplier;
using midge::Rows;
using midge::RowView;
using midge::WindowedShape;
using midge_test::Guarded;
using midge_test::Random;

constexpr size_t kMostChannels = 256;

Guarded<int8_t, 8192> g_input, g_expected, g_output;
Guarded<int8_t, 20000> g_filter;
Guarded<int32_t, kMostChannels> g_bias, g_multipliers;
Guarded<int8_t, kMostChannels> g_exponents;
Guarded<uint8_t, 8192> g_scratch;

void Fill(Random& random, int8_t* data, size_t count) {
  // Now and then all at one end, so that sums are as large as they can be.
  const bool extreme = random.OneIn(8);
  const int8_t end = static_cast<int8_t>(random.OneIn(2) ? INT8_MIN : INT8_MAX);
  for (size_t i = 0; i < count; ++i) {
    data[i] = extreme ? end : static_cast<int8_t>(random.Next() >> 13);
  }
}

int32_t ZeroPoint(Random& random) {
  switch (random.In(0, 3)) {
    case 0:
      return INT8_MIN;
    case 1:
      return INT8_MAX;
    default:
      return random.In(INT8_MIN, INT8_MAX);
  }
}

template <typename T>
void Set(T& field, int32_t value) {
  field = static_cast<T>(value);
}

template <typename T = midge::ClampRange>
T ClampOf(Random& random) {
  T range = {};
  const int32_t min = random.OneIn(2) ? INT8_MIN : random.In(INT8_MIN, INT8_MAX);
  Set(range.min, min);
  Set(range.max, random.OneIn(2) ? INT8_MAX : random.In(min, INT8_MAX));
  return range;
}

// Multipliers of `count` channels, or one for all, and biases (or null).
ChannelMultipliers MultipliersOf(Random& random, int32_t count, int32_t depth,
                                 const int32_t** bias) {
  const int32_t step = random.OneIn(4) ? 0 : 1;
  const int32_t rows = step == 0 ? 1 : count;
  int32_t* multipliers = g_multipliers.Place(static_cast<size_t>(rows));
  int8_t* exponents = g_exponents.Place(static_cast<size_t>(rows));
  // What makes outputs of all int8 values likely: sums are about 2^(13 + log2(depth) / 2).
  int32_t usual = -7;
  for (int32_t d = depth; d > 1; d /= 4) --usual;
  for (int32_t i = 0; i < rows; ++i) {
    switch (random.In(0, 7)) {
      case 0:
        multipliers[i] = 1 << 30;
        break;
      case 1:
        multipliers[i] = INT32_MAX;
        break;
      case 2:
        multipliers[i] = random.OneIn(4) ? 0 : 1 << 30;
        break;
      default:
        multipliers[i] = 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
    }
    exponents[i] =
        static_cast<int8_t>(random.OneIn(6) ? random.In(-31, 30) : usual + random.In(-1, 1));
  }
  *bias = nullptr;
  if (!random.OneIn(5)) {
    int32_t* biases = g_bias.Place(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; ++i) {
      const auto word = static_cast<int32_t>(random.Next());
      biases[i] = random.OneIn(12) ? word : random.OneIn(12) ? INT32_MIN : word >> 17;
    }
    *bias = biases;
  }
  return {multipliers, exponents, step};
}

bool Equal(const int8_t* a, const int8_t* b, size_t count) { return std::memcmp(a, b, count) == 0; }

// One axis of a window: windows begin before the image by less than a filter and within it.
void DrawAxis(Random& random, int32_t most_input, int32_t most_filter, bool dilated, int32_t* input,
              int32_t* output, uint16_t* filter, uint16_t* stride, uint16_t* dilation,
              uint16_t* pad) {
  *input = random.In(1, most_input);
  const int32_t taps = random.In(1, most_filter);
  const int32_t dilate = dilated && random.OneIn(4) ? random.In(2, 3) : 1;
  const int32_t step = random.OneIn(2) ? 1 : random.In(1, 3);
  const int32_t before = random.OneIn(2) ? 0 : random.In(0, (taps - 1) * dilate);
  *output = random.In(1, (*input + before - 1) / step + 1);
  *filter = static_cast<uint16_t>(taps);
  *stride = static_cast<uint16_t>(step);
  *dilation = static_cast<uint16_t>(dilate);
  *pad = static_cast<uint16_t>(before);
}

WindowedShape DrawShape(Random& random, int32_t most_filter, bool dilated) {
  WindowedShape shape = {};
  midge::Window2D& w = shape.window;
  DrawAxis(random, 7, most_filter, dilated, &w.input_h, &w.output_h, &w.filter_h, &w.stride_h,
           &w.dilation_h, &w.pad_top);
  DrawAxis(random, random.OneIn(5) ? 40 : 11, most_filter, dilated, &w.input_w, &w.output_w,
           &w.filter_w, &w.stride_w, &w.dilation_w, &w.pad_left);
  shape.images = 1;
  return shape;
}

void CheckConvolution(Random& random, const WindowedShape& shape, size_t filter_elements,
                      ConvolutionS8* portable, ConvolutionS8* variant,
                      ConvolutionS8ScratchBytes* scratch_bytes) {
  const auto inputs = static_cast<size_t>(shape.window.input_h * shape.input_row_elements());
  const auto outputs = static_cast<size_t>(shape.window.output_h * shape.output_row_elements());
  if (inputs > 8192 || outputs > 8192 || filter_elements > 8192) return;
  ConvolutionS8Params params = {};
  params.shape = shape;
  Set(params.input_zero_point, ZeroPoint(random));
  Set(params.output_zero_point, ZeroPoint(random));
  params.clamp = ClampOf(random);
  int8_t* input = g_input.Place(inputs);
  Fill(random, input, inputs);
  int8_t* filter = g_filter.Place(filter_elements);
  Fill(random, filter, filter_elements);
  const int32_t* bias;
  const int32_t depth = static_cast<int32_t>(filter_elements) / shape.output_channels;
  const ChannelMultipliers multipliers = MultipliersOf(random, shape.output_channels, depth, &bias);
  int8_t* expected = g_expected.Place(outputs);
  const RowView<const int8_t> in(input, shape.input_row_elements());
  const Rows all = {0, shape.window.output_h};
  portable(params, multipliers, in, filter, bias, all, {},
           RowView<int8_t>(expected, shape.output_row_elements()));

  const uint32_t scratch_size = scratch_bytes(params).bytes;
  for (const bool by_rows : {false, true}) {
    uint8_t* scratch = nullptr;
    if (scratch_size != 0) {
      ASSERT_TRUE(scratch_size <= 8192);
      scratch = g_scratch.Place(scratch_size, 16);
      for (uint32_t i = 0; i < scratch_size; ++i) scratch[i] = static_cast<uint8_t>(random.Next());
    }
    int8_t* output = g_output.Place(outputs);
    const RowView<int8_t> out(output, shape.output_row_elements());
    if (by_rows) {
      for (int32_t y = all.end - 1; y >= 0; --y) {
        variant(params, multipliers, in, filter, bias, {y, y + 1}, {scratch, 0}, out);
      }
    } else {
      variant(params, multipliers, in, filter, bias, all, {scratch, 0}, out);
    }
    const midge::Window2D& w = shape.window;
    if (!EXPECT_TRUE(Equal(output, expected, outputs))) {
      midge_test::Print("  input ");
      for (const int32_t value : std::initializer_list<int32_t>{
               w.input_h, w.input_w, shape.input_channels, w.output_h, w.output_w,
               shape.output_channels, int32_t{w.filter_h}, int32_t{w.filter_w}, int32_t{w.stride_h},
               int32_t{w.stride_w}, int32_t{w.dilation_h}, int32_t{w.dilation_w},
               int32_t{w.pad_top}, int32_t{w.pad_left}, int32_t{by_rows}}) {
        midge_test::PrintSigned(value);
        midge_test::Print(" ");
      }
      midge_test::Print("\n");
      return;
    }
    EXPECT_TRUE(g_output.Intact());
    if (scratch_size != 0) EXPECT_TRUE(g_scratch.Intact());
  }
}

void CheckConv2D(Random& random, const WindowedShape& shape) {
  const auto filter_elements = static_cast<size_t>(shape.window.filter_h * shape.window.filter_w *
                                                   shape.input_channels * shape.output_channels);
  CheckConvolution(random, shape, filter_elements, midge::portable::Conv2DS8,
                   midge::arm_v6m::Conv2DS8, midge::arm_v6m::Conv2DS8ScratchBytes);
}

// Depths and channels around quads; pixels around blocks of four; all windows.
TEST(ArmV6mConv2D, OneByOne) {
  Random random(1);
  for (int32_t depth = 1; depth <= 17; ++depth) {
    for (int32_t channels = 1; channels <= 6; ++channels) {
      for (int32_t width = 1; width <= 6; ++width) {
        WindowedShape shape = {};
        shape.window = {3, width, 3, width, 1, 1, 1, 1, 1, 1, 0, 0};
        shape.images = 1;
        shape.input_channels = depth;
        shape.output_channels = channels;
        CheckConv2D(random, shape);
      }
    }
  }
}

TEST(ArmV6mConv2D, Windows) {
  Random random(2);
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, 4, true);
    shape.input_channels = random.OneIn(8) ? random.In(13, 33) : random.In(1, 9);
    shape.output_channels = random.OneIn(8) ? random.In(9, 33) : random.In(1, 9);
    CheckConv2D(random, shape);
  }
}

void CheckDepthwise(Random& random, const WindowedShape& shape) {
  const auto filter_elements =
      static_cast<size_t>(shape.window.filter_h * shape.window.filter_w * shape.output_channels);
  CheckConvolution(random, shape, filter_elements, midge::portable::DepthwiseConv2DS8,
                   midge::arm_v6m::DepthwiseConv2DS8,
                   midge::arm_v6m::DepthwiseConv2DS8ScratchBytes);
}

TEST(ArmV6mDepthwiseConv2D, ChannelsAndWidths) {
  Random random(3);
  for (int32_t channels = 1; channels <= 17; ++channels) {
    for (int32_t width = 1; width <= 40; width += width < 20 ? 1 : 7) {
      for (const uint16_t stride : {uint16_t{1}, uint16_t{2}}) {
        WindowedShape shape = {};
        shape.window = {4,
                        width,
                        (3 + stride) / stride,
                        (width + stride - 1) / stride,
                        3,
                        3,
                        stride,
                        stride,
                        1,
                        1,
                        1,
                        1};
        shape.images = 1;
        shape.input_channels = shape.output_channels = channels;
        CheckDepthwise(random, shape);
      }
    }
  }
}

TEST(ArmV6mDepthwiseConv2D, Windows) {
  Random random(4);
  for (int i = 0; i < 2000; ++i) {
    WindowedShape shape = DrawShape(random, random.OneIn(10) ? 20 : 5, true);
    shape.input_channels = random.OneIn(3)   ? 1
                           : random.OneIn(2) ? random.In(2, 9)
                                             : random.In(1, 8) * 4;
    const int32_t multiplier = random.OneIn(4) || shape.input_channels == 1 ? random.In(1, 8) : 1;
    shape.output_channels = shape.input_channels * multiplier;
    CheckDepthwise(random, shape);
  }
}

void CheckFullyConnected(Random& random, int32_t depth, int32_t units, int32_t batches) {
  const auto inputs = static_cast<size_t>(depth * batches);
  const auto weights = static_cast<size_t>(depth * units);
  const auto outputs = static_cast<size_t>(units * batches);
  const int32_t filter_zero_point = random.OneIn(6) ? ZeroPoint(random) : 0;
  FullyConnectedS8Params params = {};
  params.shape = {depth, units};
  Set(params.input_zero_point, ZeroPoint(random));
  Set(params.filter_zero_point, filter_zero_point);
  Set(params.output_zero_point, ZeroPoint(random));
  params.clamp = ClampOf(random);
  int8_t* input = g_input.Place(inputs);
  Fill(random, input, inputs);
  int8_t* filter = g_filter.Place(weights);
  Fill(random, filter, weights);
  const int32_t* bias;
  const ChannelMultipliers multipliers = MultipliersOf(random, units, depth, &bias);
  int8_t* expected = g_expected.Place(outputs);
  midge::portable::FullyConnectedS8(params, multipliers, input, filter, bias, batches, expected);
  int8_t* output = g_output.Place(outputs);
  midge::arm_v6m::FullyConnectedS8(params, multipliers, input, filter, bias, batches, output);
  EXPECT_TRUE(Equal(output, expected, outputs));
  EXPECT_TRUE(g_output.Intact());
}

TEST(ArmV6mFullyConnected, DepthsAndUnits) {
  Random random(5);
  for (int i = 0; i < 3000; ++i) {
    const int32_t depth = i < 1000           ? i % 40 + 1
                          : random.OneIn(10) ? random.In(1, 300)
                                             : random.In(1, 40);
    CheckFullyConnected(random, depth, random.In(1, 11), random.OneIn(3) ? random.In(0, 4) : 1);
  }
}

void CheckPool(Random& random, const WindowedShape& shape, Pool2DS8* portable, Pool2DS8* variant) {
  const auto inputs = static_cast<size_t>(shape.window.input_h * shape.input_row_elements());
  const auto outputs = static_cast<size_t>(shape.window.output_h * shape.output_row_elements());
  const Pool2DS8Params params = {shape, ClampOf(random)};
  int8_t* input = g_input.Place(inputs);
  Fill(random, input, inputs);
  const RowView<const int8_t> in(input, shape.input_row_elements());
  int8_t* expected = g_expected.Place(outputs);
  const Rows all = {0, shape.window.output_h};
  portable(params, in, all, RowView<int8_t>(expected, shape.output_row_elements()));
  int8_t* output = g_output.Place(outputs);
  const RowView<int8_t> out(output, shape.output_row_elements());
  if (random.OneIn(2)) {
    for (int32_t y = all.end - 1; y >= 0; --y) variant(params, in, {y, y + 1}, out);
  } else {
    variant(params, in, all, out);
  }
  EXPECT_TRUE(Equal(output, expected, outputs));
  EXPECT_TRUE(g_output.Intact());
}

TEST(ArmV6mPool2D, Windows) {
  Random random(6);
  for (int i = 0; i < 1500; ++i) {
    WindowedShape shape = DrawShape(random, 5, false);
    shape.input_channels = shape.output_channels =
        random.OneIn(2) ? random.In(1, 5) * 4 : random.In(1, 17);
    CheckPool(random, shape, midge::portable::AveragePool2DS8, midge::arm_v6m::AveragePool2DS8);
    CheckPool(random, shape, midge::portable::MaxPool2DS8, midge::arm_v6m::MaxPool2DS8);
  }
}

// Windows as large as int16 lanes can sum, and larger: 255, 256, 272 taps.
TEST(ArmV6mPool2D, LargeWindows) {
  Random random(7);
  for (int i = 0; i < 120; ++i) {
    const auto filter_h = static_cast<uint16_t>(i % 3 == 0 ? 15 : 16);
    const auto filter_w = static_cast<uint16_t>(i % 3 == 1 ? 16 : 17);
    WindowedShape shape = {};
    shape.window = {filter_h, filter_w + 2, 1, 3, filter_h, filter_w, 1, 1, 1, 1, 0, 0};
    shape.images = 1;
    shape.input_channels = shape.output_channels = 4 * random.In(1, 4);
    CheckPool(random, shape, midge::portable::AveragePool2DS8, midge::arm_v6m::AveragePool2DS8);
  }
}

int32_t MultiplierOf(Random& random) {
  return random.OneIn(20)  ? 0
         : random.OneIn(4) ? INT32_MAX - random.In(0, 3)
         : random.OneIn(4) ? (1 << 30) + random.In(0, 3)
                           : 1 << 30 | static_cast<int32_t>(random.Next() >> 2);
}

// Words of all magnitudes, and those around powers of two.
int32_t WordOf(Random& random) {
  const auto word = static_cast<int32_t>(random.Next());
  switch (random.In(0, 3)) {
    case 0:
      return word;
    case 1:
      return static_cast<int32_t>((1u << random.In(0, 31)) +
                                  static_cast<uint32_t>(random.In(-2, 2)));
    default:
      return word >> random.In(0, 31);
  }
}

TEST(ArmV6mRequantize, Halves) {
  Random random(8);
  for (int i = 0; i < 2000000; ++i) {
    const int32_t x = WordOf(random), multiplier = MultiplierOf(random);
    const int32_t exponent = random.In(-31, 30);
    if (!EXPECT_EQ(midge::arm_v6m::RequantizeByHalves(x, multiplier, exponent),
                   midge::Requantize(x, multiplier, exponent))) {
      return;
    }
  }
  for (const int32_t x : std::initializer_list<int32_t>{
           INT32_MIN, INT32_MIN + 1, -65537, -65536, -65535, -32769, -32768, -1, 0, 1, 32767, 32768,
           65535, 65536, INT32_MAX - 1, INT32_MAX}) {
    for (const int32_t m : std::initializer_list<int32_t>{0, 1, 65535, 65536, 1 << 30, 0x7fff0000,
                                                          0x7fff8000, INT32_MAX}) {
      EXPECT_EQ(midge::arm_v6m::MultiplyHighByHalves(x, m), midge::MultiplyHighQ31(x, m));
    }
  }
}

// The line, at all outputs' steps and elsewhere.
TEST(ArmV6mRequantize, Line) {
  Random random(10);
  int lines = 0, exact = 0, inside = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto exponent =
        static_cast<int8_t>(random.OneIn(2) ? random.In(-15, -3) : random.In(-31, 2));
    const int32_t multiplier = MultiplierOf(random);
    const midge::QuantizedOutput output = {
        {&multiplier, &exponent, 0}, static_cast<int16_t>(ZeroPoint(random)), ClampOf(random)};
    midge::arm_v6m::Scale scale(output);
    scale.SetChannel(output, 0);
    if (scale.limit != 0) ++lines;
    const uint32_t most = random.Next() >> random.In(0, 31);
    const bool vanishes = midge::arm_v6m::Vanishes(output.multipliers, 0, most);
    for (int k = 0; k < 64; ++k) {
      int32_t x = WordOf(random);
      if (exponent <= 0 && multiplier != 0 && random.OneIn(2)) {
        // Beside a step: halves of outputs.
        const double step =
            2147483648.0 / multiplier * static_cast<double>(int64_t{1} << -exponent);
        const double place = (random.In(-256, 256) + 0.5) * step;
        if (place > 1e9 || place < -1e9) continue;
        x = static_cast<int32_t>(place) + random.In(-3, 3);
      }
      if (vanishes && (x < 0 ? 0u - static_cast<uint32_t>(x) : static_cast<uint32_t>(x)) <= most) {
        EXPECT_EQ(int32_t{output.S8(x, 0)},
                  midge::Clamp(output.zero_point, output.clamp.min, output.clamp.max));
      }
      const uint32_t offset_x = static_cast<uint32_t>(x) - static_cast<uint32_t>(scale.origin);
      if (scale.limit != 0 && offset_x <= scale.last) {
        ++inside;
        if ((offset_x * scale.factor + scale.offset) << 8 >= scale.limit) ++exact;
      }
      EXPECT_EQ(midge::arm_v6m::ExactS8(output, 0, x), static_cast<int32_t>(output.S8(x, 0)));
      if (!EXPECT_EQ(scale.S8(output, offset_x), static_cast<int32_t>(output.S8(x, 0)))) {
        midge_test::Print("  exponent, multiplier, zero point, low, high, x ");
        for (const int32_t value : {int32_t{exponent}, multiplier, int32_t{output.zero_point},
                                    int32_t{output.clamp.min}, int32_t{output.clamp.max}, x}) {
          midge_test::PrintSigned(value);
          midge_test::Print(" ");
        }
        midge_test::Print("\n");
        return;
      }
    }
  }
  EXPECT_TRUE(lines > 5000);
  EXPECT_TRUE(exact > 0 && exact < inside);
}

// All pairs of extremes, at all places of the unrolled loop, through lines that give sums back.
TEST(ArmV6mPairs, Products) {
  using namespace midge::arm_v6m;
  const int32_t multiplier = 1 << 30;
  const int8_t exponent = -7;
  const midge::QuantizedOutput output = {{&multiplier, &exponent, 0}, 0, {INT8_MIN, INT8_MAX}};
  const int8_t values[] = {-128, -127, -1, 0, 1, 127};
  int8_t w[40] = {}, x[40] = {};
  uint32_t packed_w[20], packed_x[20];
  PixelLoop loop(output);
  loop.x = packed_x;
  loop.out_step = 1;
  int32_t place = 0;
  for (const int8_t w0 : values) {
    for (const int8_t w1 : values) {
      for (const int8_t x0 : values) {
        for (const int8_t x1 : values) {
          const int32_t words = 2 + place / 4 * 2;
          w[place] = w0, w[place + 1] = w1, x[place] = x0, x[place + 1] = x1;
          EXPECT_EQ(PackWeights(w, words * 2, packed_w), w0 + w1);
          PackInputs(x, words * 2, packed_x);
          loop.SetTaps(packed_w, words, words * 4);
          const int32_t sum = w0 * x0 + w1 * x1;
          for (const int32_t center : {sum, sum + 32768, sum - 32768}) {
            loop.SetChannel(0, -center, 0, 0);
            int8_t out[2] = {};
            RunPixels(loop, out, 1);
            EXPECT_EQ(int32_t{out[0]}, int32_t{output.S8(sum - center, 0)});
            EXPECT_EQ(int32_t{out[1]}, 0);
          }
          w[place] = w[place + 1] = x[place] = x[place + 1] = 0;
          place = (place + 2) % 40;
        }
      }
    }
  }
}

TEST(ArmV6mPairs, Places) {
  using namespace midge::arm_v6m;
  const int8_t elements[] = {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11};
  for (int32_t count = 1; count <= 11; ++count) {
    uint32_t words[6] = {};
    int32_t sum = 0;
    for (int32_t i = 0; i < count; ++i) sum += elements[i];
    EXPECT_EQ(PackWeights(elements, count, words), sum);
    for (int32_t i = 0; i < PairWords(count) * 2; i += 2) {
      const uint32_t w0 = i < count ? static_cast<uint32_t>(int32_t{elements[i]}) : 0;
      const uint32_t w1 = i + 1 < count ? static_cast<uint32_t>(int32_t{elements[i + 1]}) : 0;
      EXPECT_EQ(words[i / 2], w0 - (w1 << 16));
    }
    if (count % 2 != 0) continue;
    PackInputs(elements, count, words);
    for (int32_t i = 0; i < count; i += 2) {
      EXPECT_EQ(words[i / 2], PairOfInputs(elements[i], elements[i + 1]));
    }
  }
}

}  // namespace
