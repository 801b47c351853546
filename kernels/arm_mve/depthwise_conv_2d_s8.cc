// SPDX-License-Identifier: Apache-2.0
//
// Sixteen channels of a pixel at a time. A tap's products are int16, and so is the sum of two
// unless both weights are -128, which the format does not use: two taps are added, then widened, or
// one where a weight is.
// Taps outside the image find the zero point there, so that all pixels share
//
//   sum_t w[t] * (x[t] - zi) = sum_t w[t] * x[t] - zi * sum_t w[t]
//
// whose last term goes into the bias. Products of even and of odd channels come apart, and again
// when they are widened: the sums of a block stand in four vectors of channels 0, 4, 8, 12; 1, 5,
// ...; 2, 6, ...; 3, 7, ..., as VLD4 and VST4 read and write them.
#include <cstddef>
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/columns.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kBlock = 16;     // channels
constexpr int32_t kMostTaps = 64;  // whose places are kept on the stack

// What all pixels share.
struct Depthwise {
  const int32_t* biases;  // with the zero point's part; of a whole block at least
  const int32_t* multiplier_q31;
  const int8_t* exponent;  // in [-31, -1]
  int32_t channels;
  int32_t singles, pairs;  // of taps: one by one, then two at a time
  const int8_t* filter;
  int32_t block;  // channels of one
  int32_t zero_point;
  S32x4 min, max;

  int32_t taps() const { return singles + 2 * pairs; }
};

// One pixel to int8 at out: taps[t][c] * filter[t][c] for all channels c.
inline void ComputePixel(const Depthwise& depthwise, const int8_t* const* taps, int8_t* out) {
#if MIDGE_ARM_MVE_ASM
  static_assert(offsetof(Depthwise, channels) == 12 && offsetof(Depthwise, singles) == 16 &&
                offsetof(Depthwise, pairs) == 20 && offsetof(Depthwise, filter) == 24 &&
                offsetof(Depthwise, block) == 28 && offsetof(Depthwise, zero_point) == 32 &&
                offsetof(Depthwise, min) == 40 && offsetof(Depthwise, max) == 56);
#define MIDGE_MVE_WIDEN(bottom, top)                              \
  "vmovlb.s16  q4, " bottom "\n\tvmovlt.s16  " bottom ", " bottom \
  "\n\tvadd.i32    q0, q0, q4\n\t"                                \
  "vadd.i32    q2, q2, " bottom                                   \
  "\n\t"                                                          \
  "vmovlb.s16  q4, " top "\n\tvmovlt.s16  " top ", " top          \
  "\n\tvadd.i32    q1, q1, q4\n\t"                                \
  "vadd.i32    q3, q3, " top "\n\t"
  register const Depthwise* fields asm("r0") = &depthwise;
  register const int8_t* const* first_tap asm("r1") = taps;
  register int8_t* to asm("r2") = out;
  // r3 biases, r4 multipliers, r5 exponents, r6 channels, r10 weights, r11 taps, r12 first channel
  // of the block; q0, q1, q2, q3 sums
  asm volatile(
      "sub         sp, sp, #64\n\t"
      "ldm         r0, {r3, r4, r5, r6}\n\t"
      "mov         r12, #0\n"
      "1:\n\t"
      "ldrd        r8, r9, [r0, #16]\n\t"
      "ldr         r10, [r0, #24]\n\t"
      "add         r10, r12\n\t"
      "mov         r11, r1\n\t"
      "vld40.32    {q0, q1, q2, q3}, [r3]\n\t"
      "vld41.32    {q0, q1, q2, q3}, [r3]\n\t"
      "vld42.32    {q0, q1, q2, q3}, [r3]\n\t"
      "vld43.32    {q0, q1, q2, q3}, [r3]!\n\t"
      "vctp.8      r6\n\t"
      "wls         lr, r8, 3f\n"
      "2:\n\t"
      "ldr         r8, [r11], #4\n\t"
      "add         r8, r12\n\t"
      "vpstt\n\t"
      "vldrbt.8    q4, [r8]\n\t"
      "vldrbt.8    q5, [r10]\n\t"
      "add         r10, r6\n\t"
      "vmullb.s8   q6, q4, q5\n\t"
      "vmullt.s8   q5, q4, q5\n\t" MIDGE_MVE_WIDEN("q6", "q5")
      "le          lr, 2b\n"
      "3:\n\t"
      "wls         lr, r9, 6f\n"
      "5:\n\t"
      "ldrd        r8, r9, [r11], #8\n\t"
      "add         r8, r12\n\t"
      "add         r9, r12\n\t"
      "vldrb.8     q4, [r8]\n\t"
      "vldrb.8     q5, [r10]\n\t"
      "add         r10, r6\n\t"
      "vmullb.s8   q6, q4, q5\n\t"
      "vmullt.s8   q7, q4, q5\n\t"
      "vldrb.8     q4, [r9]\n\t"
      "vldrb.8     q5, [r10]\n\t"
      "vmullb.s8   q5, q4, q5\n\t"
      "vadd.i16    q6, q6, q5\n\t"
      "vldrb.8     q5, [r10]\n\t"
      "add         r10, r6\n\t"
      "vmullt.s8   q5, q4, q5\n\t"
      "vadd.i16    q7, q7, q5\n\t" MIDGE_MVE_WIDEN("q6", "q7")
      "le          lr, 5b\n"
      "6:\n\t"
      "mov         r8, sp\n\t"
      "vst40.32    {q0, q1, q2, q3}, [r8]\n\t"
      "vst41.32    {q0, q1, q2, q3}, [r8]\n\t"
      "vst42.32    {q0, q1, q2, q3}, [r8]\n\t"
      "vst43.32    {q0, q1, q2, q3}, [r8]\n\t"
      "ldrd        r10, r9, [r0, #28]\n\t"
      "vldrw.32    q2, [r0, #40]\n\t"
      "vldrw.32    q3, [r0, #56]\n\t"
      "dlstp.32    lr, r10\n"
      "7:\n\t"
      "vldrw.32    q0, [r8], #16\n\t"
      "vldrw.32    q1, [r4], #16\n\t"
      "vqrdmulh.s32 q0, q0, q1\n\t"
      "vshr.s32    q1, q0, #31\n\t"
      "vadd.i32    q0, q0, q1\n\t"
      "vldrb.s32   q1, [r5], #4\n\t"
      "vrshl.s32   q0, q0, q1\n\t"
      "vadd.i32    q0, q0, r9\n\t"
      "vmax.s32    q0, q0, q2\n\t"
      "vmin.s32    q0, q0, q3\n\t"
      "vstrb.32    q0, [r2], #4\n\t"
      "letp        lr, 7b\n\t"
      "add         r12, r12, #16\n\t"
      "subs        r8, r6, r12\n\t"
      "ble         8f\n\t"
      "subs        r8, r8, #16\n\t"
      "bge         1b\n\t"
      // The last block ends where the channels do.
      "add         r12, r8\n\t"
      "add         r2, r8\n\t"
      "add         r5, r8\n\t"
      "add         r4, r4, r8, lsl #2\n\t"
      "add         r3, r3, r8, lsl #2\n\t"
      "b           1b\n"
      "8:\n\t"
      "add         sp, sp, #64"
      : "+r"(to)
      : "r"(fields), "r"(first_tap)
      : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2", "q3", "q4",
        "q5", "q6", "q7", "p0", "cc", "memory");
#undef MIDGE_MVE_WIDEN
#else
  const int32_t channels = depthwise.channels;
  for (int32_t c = 0; c < channels; ++c) {
    const int8_t* w = depthwise.filter + c;
    int32_t sum = depthwise.biases[c];
    int16_t pair = 0;
    for (int32_t t = 0; t < depthwise.taps(); ++t, w += channels) {
      const bool is_first = t >= depthwise.singles && (t - depthwise.singles) % 2 == 0;
      pair = static_cast<int16_t>(pair + taps[t][c] * *w);
      if (is_first) continue;
      sum = AddWrapping(sum, pair);
      pair = 0;
    }
    const int32_t exponent = depthwise.exponent[c];
    const S32x4 scaled = RequantizeDown(SplatS32(sum), depthwise.multiplier_q31[c], exponent);
    const S32x4 result = Add(scaled, depthwise.zero_point);
    StoreS32AsS8(out + c, Min(Max(result, depthwise.min), depthwise.max), 1);
  }
#endif
}

// Sums of the weights of the block at channel c, or of as many channels as there are; they fit
// int16, as there are at most 64 taps. `least` becomes the least weight, or 0, if that is less.
inline void SumWeights(const Depthwise& depthwise, int32_t c, int32_t& least, int32_t* sums) {
  const int8_t* w = depthwise.filter + c;
  const int32_t step = depthwise.channels;
  sums += c;
#if MIDGE_ARM_MVE_ASM
  asm volatile(
      "vmov.i32    q2, #0\n\t"
      "vmov.i32    q3, #0\n\t"
      "vctp.8      %[step]\n\t"
      "dls         lr, %[taps]\n"
      "1:\n\t"
      "vpst\n\t"
      "vldrbt.8    q0, [%[w]]\n\t"
      "add         %[w], %[w], %[step]\n\t"
      "vminv.s8    %[least], q0\n\t"
      "vmovlb.s8   q1, q0\n\t"
      "vadd.i16    q2, q2, q1\n\t"
      "vmovlt.s8   q0, q0\n\t"
      "vadd.i16    q3, q3, q0\n\t"
      "le          lr, 1b\n\t"
      "vmovlb.s16  q0, q2\n\t"
      "vmovlb.s16  q1, q3\n\t"
      "vmovlt.s16  q2, q2\n\t"
      "vmovlt.s16  q3, q3\n\t"
      "vst40.32    {q0, q1, q2, q3}, [%[sums]]\n\t"
      "vst41.32    {q0, q1, q2, q3}, [%[sums]]\n\t"
      "vst42.32    {q0, q1, q2, q3}, [%[sums]]\n\t"
      "vst43.32    {q0, q1, q2, q3}, [%[sums]]"
      : [w] "+&r"(w), [least] "+&r"(least)
      : [taps] "r"(depthwise.taps()), [step] "r"(step), [sums] "r"(sums)
      : "lr", "q0", "q1", "q2", "q3", "p0", "memory");
#else
  for (int32_t k = 0; k < kBlock; ++k) sums[k] = 0;
  for (int32_t t = 0; t < depthwise.taps(); ++t, w += step) {
    const S8x16 v = LoadS8(w, step);
    for (int32_t k = 0; k < kBlock; ++k) {
      sums[k] += v.lane[k];
      if (v.lane[k] < least) least = v.lane[k];
    }
  }
#endif
}

// Moves all pointers by `step`.
inline void Advance(const int8_t** taps, int32_t count, int32_t step) {
#if MIDGE_ARM_MVE_ASM
  S32x4 v;
  asm volatile(
      "dlstp.32   lr, %[count]\n"
      "1:\n\t"
      "vldrw.32   %q[v], [%[taps]]\n\t"
      "vadd.i32   %q[v], %q[v], %[step]\n\t"
      "vstrw.32   %q[v], [%[taps]], #16\n\t"
      "letp       lr, 1b"
      : [taps] "+r"(taps), [v] "=&w"(v)
      : [count] "r"(count), [step] "r"(step)
      : "lr", "memory");
#else
  for (; count > 0; --count) *taps++ += step;
#endif
}

// `pixels` of them, at least one, whose taps are `step` apart, to int8 at out.
[[gnu::noinline]] void ComputePixels(const Depthwise& depthwise, const int8_t** taps, int32_t step,
                                     int32_t pixels, int8_t* out) {
  for (;; out += depthwise.channels) {
    ComputePixel(depthwise, taps, out);
    if (--pixels == 0) return;
    Advance(taps, depthwise.taps(), step);
  }
}

int32_t Taps(const Window2D& window) { return window.filter_h * window.filter_w; }
int32_t PaddedToBlocks(int32_t channels) { return (channels + kBlock - 1) & ~(kBlock - 1); }

// Of the filter; what lies behind it are words.
uint32_t TransposedBytes(const WindowedShape& shape) {
  return static_cast<uint32_t>(Taps(shape.window) * shape.output_channels + 3) & ~3u;
}

bool IsChannelwise(const WindowedShape& shape) {
  return shape.input_channels == shape.output_channels && Taps(shape.window) <= kMostTaps;
}

// Whether 0 <= i < size: negative ones are large.
bool IsWithin(int32_t i, int32_t size) {
  return static_cast<uint32_t>(i) < static_cast<uint32_t>(size);
}

// Of all shapes and multipliers: channel by channel.
void ComputeAny(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                const RowView<const int8_t>& input, const int8_t* filter, const int32_t* bias,
                Rows rows, const RowView<int8_t>& output) {
  const WindowedShape& shape = params.shape;
  const Window2D& window = shape.window;
  const Requantization to = {multipliers, params.output_zero_point, params.clamp};
  const int32_t channels = shape.output_channels;
  const int32_t multiplier = channels / shape.input_channels;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    int8_t* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x) {
      for (int32_t o = 0; o < channels; ++o) {
        int32_t sum = bias != nullptr ? bias[o] : 0;
        const int8_t* w = filter + o;
        int32_t row = y * window.stride_h - window.pad_top;
        for (int32_t i = window.filter_h; i > 0; --i, row += window.dilation_h) {
          int32_t column = x * window.stride_w - window.pad_left;
          for (int32_t j = window.filter_w; j > 0;
               --j, column += window.dilation_w, w += channels) {
            if (!IsWithin(row, window.input_h) || !IsWithin(column, window.input_w)) continue;
            const int32_t v = input.Row(row)[column * shape.input_channels + o / multiplier];
            sum = AddWrapping(sum, (v - params.input_zero_point) * *w);
          }
        }
        RequantizeS8(to, &sum, o, 1, out++);
      }
    }
  }
}

// The taps of output pixel (y, x), or `outside` for those that are not in the image.
[[gnu::noinline]] void FindTaps(const WindowedShape& shape, const RowView<const int8_t>& input,
                                int32_t y, int32_t column, const int8_t* outside,
                                const int8_t** taps) {
  const Window2D& window = shape.window;
  int32_t row = y * window.stride_h - window.pad_top;
  // One column, as in windows over a line of pixels, which come one by one.
  if (window.filter_w == 1 && input.contiguous() && IsWithin(column, window.input_w)) {
    const int8_t* const first = input.Row(0) + column * shape.input_channels;
    for (int32_t i = window.filter_h; i > 0; --i, row += window.dilation_h) {
      *taps++ = IsWithin(row, window.input_h) ? first + row * shape.input_row_elements() : outside;
    }
    return;
  }
  for (int32_t i = window.filter_h; i > 0; --i, row += window.dilation_h) {
    const bool is_inside = IsWithin(row, window.input_h);
    const int8_t* const first = is_inside ? input.Row(row) : outside;
    int32_t at = column;
    for (int32_t j = window.filter_w; j > 0; --j, at += window.dilation_w) {
      *taps++ =
          is_inside && IsWithin(at, window.input_w) ? first + at * shape.input_channels : outside;
    }
  }
}

// Of channels whose multipliers are below 1/2.
void ComputeChannelwise(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                        const RowView<const int8_t>& input, const int8_t* filter,
                        const int32_t* bias, Rows rows, uint8_t* scratch,
                        const RowView<int8_t>& output) {
  const WindowedShape& shape = params.shape;
  const Window2D& window = shape.window;
  const int32_t channels = shape.output_channels, padded = PaddedToBlocks(channels);
  auto* const biases = reinterpret_cast<int32_t*>(scratch);
  auto* const outside = reinterpret_cast<int8_t*>(biases + padded);
  Depthwise depthwise = {biases,
                         multipliers.multiplier_q31,
                         multipliers.exponent,
                         channels,
                         Taps(window),
                         0,
                         filter,
                         channels < kBlock ? channels : kBlock,
                         params.output_zero_point,
                         SplatS32(params.clamp.min),
                         SplatS32(params.clamp.max)};
  int32_t least = 0;
  for (int32_t at = 0; at < channels; at += kBlock) {
    const int32_t last = channels - kBlock;  // not to end behind the channels
    SumWeights(depthwise, at <= last || last < 0 ? at : last, least, biases);
  }
  // Two taps at a time take all channels of a vector, and sums that fit int16.
  if (least > INT8_MIN && channels >= kBlock) {
    depthwise.pairs = internal::Quotient(depthwise.singles, 2);
    depthwise.singles -= 2 * depthwise.pairs;
  }
  MakeBiases(bias, -params.input_zero_point, channels, biases);
  FillRun(static_cast<int8_t>(params.input_zero_point), padded, outside);
  const int8_t* taps[kMostTaps];

  const int32_t span_h = (window.filter_h - 1) * window.dilation_h;
  const int32_t span_w = (window.filter_w - 1) * window.dilation_w;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    int8_t* out = output.Row(y);
    int32_t column = -window.pad_left;  // of the first tap
    const int32_t row = y * window.stride_h - window.pad_top;
    const bool has_all_rows = row >= 0 && row + span_h < window.input_h;
    for (int32_t x = 0; x < window.output_w;) {
      // After a pixel that has all its taps follow others.
      const int32_t after = window.input_w - 1 - span_w - column;
      int32_t pixels = 1;
      if (has_all_rows && column >= 0 && after > 0) {
        pixels += internal::Quotient(after, window.stride_w);
        if (pixels > window.output_w - x) pixels = window.output_w - x;
      }
      FindTaps(shape, input, y, column, outside, taps);
      ComputePixels(depthwise, taps, window.stride_w * channels, pixels, out);
      x += pixels, column += pixels * window.stride_w, out += pixels * channels;
    }
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(DepthwiseConv2DS8), decltype(portable::DepthwiseConv2DS8)>);

ScratchRequest DepthwiseConv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const WindowedShape& shape = params.shape;
  if (IsChannelwise(shape)) return static_cast<uint32_t>(5 * PaddedToBlocks(shape.output_channels));
  if (shape.input_channels != 1) return 0;
  ScratchRequest request = Conv2DS8ScratchBytes(params);
  request.bytes += TransposedBytes(shape);
  return request;
}

void DepthwiseConv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                       const RowView<const int8_t>& input, const int8_t* filter,
                       const int32_t* bias, Rows rows, Scratch scratch,
                       const RowView<int8_t>& output) {
  const WindowedShape& shape = params.shape;
  const int32_t channels = shape.output_channels, taps = Taps(shape.window);
  if (IsChannelwise(shape)) {
    if (multipliers.step != 0 && MaxS8(multipliers.exponent, channels) < 0) {
      ComputeChannelwise(params, multipliers, input, filter, bias, rows, scratch.data, output);
      return;
    }
  } else if (shape.input_channels == 1) {
    // A convolution of one input channel, once the filter's rows belong to output channels.
    auto* const transposed = reinterpret_cast<int8_t*>(scratch.data);
    for (int32_t o = 0; o < channels; ++o) {
      for (int32_t t = 0; t < taps; ++t) transposed[o * taps + t] = filter[t * channels + o];
    }
    scratch.data += TransposedBytes(shape);
    Conv2DS8(params, multipliers, input, transposed, bias, rows, scratch, output);
    return;
  }
  ComputeAny(params, multipliers, input, filter, bias, rows, output);
}

}  // namespace midge::arm_mve
