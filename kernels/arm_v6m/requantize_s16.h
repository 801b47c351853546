// SPDX-License-Identifier: Apache-2.0
//
// Accumulators of int16 activations to int16, in 32-bit multiplications. RequantizeWide is
//
//   floor((x * m + 2^(s-1)) / 2^s),   m < 2^15
//
// and nearly all x of 64 bits fit 32. Of these x = h * 2^16 + l, so that for s > 16, where the half
// is a multiple of 2^16, it is
//
//   floor((y / 2^(s-17) + 1) / 2),   y = h * m + floor(l * m / 2^16)
//
// with divisions that round down. No part leaves 32 bits: |h * m| <= 2^30.
#pragma once

#include <type_traits>

#include "kernels/arm_v6m/requantize.h"

namespace midge::arm_v6m {

// The bias says what sums are: of 32 bits if it is int32_t, of 64 if it is PackedInt64.
template <typename Bias>
using SumS16 = std::conditional_t<std::is_same_v<Bias, int32_t>, int32_t, int64_t>;

inline void AddTo(int32_t& sum, int32_t x) { sum = AddWrapping(sum, x); }
inline void AddTo(PackedInt64& sum, int64_t x) {
  const auto value = static_cast<uint64_t>(AddWrapping(sum.value(), x));
  sum = {static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32)};
}

// out[k] = output.S16(sums[k] + parts[k], channel + k) for k < count.
template <typename Bias>
void FinishS16(const QuantizedOutput& output, int32_t channel, int32_t count, const Bias* sums,
               const int32_t* parts, int16_t* out);

// Rows of pixels, of one channel: how far apart their parts and outputs are.
struct PixelRows {
  int32_t rows, columns;
  int32_t part_step, part_row;
  int32_t out_step, out_row;
};

// The same of one channel's pixels: *out = S16(begin + *parts), or S16(*sums + *parts) with sums
// that lie like parts where `sums` is not null.
template <typename Bias>
void FinishPixelsS16(const QuantizedOutput& output, int32_t channel, const PixelRows& pixels,
                     const Bias& begin, const Bias* sums, const int32_t* parts, int16_t* out);

}  // namespace midge::arm_v6m
