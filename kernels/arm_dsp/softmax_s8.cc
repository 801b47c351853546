// SPDX-License-Identifier: Apache-2.0
//
// The functions of kernels/fixed_point_math.h with each product one instruction.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/intrinsics.h"
#include "kernels/portable/softmax.h"

namespace midge::arm_dsp {
namespace {

// MultiplyQ(a, b) is TimesSmall(a, Doubled(b)) for |b| < 2^30, and TimesLarge for b in [2^30,
// 2^31): then 2b leaves int32, and what it became there is 2^32 short, which is a of the result.
constexpr int32_t Doubled(int32_t b) { return static_cast<int32_t>(static_cast<uint32_t>(b) << 1); }
inline int32_t TimesSmall(int32_t a, int32_t doubled_b) { return Smmlar(a, doubled_b, 0); }
inline int32_t TimesLarge(int32_t a, int32_t doubled_b) { return Smmlar(a, doubled_b, a); }

// ExpOfNonPositive<5>.
int32_t Exp(int32_t a) {
  if (a == 0) return INT32_MAX;
  constexpr int32_t kIntegerBits = 5, kQuarterBits = 31 - kIntegerBits - 2;
  static constexpr int32_t kFactors[] = {
      Doubled(1672461947), Doubled(1302514674), Doubled(790015084), Doubled(290630308),
      Doubled(39332535),   Doubled(720401),     Doubled(242)};
  constexpr int32_t kExpOfMinusEighth = 1895147668, kThird = 715827883;
  const int32_t fraction = a | -(1 << kQuarterBits);
  const int32_t x = fraction * (1 << kIntegerBits) + (1 << 28);
  // What is halved here is not negative: halves go up.
  const int32_t x2 = TimesSmall(x, 2 * x);
  const int32_t x4 = TimesSmall(x2, 2 * x2);
  const int32_t cubic = ((x4 + 2) >> 2) + TimesSmall(x2, 2 * x);
  const int32_t y = x + ((Smmlar(cubic, Doubled(kThird), x2) + 1) >> 1);
  int32_t result = AddWrapping(kExpOfMinusEighth, TimesLarge(y, Doubled(kExpOfMinusEighth)));
  auto quarters = static_cast<uint32_t>(fraction - a) >> kQuarterBits;
  for (const int32_t* factor = kFactors; quarters != 0; ++factor, quarters >>= 1) {
    if ((quarters & 1) == 0) continue;
    // Large ones are negative.
    result = Smmlar(result, *factor, result & *factor >> 31);
  }
  return result;
}

// OneOverOnePlus.
int32_t Reciprocal(int32_t a) {
  constexpr int32_t k48Over17 = 1515870810, kMinus32Over17 = -1010580540, kOne = 1 << 29;
  const uint32_t d = (static_cast<uint32_t>(a) + 0x80000000u) >> 1;
  const auto doubled_d = static_cast<int32_t>(d << 1);
  int32_t x = Smmlar(static_cast<int32_t>(d), Doubled(kMinus32Over17), k48Over17);
  for (int i = 0; i < 3; ++i) x += TimesSmall(x, 2 * (kOne - TimesLarge(x, doubled_d))) * 4;
  return x >= 1 << 30 ? INT32_MAX : x * 2;
}

// What an exponential is multiplied and shifted by.
struct Quotient {
  int32_t doubled_reciprocal, half, shift;
};

// Of elements whose exponentials stand `offset` from where they say themselves; count > 0.
template <typename Out>
[[gnu::noinline]] void Divide(const Quotient& by, const int32_t* exponentials, int32_t offset,
                              const int8_t* input, int32_t count, Out* output) {
  constexpr int32_t kLow = std::is_same_v<Out, int8_t> ? INT8_MIN : INT16_MIN;
  const auto [factor, half, shift] = by;
  const int32_t large = factor >> 31;
  const int8_t* const end = input + count;
  do {
    const int32_t exponential = exponentials[offset + *input++];
    const auto y =
        static_cast<uint32_t>(Smmlar(exponential, factor, AddWrapping(exponential & large, half)));
    const int32_t value = static_cast<int32_t>(y >> shift) + kLow;
    *output++ = static_cast<Out>(kLow == INT8_MIN ? Ssat8(value) : Ssat16(value));
  } while (input != end);
}

// exp(-distance * beta * scale) in Q0.
[[gnu::noinline]] int32_t Exponential(const SoftmaxS8Params& params, int32_t distance) {
  if (distance > params.distance_limit) return 0;
  const auto scaled =
      static_cast<int32_t>(static_cast<uint32_t>(-distance) << params.multiplier.exponent);
  return Exp(TimesLarge(scaled, Doubled(params.multiplier.multiplier_q31)));
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
  int32_t offset = kSoftmaxS8Exponentials - 1 - max;
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
  if (shift <= 31) {
    by = {Doubled(Reciprocal(fraction)), shift > 0 ? 1 << (shift - 1) : 0, shift};
  }
  const int32_t at_once = by_distance ? params.shape.channels : 1;
  x = input;
  do {
    if (!by_distance) offset = static_cast<int32_t>(x - input) - *x;
    if (wide) {
      Divide(by, exponentials, offset, x, at_once, reinterpret_cast<int16_t*>(output));
    } else {
      Divide(by, exponentials, offset, x, at_once, reinterpret_cast<int8_t*>(output));
    }
    output += wide ? 2 : 1;
    x += at_once;
  } while (x != end);
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

}  // namespace midge::arm_dsp
