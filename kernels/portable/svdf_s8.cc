// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "kernels/portable/dot.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

// Moves a filter's history on by one step, `newest` at its end, and gives its sum under the
// weights.
template <typename State>
int32_t Advance(const State* time, int32_t memory, int32_t zero_point, State newest, State* state) {
  int32_t sum = 0;
  for (State* const last = state + memory - 1; state != last; ++state) {
    const State value = state[1];
    *state = value;
    sum = AddWrapping(sum, MultiplyWrapping(value - zero_point, *time++));
  }
  *state = newest;
  return AddWrapping(sum, MultiplyWrapping(newest - zero_point, *time));
}

}  // namespace

template <typename State>
void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
            const State* time, const int32_t* bias, State* state, int8_t* output) {
  const SvdfShape& shape = params.shape;
  const int32_t zero_point = params.state_zero_point;
  const auto newest = [&](int32_t dot) {
    const int32_t value =
        Clamp(Requantize(dot, params.feature_multiplier), std::numeric_limits<State>::min(),
              std::numeric_limits<State>::max());
    return static_cast<State>(value + zero_point);
  };
  for (int32_t b = 0; b < shape.batches; ++b, input += shape.inputs) {
    const int8_t* w = feature;
    const State* t = time;
    int32_t ready = 0;  // of the filters in `dots`, those not used yet
    int32_t dots[kDotChannels] = {};
    int32_t left = shape.units * shape.rank;  // filters not yet in `dots`
    for (int32_t u = 0; u < shape.units; ++u) {
      int32_t sum = bias != nullptr ? bias[u] : 0;
      for (int32_t r = 0; r < shape.rank; ++r) {
        if (ready == 0) {
          ready = left >= kDotChannels ? kDotChannels : 1;
          left -= ready;
          for (int32_t& dot : dots) dot = 0;
          if (ready == kDotChannels) {
            Dot4(input, params.input_zero_point, w, shape.inputs, shape.inputs, dots);
          } else {
            dots[kDotChannels - 1] = Dot1(input, params.input_zero_point, w, shape.inputs, 0);
          }
          w += ready * shape.inputs;
        }
        const int32_t dot = dots[kDotChannels - ready--];
        sum = AddWrapping(sum, Advance(t, shape.memory, zero_point, newest(dot), state));
        t += shape.memory;
        state += shape.memory;
      }
      const int32_t value =
          AddWrapping(Requantize(sum, params.time_multiplier), params.output_zero_point);
      *output++ = static_cast<int8_t>(Clamp(value, INT8_MIN, INT8_MAX));
    }
  }
}

template void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
                     const int8_t* time, const int32_t* bias, int8_t* state, int8_t* output);
template void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
                     const int16_t* time, const int32_t* bias, int16_t* state, int8_t* output);

}  // namespace midge::portable
