// SPDX-License-Identifier: Apache-2.0
//
// Sixteen channels of a pixel at a time. A tap's products are int16, and so is the sum of two
// unless both weights are -128, which the format does not use: two taps are added, then widened.
// Taps outside the image find the zero point there, so that all pixels share
//
//   sum_t w[t] * (x[t] - zi) = sum_t w[t] * x[t] - zi * sum_t w[t]
//
// whose last term goes into the bias: it is the sum of a pixel all of whose taps lie outside.
// Products of even and of odd channels come apart, and again when they are widened: the sums of a
// block stand in four vectors of channels 0, 4, 8, 12; 1, 5, ...; 2, 6, ...; 3, 7, ...
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/columns.h"
#include "kernels/arm_mve/convolve.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kBlock = 16;     // channels
constexpr int32_t kMostTaps = 64;  // whose places are kept on the stack

// Four vectors, of the channels that are 0, 1, 2 or 3 modulo four.
struct Sums {
  S32x4 of0, of1, of2, of3;
};

// What all blocks share.
struct Depthwise {
  const int8_t* filter;
  const int32_t* multiplier_q31;
  const int8_t* exponent;
  const int32_t* bias;  // of one block, zeros, if there is none
  int32_t* biases;      // with the zero point's part, in the order of sums
  int32_t channels;
  int32_t taps;
  int32_t output_zero_point;
  bool has_bias;
};

// Sums of the block at channel c: taps[t][c + k] * filter[t][c + k]; of as many channels as there
// are, if they are less than a block.
inline Sums SumTaps(const Depthwise& depthwise, const int8_t* const* taps, int32_t c) {
  const int8_t* w = depthwise.filter + c;
  const int32_t step = depthwise.channels;
  Sums sums;
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
#define MIDGE_MVE_SUM_TAPS(before, load_two, load_one) \
  asm volatile(before                                                                              \
      "vmov.i32    %q[s0], #0\n\t"                                                                 \
      "vmov.i32    %q[s1], #0\n\t"                                                                 \
      "vmov.i32    %q[s2], #0\n\t"                                                                 \
      "vmov.i32    %q[s3], #0\n\t"                                                                 \
      "lsrs        lr, %[count], #1\n\t"                                                           \
      "bcc         1f\n\t"                                                                         \
      "ldr         %[p], [%[taps]], #4\n\t"                                                        \
      "add         %[p], %[p], %[c]\n\t" load_two("x", "p", "y")                                   \
      "add         %[w], %[w], %[step]\n\t"                                                        \
      "vmullb.s8   %q[b], %q[x], %q[y]\n\t"                                                        \
      "vmullt.s8   %q[y], %q[x], %q[y]\n\t" MIDGE_MVE_WIDEN("b", "y")                              \
      "1:\n\t"                                                                                     \
      "wls         lr, lr, 3f\n"                                                                   \
      "2:\n\t"                                                                                     \
      "ldrd        %[p], %[q], [%[taps]], #8\n\t"                                                  \
      "add         %[p], %[p], %[c]\n\t"                                                           \
      "add         %[q], %[q], %[c]\n\t" load_two("x", "p", "y")                                   \
      "add         %[w], %[w], %[step]\n\t"                                                        \
      "vmullb.s8   %q[b], %q[x], %q[y]\n\t"                                                        \
      "vmullt.s8   %q[t], %q[x], %q[y]\n\t" load_two("x", "q", "y")                                \
      "vmullb.s8   %q[y], %q[x], %q[y]\n\t"                                                        \
      "vadd.i16    %q[b], %q[b], %q[y]\n\t" load_one("y")                                          \
      "add         %[w], %[w], %[step]\n\t"                                                        \
      "vmullt.s8   %q[y], %q[x], %q[y]\n\t"                                                        \
      "vadd.i16    %q[t], %q[t], %q[y]\n\t" MIDGE_MVE_WIDEN("b", "t")                              \
      "le          lr, 2b\n"                                                                       \
      "3:"                                                                                         \
      : [s0] "=&w"(sums.of0), [s1] "=&w"(sums.of1), [s2] "=&w"(sums.of2),                    \
        [s3] "=&w"(sums.of3), [x] "=&w"(x), [y] "=&w"(y), [b] "=&w"(b), [t] "=&w"(t),            \
        [p] "=&r"(p), [q] "=&r"(q), [w] "+r"(w), [taps] "+r"(taps)                                 \
      : [count] "r"(depthwise.taps), [step] "r"(step), [c] "r"(c)                                  \
      : "lr", "cc", "p0", "memory")
#define MIDGE_MVE_LOAD_TWO(x, p, y) \
  "vldrb.8     %q[" x "], [%[" p    \
  "]]\n\t"                          \
  "vldrb.8     %q[" y "], [%[w]]\n\t"
#define MIDGE_MVE_LOAD_ONE(y) "vldrb.8     %q[" y "], [%[w]]\n\t"
#define MIDGE_MVE_LOAD_TWO_PARTIAL(x, p, y) \
  "vpstt\n\t"                               \
  "vldrbt.8    %q[" x "], [%[" p            \
  "]]\n\t"                                  \
  "vldrbt.8    %q[" y "], [%[w]]\n\t"
#define MIDGE_MVE_LOAD_ONE_PARTIAL(y) "vpst\n\tvldrbt.8    %q[" y "], [%[w]]\n\t"
  S8x16 x, y, b, t;
  const int8_t *p, *q;
  if (step < kBlock) {
    MIDGE_MVE_SUM_TAPS("vctp.8      %[step]\n\t", MIDGE_MVE_LOAD_TWO_PARTIAL,
                       MIDGE_MVE_LOAD_ONE_PARTIAL);
  } else {
    MIDGE_MVE_SUM_TAPS("", MIDGE_MVE_LOAD_TWO, MIDGE_MVE_LOAD_ONE);
  }
#undef MIDGE_MVE_LOAD_ONE_PARTIAL
#undef MIDGE_MVE_LOAD_TWO_PARTIAL
#undef MIDGE_MVE_LOAD_ONE
#undef MIDGE_MVE_LOAD_TWO
#undef MIDGE_MVE_SUM_TAPS
#undef MIDGE_MVE_WIDEN
#else
  int16_t pairs[kBlock];
  S32x4* const of[4] = {&sums.of0, &sums.of1, &sums.of2, &sums.of3};
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
  return sums;
}

// To int8 at out; the block at channel c, of which `channels` are stored, at most all.
inline void RequantizeBlock(const Depthwise& depthwise, Sums sums, int32_t c, const int32_t* biases,
                            int8_t* out) {
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
      : [s0] "+&w"(sums.of0), [s1] "+&w"(sums.of1), [s2] "+&w"(sums.of2), [s3] "+&w"(sums.of3),
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
  const S32x4 s0 = scaled(sums.of0), s1 = scaled(sums.of1), s2 = scaled(sums.of2),
              s3 = scaled(sums.of3);
  const S8x16 result = NarrowToS8(AddSaturating(NarrowToS16(s0, s2), depthwise.output_zero_point),
                                  AddSaturating(NarrowToS16(s1, s3), depthwise.output_zero_point));
  StoreS8(out, result, depthwise.channels);
#endif
}

// Biases less sums, of a block.
inline void StoreBiases(Sums sums, const int32_t* bias, int32_t* biases) {
  S32x4 lanes = Lanes(0, 4, 8, 12);
#if MIDGE_ARM_MVE_ASM
#define MIDGE_MVE_LESS(sum)                                \
  "vldrw.32      %q[v], [%[bias], %q[lanes], uxtw #2]\n\t" \
  "vsub.i32      %q[v], %q[v], %q[" sum                    \
  "]\n\t"                                                  \
  "vstrw.32      %q[v], [%[biases]], #16\n\t"              \
  "vadd.i32      %q[lanes], %q[lanes], %[one]\n\t"
  S32x4 v;
  asm volatile(MIDGE_MVE_LESS("s0") MIDGE_MVE_LESS("s1") MIDGE_MVE_LESS("s2") MIDGE_MVE_LESS("s3")
               : [v] "=&w"(v), [lanes] "+&w"(lanes), [biases] "+&r"(biases)
               : [s0] "w"(sums.of0), [s1] "w"(sums.of1), [s2] "w"(sums.of2), [s3] "w"(sums.of3),
                 [bias] "r"(bias), [one] "r"(1)
               : "memory");
#undef MIDGE_MVE_LESS
#else
  for (const S32x4& sum : {sums.of0, sums.of1, sums.of2, sums.of3}) {
    StoreS32(biases, Subtract(GatherS32(bias, lanes), sum));
    lanes = Add(lanes, 1);
    biases += 4;
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

// `pixels` of them, at least one, whose taps are `step` apart, to int8 at out; or, where that is
// null, makes the biases: what is left of them without the sums of a pixel.
[[gnu::noinline]] void ComputePixels(const Depthwise& depthwise, const int8_t** taps, int32_t step,
                                     int32_t pixels, int8_t* out) {
  const int32_t channels = depthwise.channels, last = channels - kBlock;
  for (;; out += channels) {
    int32_t* biases = depthwise.biases;
    for (int32_t at = 0; at < channels; at += kBlock, biases += kBlock) {
      // The last block goes back where channels are not whole blocks.
      const int32_t c = at <= last || last < 0 ? at : last;
      const Sums sums = SumTaps(depthwise, taps, c);
      if (out != nullptr) {
        RequantizeBlock(depthwise, sums, c, biases, out + c);
      } else {
        StoreBiases(sums, depthwise.bias + (depthwise.has_bias ? c : 0), biases);
      }
    }
    if (--pixels == 0) return;
    Advance(taps, depthwise.taps, step);
  }
}

// The least of the numbers, or 0, if that is less; count at least 1.
inline int32_t MinS8(const int8_t* data, int32_t count) {
  int32_t least = 0;
#if MIDGE_ARM_MVE_ASM
  S8x16 v;
  asm("dlstp.8     lr, %[count]\n"
      "1:\n\t"
      "vldrb.8     %q[v], [%[data]], #16\n\t"
      "vminv.s8    %[least], %q[v]\n\t"
      "letp        lr, 1b"
      : [data] "+r"(data), [least] "+r"(least), [v] "=&w"(v)
      : [count] "r"(count)
      : "lr", "memory");
#else
  for (; count > 0; --count, ++data) least = *data < least ? *data : least;
#endif
  return least;
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

// Of all shapes and multipliers: channel by channel.
void ComputeAny(const ConvolutionS8Params& params, const ChannelMultipliers& multipliers,
                const RowView<const int8_t>& input, const int8_t* filter, const int32_t* bias,
                Rows rows, const RowView<int8_t>& output) {
  const WindowedShape& shape = params.shape;
  const Window2D& window = shape.window;
  const QuantizedOutput quantized = params.output(multipliers);
  const int32_t channels = shape.output_channels;
  const int32_t multiplier = channels / shape.input_channels;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    int8_t* out = output.Row(y);
    for (int32_t x = 0; x < window.output_w; ++x) {
      const Window2D::Taps columns = window.ColumnTaps(x);
      for (int32_t o = 0; o < channels; ++o) {
        int32_t sum = bias != nullptr ? bias[o] : 0;
        for (int32_t i = tap_rows.begin; i < tap_rows.end; ++i) {
          const int8_t* row = input.Row(tap_rows.origin + i * window.dilation_h) + o / multiplier;
          const int8_t* w = filter + i * window.filter_w * channels + o;
          for (int32_t j = columns.begin; j < columns.end; ++j) {
            const int32_t v = row[(columns.origin + j * window.dilation_w) * shape.input_channels];
            sum = AddWrapping(sum, (v - params.input_zero_point) * w[j * channels]);
          }
        }
        *out++ = quantized.S8(sum, o);
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
  for (int32_t i = window.filter_h; i > 0; --i, row += window.dilation_h) {
    // Negative ones are large.
    const bool is_inside = static_cast<uint32_t>(row) < static_cast<uint32_t>(window.input_h);
    const int8_t* const first = is_inside ? input.Row(row) : outside;
    int32_t at = column;
    for (int32_t j = window.filter_w; j > 0; --j, at += window.dilation_w) {
      *taps++ = is_inside && static_cast<uint32_t>(at) < static_cast<uint32_t>(window.input_w)
                    ? first + at * shape.input_channels
                    : outside;
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
      filter,       multipliers.multiplier_q31, multipliers.exponent, bias, biases, channels,
      Taps(window), params.output_zero_point,   bias != nullptr};
  // Sums of two products might not fit int16.
  if (MinS8(filter, depthwise.taps * channels) == INT8_MIN) return false;
  int32_t multiplier_q31[kBlock], own_bias[kBlock];
  int8_t exponent[kBlock];
  if (channels < kBlock || bias == nullptr) {
    for (int32_t o = 0; o < kBlock; ++o) {
      const bool exists = o < channels;
      multiplier_q31[o] = exists ? multipliers.multiplier_q31[o] : 0;
      exponent[o] = exists ? multipliers.exponent[o] : int8_t{0};
      own_bias[o] = exists && bias != nullptr ? bias[o] : 0;
    }
    depthwise.bias = own_bias;
    if (channels < kBlock) {  // a whole block may be read
      depthwise.multiplier_q31 = multiplier_q31;
      depthwise.exponent = exponent;
    }
  }
  FillRun(static_cast<int8_t>(params.input_zero_point), padded, outside);
  const int8_t* taps[kMostTaps];
  for (int32_t t = 0; t < depthwise.taps; ++t) taps[t] = outside;
  ComputePixels(depthwise, taps, 0, 1, nullptr);

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
