// SPDX-License-Identifier: Apache-2.0
//
// ResizeBilinear: an image of another size, each pixel a mean of the four around its place in the
// input.
//
// Shapes    input [N, H, W, C], output [N, H', W', C]. The kernels make one row of the output from
//           two of the input, `upper` and `lower`, which may be the same.
// Math      output[x, c] = (1 - fy) ((1 - fx) upper[x0, c] + fx upper[x1, c])
//                        +      fy  ((1 - fx) lower[x0, c] + fx lower[x1, c])
//           where x0 + fx is the place of x in the input, x1 = x0 + 1 but not beyond the last.
// Numerics  S8, S16: places and fractions have 10 fractional bits, sums 20 (S8 in 32 bits, S16 in
//           64), rounded once, halves away from zero: docs/NUMERICS.md "RESIZE_BILINEAR". F32, U8:
//           in float, upper before lower before the next column; U8 rounds halves up.
// Requires  established by Prepare: extents >= 1 and small enough that places fit 32 bits.
// Memory    needs the whole input. No scratch. Output must not overlap the input. Never outside the
//           stated extents.
// Variants  portable.
// Source    TFLite's reference; integers as in its kernels without floats.
#pragma once

#include <cstdint>

namespace midge {

// Where the indices of one dimension of the output lie in the input, in 1/1024.
struct ResizeAxisQ10 {
  int32_t scale, offset;  // place = index * scale + offset
  int32_t last;           // of the input

  struct Place {
    int32_t first, second;  // the neighbours
    int32_t fraction;       // of the second
  };
  Place PlaceOf(int32_t index) const {
    const int32_t place = index * scale + offset;
    Place result;
    result.first = place < 0 ? 0 : place / 1024;
    result.second = (place + 1023) / 1024;
    if (result.second > last) result.second = last;
    if (result.first > last) result.first = last;  // a scale that was rounded up leads further
    result.fraction = result.first == result.second ? 0 : place - result.first * 1024;
    return result;
  }
};

struct ResizeQ10Params {
  ResizeAxisQ10 columns;
  int32_t output_width, channels;
};

// The same in float.
struct ResizeAxisF32 {
  float scale, shift;  // place = (index + shift) * scale - shift
  int32_t last;

  struct Place {
    int32_t first, second;
    float fraction;
  };
  Place PlaceOf(int32_t index) const {
    const float place = (static_cast<float>(index) + shift) * scale - shift;
    const int32_t truncated = static_cast<int32_t>(place);  // places are above -1
    Place result;
    result.first = truncated;
    result.second = static_cast<float>(truncated) < place ? truncated + 1 : truncated;
    if (result.second > last) result.second = last;
    if (result.first > last) result.first = last;
    result.fraction = place - static_cast<float>(result.first);
    return result;
  }
};

struct ResizeF32Params {
  ResizeAxisF32 columns;
  int32_t output_width, channels;
};

template <typename T>
using ResizeRowQ10 = void(const ResizeQ10Params& params, const T* upper, const T* lower,
                          int32_t fraction_q10, T* output);
template <typename T>
using ResizeRowF32 = void(const ResizeF32Params& params, const T* upper, const T* lower,
                          float fraction, T* output);

}  // namespace midge
