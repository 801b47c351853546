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
  for (; memory > 0; memory -= kLanes, time += kLanes, state += kLanes) {
    const uint32_t word = memory > kLanes ? LoadWord(state + 1)
                                          : LoadWord(state) >> 8 * sizeof(State) |
                                                static_cast<uint32_t>(newest)
                                                    << 8 * (sizeof(uint32_t) - sizeof(State));
    std::memcpy(state, &word, sizeof word);
    sum = words.Add(time, LoadWord(time), word, sum);
  }
  return sum;
}

}  // namespace

template <typename State>
void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
            const State* time, const int32_t* bias, State* state, int8_t* output) {
  const SvdfShape& shape = params.shape;
  const int32_t filters = shape.units * shape.rank;
  const Words words(params.state_zero_point);
  const RequantizerS16 requantizer(params.feature_multiplier);
  const bool fits = requantizer.fits();
  const auto time_exponent = static_cast<int8_t>(params.time_multiplier.exponent);
  const QuantizedOutput quantized = {{&params.time_multiplier.multiplier_q31, &time_exponent, 0},
                                     params.output_zero_point,
                                     {INT8_MIN, INT8_MAX}};
  int32_t dots[kBlock], sums[kBlock];
  for (int32_t b = 0; b < shape.batches; ++b, input += shape.inputs) {
    const WideOperand x(input, params.input_zero_point, shape.inputs);
    const int32_t* unit_bias = bias;
    const State* t = time;
    int32_t rank = 0, ready = 0;  // filters of the unit that have been added, units in `sums`
    for (int32_t f = 0; f < filters; f += kBlock) {
      const int32_t count = filters - f < kBlock ? filters - f : kBlock;
      std::memset(dots, 0, sizeof dots);
      x.Add(feature + f * shape.inputs, shape.inputs, count, dots);
      for (int32_t k = 0; k < count; ++k, t += shape.memory, state += shape.memory) {
        int32_t newest = fits ? requantizer.ApplyFitting(dots[k]) : requantizer.Apply(dots[k]);
        if constexpr (sizeof(State) == 1) newest = Ssat8(newest);
        if (rank == 0) sums[ready] = unit_bias != nullptr ? *unit_bias++ : 0;
        sums[ready] = AddWrapping(
            sums[ready], Advance(t, shape.memory, words,
                                 static_cast<State>(newest + params.state_zero_point), state));
        if (++rank < shape.rank) continue;
        rank = 0;
        if (++ready == kBlock) {
          RequantizeS8(quantized, sums, 0, ready, output);
          output += ready;
          ready = 0;
        }
      }
    }
    RequantizeS8(quantized, sums, 0, ready, output);
    output += ready;
  }
}

template void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
                     const int8_t* time, const int32_t* bias, int8_t* state, int8_t* output);
template void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
                     const int16_t* time, const int32_t* bias, int16_t* state, int8_t* output);

}  // namespace midge::arm_dsp
