// SPDX-License-Identifier: Apache-2.0
//
// Sixteen channels of a pixel at a time. A tap's products are int16, and so is the sum of two
// unless both weights are -128, which the format does not use: two taps are added, then widened.
// Taps outside the image find the zero point there, so that all pixels share
//
//   sum_t w[t] * (x[t] - zi) = sum_t w[t] * x[t] - zi * sum_t w[t]
//
// whose last term goes into the bias. Products of even and of odd channels come apart, and again
// when they are widened: the sums of a block stand in four vectors of channels 0, 4, 8, 12; 2, 6,
// ...; 1, 5, ...; 3, 7, ...
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/columns.h"
#include "kernels/arm_mve/convolve.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kBlock = 16;     // channels
constexpr int32_t kMostTaps = 64;  // whose places are kept on the stack

struct Sums {
  S32x4 of0, of1, of2, of3;
};
constexpr int kFirstChannel[4] = {0, 2, 1, 3};

// What all blocks share.
struct Depthwise {
  const int8_t* filter;
  const int32_t* multiplier_q31;
  const int8_t* exponent;
  const int32_t* biases;  // with the zero point's part, in the order of sums
  int32_t channels;
  int32_t taps;
  S32x4 lanes;  // 0, 4, 8, 12
  int32_t output_zero_point;
};

// Sums of the block at channel c: taps[t][c + k] * filter[t][c + k]. If kPartial, of as many
// channels as there are, less than a block.
template <bool kPartial>
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
  "vadd.i32    %q[s1], %q[s1], %q[" bottom \
  "]\n\t"                                  \
  "vmovlb.s16  %q[x], %q[" top             \
  "]\n\t"                                  \
  "vmovlt.s16  %q[" top "], %q[" top       \
  "]\n\t"                                  \
  "vadd.i32    %q[s2], %q[s2], %q[x]\n\t"  \
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
  if constexpr (kPartial) {
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
  const int32_t count = kPartial ? step : kBlock;
  int16_t pairs[kBlock];
  S32x4* const of[4] = {&sums.of0, &sums.of1, &sums.of2, &sums.of3};
  for (S32x4* sum : of) *sum = SplatS32(0);
  for (int32_t t = depthwise.taps; t > 0; --t, ++taps, w += step) {
    const bool first_of_two = t % 2 == 0;
    const S8x16 x = LoadS8(*taps + c, count), y = LoadS8(w, count);
    for (int k = 0; k < kBlock; ++k) {
      const int product = x.lane[k] * y.lane[k];
      pairs[k] =
          static_cast<int16_t>(t % 2 != 0 && t != depthwise.taps ? pairs[k] + product : product);
    }
    if (first_of_two) continue;
    for (int i = 0; i < 4; ++i) {
      for (int k = 0; k < 4; ++k) of[i]->lane[k] += pairs[4 * k + kFirstChannel[i]];
    }
  }
#endif
  return sums;
}

// To int8 at out.
template <bool kPartial>
inline void RequantizeBlock(const Depthwise& depthwise, const Sums& sums, int32_t c,
                            const int32_t* biases, int8_t* out) {
  const int32_t* const multiplier_q31 = depthwise.multiplier_q31 + c;
  const int8_t* const exponent = depthwise.exponent + c;
  const S32x4 lanes = depthwise.lanes;
  const auto scaled = [&](S32x4 sum, int i) {
    return RequantizeDown(Add(sum, LoadS32(biases + 4 * i)),
                          GatherS32(multiplier_q31 + kFirstChannel[i], lanes),
                          GatherS8AsS32(exponent + kFirstChannel[i], lanes));
  };
  const S16x8 even = NarrowToS16(scaled(sums.of0, 0), scaled(sums.of1, 1));
  const S16x8 odd = NarrowToS16(scaled(sums.of2, 2), scaled(sums.of3, 3));
  const S8x16 result = NarrowToS8(AddSaturating(even, depthwise.output_zero_point),
                                  AddSaturating(odd, depthwise.output_zero_point));
  if constexpr (kPartial) {
    StoreS8(out, result, depthwise.channels);
  } else {
    StoreS8(out, result);
  }
}

// Calls f(c, biases) for each block; the last one goes back where channels are not whole blocks.
template <typename F>
inline void ForEachBlock(const Depthwise& depthwise, const F& f) {
  const int32_t* biases = depthwise.biases;
  for (int32_t c = 0; c < depthwise.channels; c += kBlock, biases += kBlock) {
    const int32_t last = depthwise.channels - kBlock;
    f(c <= last || last < 0 ? c : last, biases);
  }
}

template <bool kPartial>
[[gnu::noinline]] void ComputePixel(const Depthwise& depthwise, const int8_t* const* taps,
                                    int8_t* out) {
  ForEachBlock(depthwise, [&](int32_t c, const int32_t* biases) {
    RequantizeBlock<kPartial>(depthwise, SumTaps<kPartial>(depthwise, taps, c), c, biases, out + c);
  });
}

// Sums of the weights of the block at channel c, in the order of sums. Of 64 taps they fit int16.
// `least` becomes the least weight, or 0, if that is less.
template <bool kPartial>
inline Sums SumWeights(const Depthwise& depthwise, int32_t c, int32_t& least) {
  const int8_t* w = depthwise.filter + c;
  const int32_t step = depthwise.channels;
#if MIDGE_ARM_MVE_ASM
#define MIDGE_MVE_SUM_WEIGHTS(before, load)                                            \
  asm("vmov.i32    %q[even], #0\n\t"                                                   \
      "vmov.i32    %q[odd], #0\n\t" before                                             \
      "dls         lr, %[taps]\n"                                                      \
      "1:\n\t" load                                                                    \
      "add         %[w], %[w], %[step]\n\t"                                            \
      "vminv.s8    %[least], %q[v]\n\t"                                                \
      "vmovlb.s8   %q[t], %q[v]\n\t"                                                   \
      "vadd.i16    %q[even], %q[even], %q[t]\n\t"                                      \
      "vmovlt.s8   %q[v], %q[v]\n\t"                                                   \
      "vadd.i16    %q[odd], %q[odd], %q[v]\n\t"                                        \
      "le          lr, 1b"                                                             \
      : [even] "=&w"(even), [odd] "=&w"(odd), [v] "=&w"(v), [t] "=&w"(t), [w] "+r"(w), \
        [least] "+r"(least)                                                            \
      : [taps] "r"(depthwise.taps), [step] "r"(step)                                   \
      : "lr", "p0", "memory")
  S16x8 even, odd, v, t;
  if constexpr (kPartial) {
    MIDGE_MVE_SUM_WEIGHTS("vctp.8      %[step]\n\t", "vpst\n\tvldrbt.8    %q[v], [%[w]]\n\t");
  } else {
    MIDGE_MVE_SUM_WEIGHTS("", "vldrb.8     %q[v], [%[w]]\n\t");
  }
#undef MIDGE_MVE_SUM_WEIGHTS
  return {vmovlbq_s16(even), vmovltq_s16(even), vmovlbq_s16(odd), vmovltq_s16(odd)};
#else
  Sums sums;
  S32x4* const of[4] = {&sums.of0, &sums.of1, &sums.of2, &sums.of3};
  for (S32x4* sum : of) *sum = SplatS32(0);
  for (int32_t t = 0; t < depthwise.taps; ++t, w += step) {
    const S8x16 v = LoadS8(w, kPartial ? step : kBlock);
    for (int i = 0; i < 4; ++i) {
      for (int k = 0; k < 4; ++k) {
        const int32_t weight = v.lane[4 * k + kFirstChannel[i]];
        of[i]->lane[k] += weight;
        if (weight < least) least = weight;
      }
    }
  }
  return sums;
#endif
}

// With the zero point's part. False if sums of two products might not fit int16.
template <bool kPartial>
bool MakeBiases(const Depthwise& depthwise, const int32_t* bias, int32_t input_zero_point,
                int32_t* biases) {
  int32_t least = 0;
  ForEachBlock(depthwise, [&](int32_t c, const int32_t*) {
    const Sums sums = SumWeights<kPartial>(depthwise, c, least);
    const auto store = [&](S32x4 sum, int i) {
      const S32x4 part = Multiply(sum, -input_zero_point);
      const S32x4 own =
          bias != nullptr ? GatherS32(bias + c + kFirstChannel[i], depthwise.lanes) : SplatS32(0);
      StoreS32(biases + 4 * i, Add(part, own));
    };
    store(sums.of0, 0), store(sums.of1, 1), store(sums.of2, 2), store(sums.of3, 3);
    biases += kBlock;
  });
  return least != INT8_MIN;
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

// A line of taps, `step` apart: those that are inside the image, from `first` on, and others.
[[gnu::noinline]] const int8_t** AppendTaps(const Window2D::Taps& inside, int32_t count,
                                            const int8_t* first, int32_t step,
                                            const int8_t* outside, const int8_t** taps) {
  int32_t t = 0;
  for (; t < inside.begin; ++t) *taps++ = outside;
  for (; t < inside.end; ++t, first += step) *taps++ = first;
  for (; t < count; ++t) *taps++ = outside;
  return taps;
}

// The taps of output pixel (y, x); whether all are inside the image. `outside` stands for others.
[[gnu::noinline]] bool FindTaps(const WindowedShape& shape, const RowView<const int8_t>& input,
                                int32_t y, int32_t x, const int8_t* outside, const int8_t** taps) {
  const Window2D& window = shape.window;
  const int32_t channels = shape.input_channels;
  const Window2D::Taps rows = window.RowTaps(y), columns = window.ColumnTaps(x);
  const int32_t column = (columns.origin + columns.begin * window.dilation_w) * channels;
  const bool all_columns = columns.end - columns.begin == window.filter_w;
  const auto row_of = [&](int32_t i) {
    return input.Row(rows.origin + i * window.dilation_h) + column;
  };
  if (window.filter_w == 1 && all_columns && input.contiguous()) {
    AppendTaps(rows, window.filter_h, row_of(rows.begin),
               window.dilation_h * shape.input_row_elements(), outside, taps);
  } else {
    for (int32_t i = 0; i < window.filter_h; ++i) {
      const bool is_inside = i >= rows.begin && i < rows.end;
      taps =
          AppendTaps(is_inside ? columns : Window2D::Taps{0, 0, 0}, window.filter_w,
                     is_inside ? row_of(i) : outside, window.dilation_w * channels, outside, taps);
    }
  }
  return rows.end - rows.begin == window.filter_h && all_columns;
}

// False if the weights are not for it: nothing is written then. Multipliers are below 1/2.
template <bool kPartial>
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
      filter,       multipliers.multiplier_q31, multipliers.exponent,    biases, channels,
      Taps(window), Lanes(0, 4, 8, 12),         params.output_zero_point};
  int32_t multiplier_q31[kBlock] = {};
  int32_t padded_bias[kBlock] = {};
  int8_t exponent[kBlock] = {};
  if constexpr (kPartial) {  // a whole block may be read
    for (int32_t o = 0; o < channels; ++o) {
      multiplier_q31[o] = multipliers.multiplier_q31[o];
      exponent[o] = multipliers.exponent[o];
      if (bias != nullptr) padded_bias[o] = bias[o];
    }
    bias = padded_bias;
    depthwise.multiplier_q31 = multiplier_q31;
    depthwise.exponent = exponent;
  }
  if (!MakeBiases<kPartial>(depthwise, bias, params.input_zero_point, biases)) return false;
  FillRun(static_cast<int8_t>(params.input_zero_point), padded, outside);

  const int8_t* taps[kMostTaps];
  const int32_t span = (window.filter_w - 1) * window.dilation_w;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    bool follows = false;  // the pixel before had all its taps
    int8_t* out = output.Row(y);
    int32_t column = -window.pad_left;  // of the first tap
    for (int32_t x = 0; x < window.output_w; ++x, column += window.stride_w, out += channels) {
      if (follows && column + span < window.input_w) {
        Advance(taps, depthwise.taps, window.stride_w * channels);
      } else {
        follows = FindTaps(shape, input, y, x, outside, taps);
      }
      ComputePixel<kPartial>(depthwise, taps, out);
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
    const auto compute = channels < kBlock ? ComputeChannelwise<true> : ComputeChannelwise<false>;
    if (multipliers.step != 0 && MaxS8(multipliers.exponent, channels) < 0 &&
        compute(params, multipliers, input, filter, bias, rows, scratch.data, output)) {
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
