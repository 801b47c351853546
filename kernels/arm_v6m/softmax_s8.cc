// SPDX-License-Identifier: Apache-2.0
//
// The portable kernel's exponentials; sums and quotients of one multiplication.
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/fixed_point_math.h"
#include "kernels/portable/softmax.h"

namespace midge::arm_v6m {
namespace {

// exp(-distance * beta * scale) in Q0.
[[gnu::noinline]] int32_t Exponential(const SoftmaxS8Params& params, int32_t distance) {
  if (distance > params.distance_limit) return 0;
  const auto scaled =
      static_cast<int32_t>(static_cast<uint32_t>(-distance) << params.multiplier.exponent);
  return ExpOfNonPositive<5>(MultiplyQ(scaled, params.multiplier.multiplier_q31));
}

// What an exponential is multiplied and shifted by.
struct Quotient {
  int32_t reciprocal;
  uint32_t half;
  int32_t shift;
};

// Exponentials stand `offset` from where their elements say, or (step 1) in the order of these.
// count > 0. The product of the upper halves is short of the whole by less than kError in units of
// 2^-31: where that makes no difference to 8 bits, as nearly everywhere, the rest is not
// multiplied.
template <typename Out>
[[gnu::noinline]] void Divide(const Quotient& by, const int32_t* exponentials, int32_t offset,
                              int32_t step, const int8_t* input, int32_t count, Out* output) {
  constexpr bool kIsShort = sizeof(Out) == 1;
  constexpr uint32_t kError = (1 << 17) + 2;
  constexpr uint32_t kMost = kIsShort ? UINT8_MAX : UINT16_MAX;
  constexpr int32_t kLow = kIsShort ? INT8_MIN : INT16_MIN;
  const auto [reciprocal, half, shift] = by;
  const auto reciprocal_high = static_cast<uint32_t>(reciprocal >> 16);
  const int8_t* const end = input + count;
  do {
    const int32_t exponential = exponentials[offset + (*input++ & (step - 1))];
    offset += step;
    const uint32_t least = static_cast<uint32_t>(exponential >> 16) * reciprocal_high * 2 + half;
    uint32_t quotient = least >> shift;
    if (!kIsShort || (least + kError) >> shift != quotient) {
      quotient = (static_cast<uint32_t>(MultiplyQ(exponential, reciprocal)) + half) >> shift;
    }
    *output++ = static_cast<Out>(static_cast<int32_t>(quotient < kMost ? quotient : kMost) + kLow);
  } while (input != end);
}

// One row of the op. Exponentials stand at each element's place, or, if all are there already, at
// 255 less its distance from the maximum. One function for both widths, since an image that links
// one links the other.
[[gnu::noinline]] void SoftmaxRow(const SoftmaxS8Params& params, const int8_t* input,
                                  bool by_distance, int32_t* exponentials, uint8_t* output) {
  const int8_t* const end = input + params.shape.channels;
  int32_t max = INT8_MIN;
  const int8_t* x = input;
  do {
    max = *x > max ? *x : max;
  } while (++x != end);
  const int32_t offset = by_distance ? kSoftmaxS8Exponentials - 1 - max : 0;
  uint32_t sum = 0;
  x = input;
  do {
    int32_t exponential;
    if (by_distance) {
      exponential = exponentials[offset + *x];
    } else {
      exponential = exponentials[x - input] = Exponential(params, max - *x);
    }
    sum += (static_cast<uint32_t>(exponential) + (1 << (kSoftmaxS8SumIntegerBits - 1))) >>
           kSoftmaxS8SumIntegerBits;
  } while (++x != end);
  const bool wide = params.wide_output;
  const int32_t headroom = sum == 0 ? 31 : __builtin_clz(sum);
  const auto fraction = static_cast<int32_t>((sum << headroom) & 0x7fffffff);
  const int32_t shift = SoftmaxS8Shift(headroom, wide ? 16 : 8);
  Quotient by = {0, 0, 0};  // what shifts above 31 leave
  if (shift <= 31) by = {OneOverOnePlus(fraction), shift > 0 ? 1u << (shift - 1) : 0, shift};
  const int32_t channels = params.shape.channels;
  const int32_t step = by_distance ? 0 : 1;
  if (wide) {
    Divide(by, exponentials, offset, step, input, channels, reinterpret_cast<int16_t*>(output));
  } else {
    Divide(by, exponentials, offset, step, input, channels, reinterpret_cast<int8_t*>(output));
  }
}

void Softmax(const SoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
             int32_t* exponentials, const RowView<uint8_t>& output) {
  portable::ForEachSoftmaxRow(
      params, input, rows, output,
      [&] {
        for (int32_t d = 0; d < kSoftmaxS8Exponentials; ++d) {
          exponentials[kSoftmaxS8Exponentials - 1 - d] = Exponential(params, d);
        }
      },
      [&](const int8_t* x, bool by_distance, uint8_t* out) {
        SoftmaxRow(params, x, by_distance, exponentials, out);
      });
}

}  // namespace

static_assert(std::is_same_v<decltype(SoftmaxS8), decltype(portable::SoftmaxS8)>);
static_assert(std::is_same_v<decltype(SoftmaxS8S16), decltype(portable::SoftmaxS8S16)>);

void SoftmaxS8(const SoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
               int32_t* exponentials, const RowView<int8_t>& output) {
  Softmax(params, input, rows, exponentials, output.AsBytes());
}

void SoftmaxS8S16(const SoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
                  int32_t* exponentials, const RowView<int16_t>& output) {
  Softmax(params, input, rows, exponentials, output.AsBytes());
}

}  // namespace midge::arm_v6m
