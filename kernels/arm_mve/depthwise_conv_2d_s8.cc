// SPDX-License-Identifier: Apache-2.0
//
// Sixteen channels of a pixel at a time. A tap's products are int16, and so is the sum of two
// unless both weights are -128, which the format does not use: two taps are added, then widened.
// Taps outside the image find the zero point there, so that all pixels share
//
//   sum_t w[t] * (x[t] - zi) = sum_t w[t] * x[t] - zi * sum_t w[t]
//
// whose last term goes into the bias. Products of even and of odd channels come apart, and again
// when they are widened: the sums of a block stand in four vectors of channels 0, 4, 8, 12; 1, 5,
// ...; 2, 6, ...; 3, 7, ...
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/columns.h"
#include "kernels/arm_mve/convolve.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kBlock = 16;     // channels
constexpr int32_t kMostTaps = 64;  // whose places are kept on the stack

// What all blocks share.
struct Depthwise {
  const int8_t* filter;
  const int32_t* multiplier_q31;
  const int8_t* exponent;
  int32_t* biases;  // with the zero point's part, in the order of sums
  int32_t channels;
  int32_t taps;
  int32_t output_zero_point;
};

// Sums of the block at channel c: taps[t][c + k] * filter[t][c + k]; of as many channels as there
// are, if they are less than a block: tap by tap then, which takes a tenth more. s0 is of the
// channels that are 0 modulo four, and so on.
inline void SumTaps(const Depthwise& depthwise, const int8_t* const* taps, int32_t c, S32x4& s0,
                    S32x4& s1, S32x4& s2, S32x4& s3) {
  const int8_t* w = depthwise.filter + c;
  const int32_t step = depthwise.channels;
#if MIDGE_ARM_MVE_ASM
#define MIDGE_MVE_WIDEN(bottom, top)       \
  "vmovlb.s16  %q[x], %q[" bottom          \
  "]\n\t"                                  \
  "vmovlt.s16  %q[" bottom "], %q[" bottom \
  "]\n\t"                                  \
  "vadd.i32    %q[s0], %q[s0], %q[x]\n\t"  \
  "vadd.i32    %q[s2], %q[s2], %q[" bottom \
  "]\n\t"                                  \
  "vmovlb.s16  %q[x], %q[" top             \
  "]\n\t"                                  \
  "vmovlt.s16  %q[" top "], %q[" top       \
  "]\n\t"                                  \
  "vadd.i32    %q[s1], %q[s1], %q[x]\n\t"  \
  "vadd.i32    %q[s3], %q[s3], %q[" top "]\n\t"
  S8x16 x, y, b, t;
  const int8_t *p, *q;
  asm volatile(
      "vmov.i32    %q[s0], #0\n\t"
      "vmov.i32    %q[s1], #0\n\t"
      "vmov.i32    %q[s2], #0\n\t"
      "vmov.i32    %q[s3], #0\n\t"
      "cmp         %[step], #16\n\t"
      "bge         2f\n\t"
      "vctp.8      %[step]\n\t"
      "dls         lr, %[count]\n"
      "1:\n\t"
      "ldr         %[p], [%[taps]], #4\n\t"
      "add         %[p], %[p], %[c]\n\t"
      "vpstt\n\t"
      "vldrbt.8    %q[x], [%[p]]\n\t"
      "vldrbt.8    %q[y], [%[w]]\n\t"
      "add         %[w], %[w], %[step]\n\t"
      "vmullb.s8   %q[b], %q[x], %q[y]\n\t"
      "vmullt.s8   %q[y], %q[x], %q[y]\n\t" MIDGE_MVE_WIDEN("b", "y")
      "le          lr, 1b\n\t"
      "b           9f\n"
      "2:\n\t"
      "lsrs        lr, %[count], #1\n\t"
      "bcc         3f\n\t"
      "ldr         %[p], [%[taps]], #4\n\t"
      "add         %[p], %[p], %[c]\n\t"
      "vldrb.8     %q[x], [%[p]]\n\t"
      "vldrb.8     %q[y], [%[w]]\n\t"
      "add         %[w], %[w], %[step]\n\t"
      "vmullb.s8   %q[b], %q[x], %q[y]\n\t"
      "vmullt.s8   %q[y], %q[x], %q[y]\n\t" MIDGE_MVE_WIDEN("b", "y")
      "3:\n\t"
      "wls         lr, lr, 9f\n"
      "4:\n\t"
      "ldrd        %[p], %[q], [%[taps]], #8\n\t"
      "add         %[p], %[p], %[c]\n\t"
      "add         %[q], %[q], %[c]\n\t"
      "vldrb.8     %q[x], [%[p]]\n\t"
      "vldrb.8     %q[y], [%[w]]\n\t"
      "add         %[w], %[w], %[step]\n\t"
      "vmullb.s8   %q[b], %q[x], %q[y]\n\t"
      "vmullt.s8   %q[t], %q[x], %q[y]\n\t"
      "vldrb.8     %q[x], [%[q]]\n\t"
      "vldrb.8     %q[y], [%[w]]\n\t"
      "vmullb.s8   %q[y], %q[x], %q[y]\n\t"
      "vadd.i16    %q[b], %q[b], %q[y]\n\t"
      "vldrb.8     %q[y], [%[w]]\n\t"
      "add         %[w], %[w], %[step]\n\t"
      "vmullt.s8   %q[y], %q[x], %q[y]\n\t"
      "vadd.i16    %q[t], %q[t], %q[y]\n\t" MIDGE_MVE_WIDEN("b", "t")
      "le          lr, 4b\n"
      "9:"
      : [s0] "=&w"(s0), [s1] "=&w"(s1), [s2] "=&w"(s2), [s3] "=&w"(s3), [x] "=&w"(x),
        [y] "=&w"(y), [b] "=&w"(b), [t] "=&w"(t), [p] "=&r"(p), [q] "=&r"(q), [w] "+&r"(w),
        [taps] "+&r"(taps)
      : [count] "r"(depthwise.taps), [step] "r"(step), [c] "r"(c)
      : "lr", "cc", "p0", "memory");
#undef MIDGE_MVE_WIDEN
#else
  int16_t pairs[kBlock];
  S32x4* const of[4] = {&s0, &s1, &s2, &s3};
  for (S32x4* sum : of) *sum = SplatS32(0);
  for (int32_t t = depthwise.taps; t > 0; --t, ++taps, w += step) {
    const bool first_of_two = t % 2 == 0;
    const S8x16 x = LoadS8(*taps + c, step), y = LoadS8(w, step);
    for (int k = 0; k < kBlock; ++k) {
      const int product = x.lane[k] * y.lane[k];
      pairs[k] =
          static_cast<int16_t>(t % 2 != 0 && t != depthwise.taps ? pairs[k] + product : product);
    }
    if (first_of_two) continue;
    for (int k = 0; k < kBlock; ++k) of[k % 4]->lane[k / 4] += pairs[k];
  }
#endif
}

// To int8 at out; the block at channel c, of which `channels` are stored, at most all.
inline void RequantizeBlock(const Depthwise& depthwise, S32x4 s0, S32x4 s1, S32x4 s2, S32x4 s3,
                            int32_t c, const int32_t* biases, int8_t* out) {
  const int32_t* const multiplier_q31 = depthwise.multiplier_q31 + c;
  const int8_t* const exponent = depthwise.exponent + c;
  S32x4 lanes = Lanes(0, 4, 8, 12);
#if MIDGE_ARM_MVE_ASM
#define MIDGE_MVE_SCALE(sum)                                     \
  "vldrw.32      %q[v], [%[biases]], #16\n\t"                    \
  "vadd.i32      %q[" sum "], %q[" sum                           \
  "], %q[v]\n\t"                                                 \
  "vldrw.32      %q[v], [%[multiplier], %q[lanes], uxtw #2]\n\t" \
  "vqrdmulh.s32  %q[" sum "], %q[" sum                           \
  "], %q[v]\n\t"                                                 \
  "vshr.s32      %q[v], %q[" sum                                 \
  "], #31\n\t"                                                   \
  "vadd.i32      %q[" sum "], %q[" sum                           \
  "], %q[v]\n\t"                                                 \
  "vldrb.s32     %q[v], [%[exponent], %q[lanes]]\n\t"            \
  "vrshl.s32     %q[" sum "], %q[" sum "], %q[v]\n\t"
#define MIDGE_MVE_NEXT_LANES "vadd.i32      %q[lanes], %q[lanes], %[one]\n\t"
  S32x4 v;
  asm volatile(
      MIDGE_MVE_SCALE("s0") MIDGE_MVE_NEXT_LANES MIDGE_MVE_SCALE("s1") MIDGE_MVE_NEXT_LANES
          MIDGE_MVE_SCALE("s2") MIDGE_MVE_NEXT_LANES MIDGE_MVE_SCALE("s3")
      "vqmovnb.s32   %q[s0], %q[s0]\n\t"
      "vqmovnt.s32   %q[s0], %q[s2]\n\t"
      "vqadd.s16     %q[s0], %q[s0], %[zero_point]\n\t"
      "vqmovnb.s32   %q[s1], %q[s1]\n\t"
      "vqmovnt.s32   %q[s1], %q[s3]\n\t"
      "vqadd.s16     %q[s1], %q[s1], %[zero_point]\n\t"
      "vqmovnb.s16   %q[s0], %q[s0]\n\t"
      "vqmovnt.s16   %q[s0], %q[s1]\n\t"
      "vctp.8        %[channels]\n\t"
      "vpst\n\t"
      "vstrbt.8      %q[s0], [%[out]]"
      : [s0] "+&w"(s0), [s1] "+&w"(s1), [s2] "+&w"(s2), [s3] "+&w"(s3),
        [v] "=&w"(v), [lanes] "+&w"(lanes), [biases] "+&r"(biases)
      : [multiplier] "r"(multiplier_q31), [exponent] "r"(exponent), [one] "r"(1),
        [zero_point] "r"(depthwise.output_zero_point), [channels] "r"(depthwise.channels),
        [out] "r"(out)
      : "p0", "memory");
#undef MIDGE_MVE_NEXT_LANES
#undef MIDGE_MVE_SCALE
#else
  const auto scaled = [&](S32x4 sum) {
    const S32x4 biased = Add(sum, LoadS32(biases));
    const S32x4 result =
        RequantizeDown(biased, GatherS32(multiplier_q31, lanes), GatherS8AsS32(exponent, lanes));
    biases += 4;
    lanes = Add(lanes, 1);
    return result;
  };
  s0 = scaled(s0), s1 = scaled(s1), s2 = scaled(s2), s3 = scaled(s3);
  const S8x16 result = NarrowToS8(AddSaturating(NarrowToS16(s0, s2), depthwise.output_zero_point),
                                  AddSaturating(NarrowToS16(s1, s3), depthwise.output_zero_point));
  StoreS8(out, result, depthwise.channels);
#endif
}

// Biases of the block at channel c with the zero point's part: bias - zi * sum_t w[t], in the order
// of sums. Sums of weights fit int16, as there are at most 64 taps. `least` becomes the least
// weight, or 0, if that is less.
inline void MakeBiases(const Depthwise& depthwise, int32_t c, const int32_t* bias,
                       int32_t input_zero_point, int32_t& least, int32_t* biases) {
  const int8_t* w = depthwise.filter + c;
  const int32_t step = depthwise.channels;
  S32x4 lanes = Lanes(0, 4, 8, 12);
#if MIDGE_ARM_MVE_ASM
#define MIDGE_MVE_BIAS(widen, sums)                                               \
  "vldrw.32    %q[v], [%[bias], %q[lanes], uxtw #2]\n\t" widen " %q[t], %q[" sums \
  "]\n\t"                                                                         \
  "vmla.s32    %q[v], %q[t], %[factor]\n\t"                                       \
  "vstrw.32    %q[v], [%[biases]], #16\n\t"                                       \
  "vadd.i32    %q[lanes], %q[lanes], %[one]\n\t"
  S16x8 even, odd, v, t;
  asm volatile(
      "vmov.i32    %q[even], #0\n\t"
      "vmov.i32    %q[odd], #0\n\t"
      "vctp.8      %[step]\n\t"
      "dls         lr, %[taps]\n"
      "1:\n\t"
      "vpst\n\t"
      "vldrbt.8    %q[v], [%[w]]\n\t"
      "add         %[w], %[w], %[step]\n\t"
      "vminv.s8    %[least], %q[v]\n\t"
      "vmovlb.s8   %q[t], %q[v]\n\t"
      "vadd.i16    %q[even], %q[even], %q[t]\n\t"
      "vmovlt.s8   %q[v], %q[v]\n\t"
      "vadd.i16    %q[odd], %q[odd], %q[v]\n\t"
      "le          lr, 1b\n\t" MIDGE_MVE_BIAS("vmovlb.s16", "even")
          MIDGE_MVE_BIAS("vmovlb.s16", "odd") MIDGE_MVE_BIAS("vmovlt.s16", "even")
              MIDGE_MVE_BIAS("vmovlt.s16", "odd")
      : [even] "=&w"(even), [odd] "=&w"(odd), [v] "=&w"(v), [t] "=&w"(t), [lanes] "+&w"(lanes),
        [w] "+&r"(w), [least] "+&r"(least), [biases] "+&r"(biases)
      : [taps] "r"(depthwise.taps), [step] "r"(step), [bias] "r"(bias),
        [factor] "r"(-input_zero_point), [one] "r"(1)
      : "lr", "p0", "memory");
#undef MIDGE_MVE_BIAS
#else
  int32_t sums[kBlock] = {};
  for (int32_t t = 0; t < depthwise.taps; ++t, w += step) {
    const S8x16 v = LoadS8(w, step);
    for (int32_t k = 0; k < kBlock; ++k) {
      sums[k] += v.lane[k];
      if (v.lane[k] < least) least = v.lane[k];
    }
  }
  for (int32_t i = 0; i < 4; ++i, biases += 4) {
    const S32x4 of = Lanes(sums[i], sums[i + 4], sums[i + 8], sums[i + 12]);
    StoreS32(biases, Add(Multiply(of, -input_zero_point), GatherS32(bias, lanes)));
    lanes = Add(lanes, 1);
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

// Where the block at channel c begins; `last`: where the last one has to begin not to end behind
// the channels, where these are at least a block.
inline int32_t FirstOfBlock(int32_t c, int32_t last) { return c <= last || last < 0 ? c : last; }

// `pixels` of them, at least one, whose taps are `step` apart, to int8 at out.
[[gnu::noinline]] void ComputePixels(const Depthwise& depthwise, const int8_t** taps, int32_t step,
                                     int32_t pixels, int8_t* out) {
  const int32_t channels = depthwise.channels, last = channels - kBlock;
  for (;; out += channels) {
    const int32_t* biases = depthwise.biases;
    for (int32_t at = 0; at < channels; at += kBlock, biases += kBlock) {
      const int32_t c = FirstOfBlock(at, last);
      S32x4 s0, s1, s2, s3;
      SumTaps(depthwise, taps, c, s0, s1, s2, s3);
      RequantizeBlock(depthwise, s0, s1, s2, s3, c, biases, out + c);
    }
    if (--pixels == 0) return;
    Advance(taps, depthwise.taps, step);
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

// False if the weights are not for it: nothing is written then. Multipliers are below 1/2.
bool ComputeChannelwise(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                        const RowView<const int8_t>& input, const int8_t* filter,
                        const int32_t* bias, Rows rows, uint8_t* scratch,
                        const RowView<int8_t>& output) {
  const WindowedShape& shape = params.shape;
  const Window2D& window = shape.window;
  const int32_t channels = shape.output_channels, padded = PaddedToBlocks(channels);
  auto* const biases = reinterpret_cast<int32_t*>(scratch);
  auto* const outside = reinterpret_cast<int8_t*>(biases + padded);
  Depthwise depthwise = {
      filter,       multipliers.multiplier_q31, multipliers.exponent, biases, channels,
      Taps(window), params.output_zero_point};
  struct {
    int32_t multiplier_q31[kBlock], bias[kBlock];
    int8_t exponent[kBlock];
  } own;
  const bool has_bias = bias != nullptr;
  if (channels < kBlock || !has_bias) {
    own = {};
    if (channels < kBlock) {  // a whole block may be read
      CopyRun(multipliers.multiplier_q31, 4 * channels, own.multiplier_q31);
      CopyRun(multipliers.exponent, channels, own.exponent);
      if (has_bias) CopyRun(bias, 4 * channels, own.bias);
      depthwise.multiplier_q31 = own.multiplier_q31;
      depthwise.exponent = own.exponent;
    }
    bias = own.bias;
  }
  int32_t least = 0;
  for (int32_t at = 0; at < channels; at += kBlock) {
    const int32_t c = FirstOfBlock(at, channels - kBlock);
    MakeBiases(depthwise, c, bias + (has_bias ? c : 0), params.input_zero_point, least,
               biases + at);
  }
  if (least == INT8_MIN) return false;  // sums of two products might not fit int16
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
    if (!IsAllOfS8(params.clamp)) {
      ClampS8(params.clamp, output.Row(y), shape.output_row_elements());
    }
  }
  return true;
}

}  // namespace

static_assert(std::is_same_v<decltype(DepthwiseConv2DS8), decltype(portable::DepthwiseConv2DS8)>);

ScratchRequest DepthwiseConv2DS8ScratchBytes(const ConvolutionS8Params& params) {
  const WindowedShape& shape = params.shape;
  if (IsChannelwise(shape)) return static_cast<uint32_t>(5 * PaddedToBlocks(shape.output_channels));
  if (shape.input_channels == 1) {
    ScratchRequest request = TransposedBytes(shape) + ConvolveScratchBytes(shape);
    request.unit_bytes = static_cast<uint32_t>(Taps(shape.window));
    request.units = 1;
    return request;
  }
  return 0;
}

void DepthwiseConv2DS8(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                       const RowView<const int8_t>& input, const int8_t* filter,
                       const int32_t* bias, Rows rows, Scratch scratch,
                       const RowView<int8_t>& output) {
  const WindowedShape& shape = params.shape;
  const int32_t channels = shape.output_channels, taps = Taps(shape.window);
  if (IsChannelwise(shape)) {
    if (multipliers.step != 0 && MaxS8(multipliers.exponent, channels) < 0 &&
        ComputeChannelwise(params, multipliers, input, filter, bias, rows, scratch.data, output)) {
      return;
    }
  } else if (shape.input_channels == 1) {
    // A convolution of one input channel, once the filter's rows belong to output channels.
    auto* const transposed = reinterpret_cast<int8_t*>(scratch.data);
    for (int32_t o = 0; o < channels; ++o) {
      for (int32_t t = 0; t < taps; ++t) transposed[o * taps + t] = filter[t * channels + o];
    }
    Convolve(params, multipliers, input, transposed, bias, rows,
             scratch.data + TransposedBytes(shape), 1 + scratch.units, output);
    return;
  }
  ComputeAny(params, multipliers, input, filter, bias, rows, output);
}

}  // namespace midge::arm_mve
