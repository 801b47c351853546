// SPDX-License-Identifier: Apache-2.0
//
// As the portable kernel, four elements at a time: MultiplyHigh is its MultiplyQ, and as nothing
// that it shifts down with rounding is negative, RoundingShift is that.
#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/helium.h"
#include "kernels/arm_mve/requantize.h"
#include "kernels/fixed_point_math.h"
#include "kernels/portable/softmax.h"

namespace midge::arm_mve {
namespace {

// Where the mask is -1; else b.
inline S32x4 Select(S32x4 mask, S32x4 a, S32x4 b) { return Xor(b, And(Xor(a, b), mask)); }

// ExpOfNonPositive<5>.
inline S32x4 Exp(S32x4 a) {
  constexpr int32_t kIntegerBits = 5, kQuarterBits = 31 - kIntegerBits - 2;
  constexpr int32_t kQuarter = 1 << kQuarterBits;
  constexpr int32_t kExpOfMinusEighth = 1895147668, kThird = 715827883;
  constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308,
                                  39332535,   720401,     242};
  const S32x4 fraction = Add(And(a, SplatS32(kQuarter - 1)), -kQuarter);
  const S32x4 x = Add(Shift(fraction, kIntegerBits), 1 << 28);
  const S32x4 x2 = MultiplyHigh(x, x), x3 = MultiplyHigh(x2, x), x4 = MultiplyHigh(x2, x2);
  const S32x4 cubic = Add(RoundingShift(x4, -2), x3);
  const S32x4 tail = RoundingShift(Add(MultiplyHigh(cubic, kThird), x2), -1);
  S32x4 result = Add(MultiplyHigh(Add(x, tail), kExpOfMinusEighth), kExpOfMinusEighth);
  const S32x4 quarters = Shift(Subtract(fraction, a), -kQuarterBits);
  int32_t to_sign = 31;
  for (const int32_t factor : kFactors) {
    result = Select(SignOf(Shift(quarters, to_sign--)), MultiplyHigh(result, factor), result);
  }
  return Select(SignOf(a), result, SplatS32(INT32_MAX));
}

// exp(-distance * beta * scale) in Q0.
[[gnu::noinline]] S32x4 Exponentials(const SoftmaxS8Params& params, S32x4 distance) {
  const S32x4 scaled = Shift(Subtract(SplatS32(0), distance), params.multiplier.exponent);
  const S32x4 result = Exp(MultiplyHigh(scaled, params.multiplier.multiplier_q31));
  return And(result, SignOf(Add(distance, -params.distance_limit - 1)));
}

// One row of the op: its exponentials stand at each element's place, or, if all are there already,
// at its distance from the maximum.
void SoftmaxRow(const SoftmaxS8Params& params, const int8_t* input, bool by_distance,
                int32_t* exponentials, uint8_t* output) {
  const int32_t channels = params.shape.channels;
  const S32x4 max = SplatS32(MaxS8(input, channels)), lanes = Lanes(0, 1, 2, 3);
  const auto distances = [&](int32_t c) {
    return Subtract(max, LoadS8AsS32(input + c, channels - c));
  };
  S32x4 sums = SplatS32(0);
  for (int32_t c = 0; c < channels; c += 4) {
    S32x4 e;
    if (by_distance) {
      // Lanes behind the row have the distance of a 0, if that is one.
      e = GatherS32(exponentials, Max(distances(c), SplatS32(0)));
    } else {
      e = Exponentials(params, distances(c));
      StoreS32(exponentials + c, e, channels - c);
    }
    const S32x4 in_row = SignOf(Add(lanes, c - channels));
    sums = Add(sums, And(RoundingShift(e, -kSoftmaxS8SumIntegerBits), in_row));
  }
  const auto sum = static_cast<uint32_t>(SumS32(sums, 0));
  const bool wide = params.wide_output;
  const int32_t headroom = sum == 0 ? 31 : __builtin_clz(sum);
  const int32_t reciprocal = OneOverOnePlus(static_cast<int32_t>((sum << headroom) & 0x7fffffff));
  // VRSHL knows shifts by more than 31 as well: nothing is left of what is not negative.
  const int32_t shift = -SoftmaxS8Shift(headroom, wide ? 16 : 8);
  const int32_t low = wide ? INT16_MIN : INT8_MIN;
  for (int32_t c = 0; c < channels; c += 4) {
    const S32x4 e = by_distance ? GatherS32(exponentials, Max(distances(c), SplatS32(0)))
                                : LoadS32(exponentials + c, channels - c);
    const S32x4 value = Add(RoundingShift(MultiplyHigh(e, reciprocal), shift), low);
    if (wide) {
      StoreS32AsS16(reinterpret_cast<int16_t*>(output) + c, SaturateLowToS16(value), channels - c);
    } else {
      StoreS32AsS8(reinterpret_cast<int8_t*>(output) + c, SaturateToS8(value), channels - c);
    }
  }
}

void Softmax(const SoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
             int32_t* exponentials, const RowView<uint8_t>& output) {
  portable::ForEachSoftmaxRow(
      params, input, rows, output,
      [&] {
        for (int32_t d = 0; d < kSoftmaxS8Exponentials; d += 4) {
          StoreS32(exponentials + d, Exponentials(params, Add(Lanes(0, 1, 2, 3), d)));
        }
      },
      [&](const int8_t* x, bool by_distance, uint8_t* out) {
        SoftmaxRow(params, x, by_distance, exponentials, out);
      });
}

}  // namespace

void SoftmaxS8(const SoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
               int32_t* exponentials, const RowView<int8_t>& output) {
  Softmax(params, input, rows, exponentials, output.AsBytes());
}

void SoftmaxS8S16(const SoftmaxS8Params& params, const RowView<const int8_t>& input, Rows rows,
                  int32_t* exponentials, const RowView<int16_t>& output) {
  Softmax(params, input, rows, exponentials, output.AsBytes());
}

}  // namespace midge::arm_mve
