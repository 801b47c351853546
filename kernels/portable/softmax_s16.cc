// SPDX-License-Identifier: Apache-2.0
#include "kernels/interpolated_table.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

struct Table {
  static constexpr int kSteps = kInterpolatedSteps;
  int16_t values[kSteps + 1];

  int32_t At(int32_t x) const { return Interpolated(values, x); }
};

constexpr float Round(float x) {
  const auto whole = static_cast<int32_t>(x >= 0 ? x + 0.5f : x - 0.5f);
  return static_cast<float>(whole);
}

// f on [low, high] to Q15, each value lowered by half of what the chord to the next is above f in
// its middle. The field's values: so its floats, in its order. Made by the compiler.
template <typename F>
constexpr Table MakeTable(float low, float high, const F& f) {
  constexpr float kOne = 32768.f;
  const float step = (high - low) / Table::kSteps;
  Table table = {};
  for (int i = 0; i < Table::kSteps; ++i) {
    const float x = low + static_cast<float>(i) * step;
    const float here = Round(f(x) * kOne);
    const float middle = Round(f(x + step / 2) * kOne);
    const float next = f(low + static_cast<float>(i + 1) * step) * kOne;
    const float value = here - Round((Round((next + here) / 2) - middle) / 2);
    table.values[i] = static_cast<int16_t>(value < kOne - 1 ? value : kOne - 1);
  }
  const float last = Round(f(high) * kOne);
  table.values[Table::kSteps] = static_cast<int16_t>(last < kOne - 1 ? last : kOne - 1);
  return table;
}

// By the series of a sixteenth of it.
constexpr float Exp(float x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 20; ++k) {
    term *= static_cast<double>(x) / (16 * k);
    sum += term;
  }
  for (int i = 0; i < 4; ++i) sum *= sum;
  return static_cast<float>(sum);
}
constexpr float OneOverOnePlus(float x) { return 1.f / (1.f + x); }

constexpr Table kExp = MakeTable(-10.f, 0.f, Exp);
constexpr Table kOneOverOnePlus = MakeTable(0.f, 1.f, OneOverOnePlus);

void SoftmaxRow(const SoftmaxS16Params& params, const Requantizer& scale, const int16_t* input,
                int16_t* output) {
  const int32_t channels = params.shape.channels;
  int32_t max = input[0];
  for (int32_t c = 1; c < channels; ++c) max = input[c] > max ? input[c] : max;
  uint32_t sum = 0;
  for (int32_t c = 0; c < channels; ++c) {
    const int32_t x = scale.Apply(input[c] - max) + INT16_MAX;
    const int32_t exponential = kExp.At(x > INT16_MIN ? x : INT16_MIN);
    output[c] = static_cast<int16_t>(exponential);
    sum += static_cast<uint32_t>(exponential);
  }
  // sum = 2^(16 - headroom) * (1 + fraction) in Q15; the fraction over all of int16.
  const int32_t headroom = __builtin_clz(sum) - 1;
  const int32_t fraction =
      static_cast<int32_t>(((sum << headroom) + (1u << 13)) >> 14) - (1 << 16) - (1 << 15);
  const int32_t reciprocal = kOneOverOnePlus.At(fraction < INT16_MAX ? fraction : INT16_MAX);
  const int32_t shift = 30 - headroom;
  for (int32_t c = 0; c < channels; ++c) {
    const int32_t quotient = (output[c] * reciprocal + (1 << (shift - 1))) >> shift;
    output[c] = static_cast<int16_t>(quotient < INT16_MAX ? quotient : INT16_MAX);
  }
}

}  // namespace

void SoftmaxS16(const SoftmaxS16Params& params, const RowView<const int16_t>& input, Rows rows,
                const RowView<int16_t>& output) {
  const SoftmaxShape& shape = params.shape;
  const Requantizer scale(params.multiplier);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    for (int32_t i = 0; i < shape.rows.elements; i += shape.channels) {
      SoftmaxRow(params, scale, input.Row(y) + i, output.Row(y) + i);
    }
  }
}

}  // namespace midge::portable
