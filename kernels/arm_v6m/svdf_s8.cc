// SPDX-License-Identifier: Apache-2.0
//
// Features of many filters at once by the inner loop of fully connected layers; then each filter's
// history moves on while it is summed up.
#include <limits>
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/asm.h"
#include "kernels/arm_v6m/requantize.h"
#include "kernels/arm_v6m/taps.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kMostFilters = 64;  // whose features are on the stack together

// Moves a filter's history on by one step, but for the newest, and gives the sum of what is left
// under the weights.
template <typename State>
inline int32_t MoveOn(const State* time, int32_t steps, int32_t zero_point, State* state) {
  int32_t sum = 0;
  for (int32_t i = 0; i < steps; ++i) {
    const State value = state[i + 1];
    state[i] = value;
    sum = AddWrapping(sum, MultiplyWrapping(value - zero_point, time[i]));
  }
  return sum;
}

#if MIDGE_ARM_V6M_ASM
template <>
inline int32_t MoveOn(const int8_t* time, int32_t steps, int32_t zero_point, int8_t* state) {
  int32_t sum = 0;
  if (steps == 0) return sum;
  int32_t i = -steps, value, weight;
  asm volatile(
      ".syntax unified\n"
      "1:\n\t"
      "ldrsb   %[value], [%[from], %[i]]\n\t"
      "ldrsb   %[weight], [%[time], %[i]]\n\t"
      "strb    %[value], [%[to], %[i]]\n\t"
      "add     %[value], %[value], %[minus_zero_point]\n\t"
      "muls    %[value], %[weight], %[value]\n\t"
      "adds    %[sum], %[sum], %[value]\n\t"
      "adds    %[i], %[i], #1\n\t"
      "bne     1b"
      : [i] "+l"(i), [sum] "+l"(sum), [value] "=&l"(value), [weight] "=&l"(weight)
      : [from] "l"(state + steps + 1), [to] "l"(state + steps), [time] "l"(time + steps),
        [minus_zero_point] "h"(-zero_point)
      : "cc", "memory");
  return sum;
}
#endif

// Saturated to the state's type, without its zero point.
template <typename State>
class Feature {
 public:
  explicit Feature(QuantizedMultiplier multiplier) : multiplier_(multiplier) {}
  int32_t Apply(int32_t x) const {
    return Clamp(RequantizeByHalves(x, multiplier_.multiplier_q31, multiplier_.exponent),
                 std::numeric_limits<State>::min(), std::numeric_limits<State>::max());
  }

 private:
  QuantizedMultiplier multiplier_;
};

// One multiplier's line, to int8.
class Line {
 public:
  Line(QuantizedMultiplier multiplier, int32_t zero_point)
      : multiplier_q31_(multiplier.multiplier_q31),
        exponent_(static_cast<int8_t>(multiplier.exponent)),
        output_{{&multiplier_q31_, &exponent_, 0},
                static_cast<int16_t>(zero_point),
                {INT8_MIN, INT8_MAX}},
        scale_(output_) {
    scale_.SetChannel(output_, 0);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  int32_t Apply(int32_t x) const {
    return scale_.S8(output_, static_cast<uint32_t>(x) - static_cast<uint32_t>(scale_.origin));
  }

 private:
  int32_t multiplier_q31_;
  int8_t exponent_;
  QuantizedOutput output_;
  Scale scale_;
};

template <>
class Feature<int8_t> : public Line {
 public:
  explicit Feature(QuantizedMultiplier multiplier) : Line(multiplier, 0) {}
};

}  // namespace

template <typename State>
void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
            const State* time, const int32_t* bias, State* state, int8_t* output) {
  const SvdfShape& shape = params.shape;
  const int32_t filters = shape.units * shape.rank, steps = shape.memory - 1;
  const int32_t zero_point = params.state_zero_point;
  const Feature<State> newest(params.feature_multiplier);
  const Line to_output(params.time_multiplier, params.output_zero_point);
  for (int32_t b = 0; b < shape.batches; ++b, input += shape.inputs) {
    const State* t = time;
    const int32_t* next_bias = bias;
    int32_t left = shape.rank;  // filters of the unit whose sum this is
    int32_t sum = 0;
    for (int32_t f = 0; f < filters; f += kMostFilters) {
      const int32_t count = filters - f < kMostFilters ? filters - f : kMostFilters;
      int32_t dots[kMostFilters];
      for (int32_t k = 0; k < count; ++k) dots[k] = 0;
      AddProducts(input, shape.inputs, params.input_zero_point, feature + f * shape.inputs,
                  shape.inputs, count, dots);
      for (int32_t k = 0; k < count; ++k) {
        sum = AddWrapping(sum, MoveOn(t, steps, zero_point, state));
        t += steps;
        state += steps;
        *state = static_cast<State>(newest.Apply(dots[k]) + zero_point);
        sum = AddWrapping(sum, MultiplyWrapping(*state++ - zero_point, *t++));
        if (--left > 0) continue;
        if (bias != nullptr) sum = AddWrapping(sum, *next_bias++);
        *output++ = static_cast<int8_t>(to_output.Apply(sum));
        left = shape.rank;
        sum = 0;
      }
    }
  }
}

template decltype(portable::SvdfS8<int8_t>) SvdfS8<int8_t>;
template decltype(portable::SvdfS8<int16_t>) SvdfS8<int16_t>;

}  // namespace midge::arm_v6m
