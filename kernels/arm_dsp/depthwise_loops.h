// SPDX-License-Identifier: Apache-2.0
//
// The loops of depthwise_conv_2d_s8.cc that are left to the compiler.
#pragma once

#include <cstdint>

#include "kernels/arm_dsp/channel_groups.h"
#include "kernels/arm_dsp/requantize.h"
#include "kernels/window_2d.h"

namespace midge::arm_dsp {

constexpr int32_t kMostTaps = 32;  // looked up at a time
constexpr int32_t kPairBytes = kGroup * int32_t{sizeof(uint32_t)};

inline int32_t Pairs(int32_t rows) { return (rows + 1) / 2; }

// The weights of four channels of `rows` filter rows: packed[filter column][pair][4].
void PackWeights(const Window2D& window, int32_t rows, const int8_t* filter, int32_t channels,
                 uint32_t* packed);

// The inputs of channels [c, c + 4) of `count` columns, `stride` bytes apart, of `left` rows.
void PackColumns(const int8_t* const* rows, int32_t left, int32_t c, int32_t count, int32_t stride,
                 uint32_t offset, uint32_t* packed);

// What one output pixel after the other of four channels is made of: the next pixel's.
struct PixelLoop {
  const uint32_t* w;
  int32_t bias[kGroup];
  ChannelRequantizer requantizer[kGroup];
  int32_t x_gap;  // bytes from the end of a pixel's pairs to the next pixel's
  int32_t out_step;
  const int8_t* out_end;
  const uint32_t* x;
  int8_t* out;
  const uint32_t* singles_end;  // of w: rounds of six pairs follow
  const uint32_t* w_end;
};

// What of `loop` depends on channels [c, c + 4). Returns whether its requantizers give the bits of
// S8.
bool SetChannels(const QuantizedOutput& quantized, const int32_t* bias, int32_t taps, int32_t c,
                 PixelLoop& loop);

// What a pixel sees, where inputs and weights are read as they are.
struct PixelTaps {
  uint32_t offset;     // minus the input's zero point, in both lanes
  int32_t size;        // of a group of channels
  int32_t multiplier;  // outputs that come from each input
  int32_t count;
  struct Tap {
    const int8_t *at, *w;
  } taps[kMostTaps];
};

// Adds the products of the taps to sums of channels [c, c + size).
void AddTaps(const PixelTaps& pixel, int32_t c, int32_t* sums);

// sums[k] += sum_i x[i] * w[i * step + k] for k < 4 * groups, i < 4 * quads, modulo 2^32. Weights
// of two taps whose inputs share a word become one, too. Requires a quad.
void AddQuads(const uint32_t* x, const int8_t* w, int32_t step, int32_t quads, int32_t* sums,
              int32_t groups);

}  // namespace midge::arm_dsp
