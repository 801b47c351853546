// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "kernels/fixed_point_math.h"
#include "kernels/portable/portable.h"
#include "kernels/portable/softmax.h"

namespace midge::portable {
namespace {

// exp(-distance * beta * scale) in Q0.
[[gnu::noinline]] int32_t Exponential(const SoftmaxS8Params& params, int32_t distance) {
  if (distance > params.distance_limit) return 0;
  const int32_t scaled =
      static_cast<int32_t>(static_cast<uint32_t>(-distance) << params.multiplier.exponent);
  return ExpOfNonPositive<5>(MultiplyQ(scaled, params.multiplier.multiplier_q31));
}

// One row of the op: `channels` elements, to results of 16 bits if the output is wide, else of 8.
// Exponentials stand at each element's place, or, if all are there already, at its distance from
// the maximum. One function for both widths, since an image that links one links the other.
template <typename In>
[[gnu::noinline]] void SoftmaxRow(const SoftmaxS8Params& params, const In* input, bool by_distance,
                                  int32_t* exponentials, void* output) {
  const bool wide = params.wide_output;
  const int32_t low = wide ? INT16_MIN : int32_t{std::numeric_limits<In>::min()};
  const int32_t output_bits = wide ? 16 : 8;
  const int32_t high = low + (1 << output_bits) - 1;
  const int32_t channels = params.shape.channels;
  int32_t max = input[0];
  for (int32_t c = 1; c < channels; ++c) max = input[c] > max ? input[c] : max;
  uint32_t sum = 0;
  for (int32_t c = 0; c < channels; ++c) {
    const int32_t distance = max - input[c];
    if (!by_distance) exponentials[c] = Exponential(params, distance);
    const int32_t exponential = exponentials[by_distance ? distance : c];
    sum += static_cast<uint32_t>(RoundingShiftRight(exponential, kSoftmaxS8SumIntegerBits));
  }
  // sum = 2^integer_bits * (1 + fraction): at least 1, which is what the maximum contributes,
  // unless it has wrapped.
  const int32_t headroom = sum == 0 ? 31 : __builtin_clz(sum);
  const int32_t fraction = static_cast<int32_t>((sum << headroom) & 0x7fffffff);
  const int32_t reciprocal = OneOverOnePlus(fraction);
  const int32_t shift = SoftmaxS8Shift(headroom, output_bits);
  for (int32_t c = 0; c < channels; ++c) {
    const int32_t exponential = exponentials[by_distance ? max - input[c] : c];
    const int32_t quotient = MultiplyQ(exponential, reciprocal);
    const int32_t value = (shift > 31 ? 0 : RoundingShiftRight(quotient, shift)) + low;
    const int32_t result = value < high ? value : high;
    if (wide) {
      static_cast<int16_t*>(output)[c] = static_cast<int16_t>(result);
    } else {
      static_cast<In*>(output)[c] = static_cast<In>(result);
    }
  }
}

// Output: int16_t if it is wide, else In.
template <typename In>
void Softmax(const SoftmaxS8Params& params, const RowView<const In>& input, Rows rows,
             int32_t* exponentials, const RowView<uint8_t>& output) {
  ForEachSoftmaxRow(
      params, input, rows, output,
      [&] {
        for (int32_t d = 0; d < kSoftmaxS8Exponentials; ++d)
          exponentials[d] = Exponential(params, d);
      },
      [&](const In* x, bool by_distance, uint8_t* out) {
        SoftmaxRow(params, x, by_distance, exponentials, out);
      });
}

}  // namespace

void SoftmaxS8(const SoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
               int32_t* exponentials, const RowView<int8_t>& output) {
  Softmax(params, input, rows, exponentials, output.AsBytes());
}

void SoftmaxU8(const SoftmaxS8Params& params, const RowView<const uint8_t>& input, Rows rows,
               int32_t* exponentials, const RowView<uint8_t>& output) {
  Softmax(params, input, rows, exponentials, output);
}

void SoftmaxS8S16(const SoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
                  int32_t* exponentials, const RowView<int16_t>& output) {
  Softmax(params, input, rows, exponentials, output.AsBytes());
}

}  // namespace midge::portable
