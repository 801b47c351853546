// SPDX-License-Identifier: Apache-2.0
//
// What kernels of int16 inputs and int8 weights share. Inputs are taken apart into quads of two
// words, elements (0, 2) and (1, 3), as SXTB16 takes four weights apart, so that the loops of int8
// kernels serve them too. |x * w| <= 2^22, so sums of kMostProducts and a last quad that is not
// whole fit an int32, whatever the width of the op's own sums.
#pragma once

#include <type_traits>

#include "kernels/arm_dsp/channel_groups.h"
#include "kernels/arm_dsp/dot_s8.h"
#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/fixed_point.h"

namespace midge::arm_dsp {

inline constexpr int32_t kMostProducts = 508;  // whole quads below 2^9

// The bias says what sums are: of 32 bits if it is int32_t, of 64 if it is PackedInt64.
template <typename Bias>
using SumS16 = std::conditional_t<std::is_same_v<Bias, int32_t>, int32_t, int64_t>;

// Takes `quads` quads of x apart, each `quad_words` words behind the one before.
inline void SplitQuads(const int16_t* x, int32_t quads, uint32_t* words, int32_t quad_words) {
  for (; quads > 0; --quads, x += 4, words += quad_words) {
    const uint32_t first = Load32(x), second = Load32(x + 2);
    words[0] = PackBottoms(first, second);
    words[1] = PackTops(first, second);
  }
}

// acc + the products of the quad at x and the `rest` < 4 weights at w, behind which none is read.
inline int32_t AddLastQuad(const uint32_t* x, const int8_t* w, int32_t rest, int32_t acc) {
  const uint32_t word = LoadGroup(w, rest);
  return Smlad(Sxtb16Ror8(word), x[1], Smlad(Sxtb16(word), x[0], acc));
}

// parts[k] = sum_i x[i] * w[k * w_stride + i] for k < rows <= kMostRows, i < count <=
// kMostProducts; `words` are x taken apart, filled up with zeros to whole quads.
inline constexpr int32_t kMostRows = 32;
void MultiplyRows(const uint32_t* words, int32_t count, const int8_t* w, int32_t w_stride,
                  int32_t rows, int32_t* parts);

// Makes an output channel's sums its outputs, with the bits of QuantizedOutput::S16. A sum begins
// as Begin(), which has the bias, grows by what fits 32 bits, and ends as an output.
template <typename Bias>
class ChannelOutputS16 {
 public:
  ChannelOutputS16(const QuantizedOutput& output, const Bias* bias, int32_t channel)
      : output_(output), bias_(bias != nullptr ? bias[channel] : 0), channel_(channel) {}

  int32_t Begin() const { return bias_; }
  int32_t Add(int32_t sum, int32_t part) const { return AddWrapping(sum, part); }
  int16_t End(int32_t sum) const { return output_.S16(sum, channel_); }

 private:
  const QuantizedOutput& output_;
  int32_t bias_, channel_;
};

// RequantizeWide is floor((acc * m + half) / 2^s) modulo 2^64, so that each part may be multiplied
// by itself, in one instruction, and added to bias * m + half.
template <>
class ChannelOutputS16<PackedInt64> {
 public:
  ChannelOutputS16(const QuantizedOutput& output, const PackedInt64* bias, int32_t channel)
      : zero_point_(output.zero_point), min_(output.clamp.min), max_(output.clamp.max) {
    const int32_t i = channel * output.multipliers.step;
    const int32_t q31 = output.multipliers.multiplier_q31[i];
    q15_ = q31 < 0x7fff0000 ? (q31 + (1 << 15)) >> 16 : 0x7fff;
    shift_ = static_cast<uint32_t>(15 - output.multipliers.exponent[i]);
    const int64_t half = shift_ <= 31 ? int64_t{1 << (shift_ - 1)} : int64_t{1} << (shift_ - 1);
    begin_ = bias != nullptr ? Add(half, bias[channel].value()) : half;
  }

  int64_t Begin() const { return begin_; }
  int64_t Add(int64_t sum, int64_t part) const {
    return static_cast<int64_t>(static_cast<uint64_t>(sum) +
                                static_cast<uint64_t>(part) * static_cast<uint32_t>(q15_));
  }
  int64_t Add(int64_t sum, int32_t part) const { return AddWrapping(sum, int64_t{part} * q15_); }
  int16_t End(int64_t sum) const {
    const auto low = static_cast<uint32_t>(sum);
    const auto high = static_cast<int32_t>(sum >> 32);
    const int32_t value =
        shift_ < 32
            ? static_cast<int32_t>(low >> shift_ | static_cast<uint32_t>(high) << (32 - shift_))
            : high >> (shift_ - 32);
    return static_cast<int16_t>(Clamp(AddWrapping(value, zero_point_), min_, max_));
  }

 private:
  int64_t begin_;
  int32_t q15_;
  uint32_t shift_;
  int32_t zero_point_, min_, max_;
};

// out[k] = the output of channel + k for the sum parts[k] + more[k], k < count; `more` may be null.
template <typename Bias>
void FinishRows(const QuantizedOutput& output, const Bias* bias, int32_t channel, int32_t count,
                const int32_t* parts, const SumS16<Bias>* more, int16_t* out);

}  // namespace midge::arm_dsp
