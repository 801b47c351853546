// SPDX-License-Identifier: Apache-2.0
//
// Inputs are widened once and meet the filters of a block; then each filter's history moves on by
// one while it is read: words of four elements, or two of int16, from one element further on.
#include <cstring>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/dot_s8.h"
#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {
namespace {

constexpr int32_t kBlock = 32;  // filters, and units

// How a word of a history, from which the zero point is subtracted, meets the weights of its steps.
struct Words {
  explicit Words(int32_t zero_point)
      : offset(Splat16(-zero_point)), minus_zero_point(-zero_point) {}

  // sum + sum_m w[m] * (x[m] - zero point), modulo 2^32.
  int32_t Add(const int8_t*, uint32_t w, uint32_t x, int32_t sum) const {
    return Smlad(Sxtb16Ror8(w), Sxtab16Ror8(offset, x), Smlad(Sxtb16(w), Sxtab16(offset, x), sum));
  }
  // An int16 less a zero point would not fit, so that comes off as a product of its own.
  int32_t Add(const int16_t*, uint32_t w, uint32_t x, int32_t sum) const {
    sum = Smlad(w, x, sum);
    if (minus_zero_point == 0) return sum;
    return AddWrapping(sum, MultiplyWrapping(minus_zero_point, Smlad(w, 0x00010001, 0)));
  }

  uint32_t offset;
  int32_t minus_zero_point;
};

template <typename T>
uint32_t LoadWord(const T* p) {
  uint32_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Moves a filter's history on by one step, `newest` at its end, and gives its sum under the
// weights.
template <typename State>
inline int32_t Advance(const State* time, int32_t memory, const Words& words, State newest,
                       State* state) {
  constexpr int32_t kLanes = sizeof(uint32_t) / sizeof(State);
  int32_t sum = 0;
  for (; memory % kLanes != 0; --memory) {
    *state = memory == 1 ? newest : state[1];
    sum = AddWrapping(sum, MultiplyWrapping(*state++ + words.minus_zero_point, *time++));
  }
  if (memory == 0) return sum;
  for (; memory > kLanes; memory -= kLanes, time += kLanes, state += kLanes) {
    const uint32_t word = LoadWord(state + 1);
    std::memcpy(state, &word, sizeof word);
    sum = words.Add(time, LoadWord(time), word, sum);
  }
  const uint32_t last = LoadWord(state) >> 8 * sizeof(State) |
                        static_cast<uint32_t>(newest) << 8 * (sizeof(uint32_t) - sizeof(State));
  std::memcpy(state, &last, sizeof last);
  return words.Add(time, LoadWord(time), last, sum);
}

// Of `count` filters: their histories move on by sums[k], requantized to the state's type, and
// sums[k] becomes what they give.
template <typename State>
[[gnu::noinline]] void AdvanceFilters(const SvdfS8Params& params, const State* time, int32_t count,
                                      State* state, int32_t* sums) {
  const int32_t memory = params.shape.memory, zero_point = params.state_zero_point;
  const Words words(zero_point);
  State newest[kBlock];
  if constexpr (sizeof(State) == 1) {
    const auto exponent = static_cast<int8_t>(params.feature_multiplier.exponent);
    RequantizeS8(
        {{&params.feature_multiplier.multiplier_q31, &exponent, 0}, 0, {INT8_MIN, INT8_MAX}}, sums,
        0, count, newest);
  } else {
    const RequantizerS16 requantizer(params.feature_multiplier);
    for (int32_t k = 0; k < count; ++k) newest[k] = static_cast<State>(requantizer.Apply(sums[k]));
  }
  for (int32_t k = 0; k < count; ++k, time += memory, state += memory) {
    sums[k] = Advance(time, memory, words, static_cast<State>(newest[k] + zero_point), state);
  }
}

}  // namespace

template <typename State>
void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
            const State* time, const int32_t* bias, State* state, int8_t* output) {
  const SvdfShape& shape = params.shape;
  const int32_t filters = shape.units * shape.rank;
  const auto time_exponent = static_cast<int8_t>(params.time_multiplier.exponent);
  const QuantizedOutput quantized = {{&params.time_multiplier.multiplier_q31, &time_exponent, 0},
                                     params.output_zero_point,
                                     {INT8_MIN, INT8_MAX}};
  int32_t sums[kBlock];
  for (int32_t b = 0; b < shape.batches; ++b, input += shape.inputs) {
    const WideOperand x(input, params.input_zero_point, shape.inputs);
    int32_t unit = 0, rank = 0, sum = 0;  // filters of the unit that have been added, their sum
    for (int32_t f = 0; f < filters; f += kBlock) {
      const int32_t count = filters - f < kBlock ? filters - f : kBlock;
      std::memset(sums, 0, sizeof sums);
      x.Add(feature + f * shape.inputs, shape.inputs, count, sums);
      AdvanceFilters(params, time + f * shape.memory, count, state, sums);
      state += count * shape.memory;
      int32_t ready = 0;  // units, which take the places of filters that have been added
      for (int32_t k = 0; k < count; ++k) {
        if (rank == 0) sum = bias != nullptr ? bias[unit] : 0;
        sum = AddWrapping(sum, sums[k]);
        if (++rank < shape.rank) continue;
        sums[ready++] = sum;
        ++unit;
        rank = 0;
      }
      RequantizeS8(quantized, sums, 0, ready, output);
      output += ready;
    }
  }
}

template void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
                     const int8_t* time, const int32_t* bias, int8_t* state, int8_t* output);
template void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
                     const int16_t* time, const int32_t* bias, int16_t* state, int8_t* output);

}  // namespace midge::arm_dsp
