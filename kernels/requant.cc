// SPDX-License-Identifier: Apache-2.0
#include "kernels/requant.h"

#include <cstring>

namespace midge {
namespace {

// A positive float as mantissa * 2^exponent, mantissa in [2^23, 2^24).
struct Decomposed {
  uint32_t mantissa;
  int32_t exponent;
};

Decomposed Decompose(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const uint32_t fraction = bits & 0x7fffff;
  const int32_t exponent = static_cast<int32_t>((bits >> 23) & 0xff);
  if (exponent != 0) return {fraction | 0x800000, exponent - 150};
  // Subnormal: value = fraction * 2^-149.
  const int32_t shift = __builtin_clz(fraction) - 8;
  return {fraction << shift, -149 - shift};
}

int32_t BitLength(uint64_t value) {
  const uint32_t high = static_cast<uint32_t>(value >> 32);
  return high != 0 ? 64 - __builtin_clz(high) : 32 - __builtin_clz(static_cast<uint32_t>(value));
}

// 2^80 / divisor, rounded down; divisor in [2^23, 2^24). Long division by bytes: every step fits a
// 32-bit divide.
uint64_t Reciprocal(uint32_t divisor) {
  uint32_t rest = 1u << 24;
  uint64_t quotient = 0;
  for (int step = 0; step < 8; ++step) {
    quotient = quotient << 8 | rest / divisor;
    rest = rest % divisor << 8;
  }
  return quotient;
}

// value * 2^exponent as a multiplier, as if the number it is the beginning of, of 55 to 57 bits,
// were first rounded to 53 bits. Those round up from half of the last of the 31 bits less half of
// the 53rd on.
QuantizedMultiplier RoundToMultiplier(uint64_t value, int32_t exponent) {
  exponent += 57;
  for (; value >> 56 == 0; --exponent) value <<= 1;
  auto q31 = static_cast<uint32_t>((value + (1u << 25) + (1u << 3)) >> 26);
  if (q31 >> 31 != 0) {
    q31 >>= 1;
    ++exponent;
  }
  if (exponent < -31) return {0, 0};
  return {static_cast<int32_t>(q31), exponent};
}

// The first 24 bits of a number and what follows them as zeros, rounded as floats are: ties to
// even.
uint64_t RoundToFloat(uint64_t value) {
  const int32_t excess = BitLength(value | 1) - 24;
  if (excess <= 0) return value;
  const uint64_t half = uint64_t{1} << (excess - 1);
  const uint64_t is_odd = value >> excess & 1;
  return (value + half - 1 + is_odd) >> excess << excess;
}

}  // namespace

FloatRescaler::FloatRescaler(float from, float to) {
  const Decomposed a = Decompose(from), b = Decompose(to);
  // 1 / to = inverse * 2^(-80 - exponent); only powers of two divide without a rest.
  const bool has_rest = b.mantissa != 1u << 23;
  const uint64_t inverse = RoundToFloat(Reciprocal(b.mantissa) | (has_rest ? 1 : 0));
  const int32_t inverse_zeros = BitLength(inverse) - 24;
  const uint64_t product = RoundToFloat(a.mantissa * (inverse >> inverse_zeros));
  const int32_t product_zeros = BitLength(product) - 24;
  mantissa_ = static_cast<uint32_t>(product >> product_zeros);
  exponent_ = a.exponent - b.exponent - 80 + inverse_zeros + product_zeros;
}

int32_t FloatRescaler::operator()(int32_t q, int32_t zero_point) const {
  const uint64_t a = RoundToFloat(static_cast<uint64_t>(q) * mantissa_);
  const uint64_t b = RoundToFloat(static_cast<uint64_t>(zero_point) * mantissa_);
  const uint64_t magnitude = RoundToFloat(a > b ? a - b : b - a);
  constexpr int32_t kMost = 1 << 30;
  int32_t rounded;
  if (exponent_ >= 0) {
    rounded = magnitude == 0 ? 0 : kMost;  // its 24 bits and more are in front of the point
  } else if (exponent_ < -40) {
    rounded = 0;
  } else {
    const uint64_t half = uint64_t{1} << (-exponent_ - 1);
    const uint64_t whole = (magnitude + half) >> -exponent_;
    rounded = whole < kMost ? static_cast<int32_t>(whole) : kMost;
  }
  return a > b ? rounded : -rounded;
}

MultiplierMaker::MultiplierMaker(float a, float c, int power) {
  const Decomposed da = Decompose(a), dc = Decompose(c);
  factor_ = da.mantissa;
  divisor_ = dc.mantissa;
  reciprocal_ = Reciprocal(divisor_);
  exponent_ = da.exponent - dc.exponent - 32 + power;
}

QuantizedMultiplier MultiplierMaker::operator()(float b) const {
  const Decomposed db = Decompose(b);
  const uint64_t numerator = static_cast<uint64_t>(factor_) * db.mantissa;
  // numerator * reciprocal / 2^48 is the quotient or up to 2 less; the rest tells.
  const uint64_t n_high = numerator >> 32, n_low = static_cast<uint32_t>(numerator);
  const uint64_t r_high = reciprocal_ >> 32, r_low = static_cast<uint32_t>(reciprocal_);
  const uint64_t middle = n_high * r_low + n_low * r_high + (n_low * r_low >> 32);
  uint64_t quotient = (n_high * r_high << 16) + (middle >> 16);
  // What is left, below 3 * divisor, so its low word is all of it.
  for (uint32_t rest = 0u - static_cast<uint32_t>(quotient) * divisor_; rest >= divisor_;
       rest -= divisor_) {
    ++quotient;
  }
  // 55 to 57 bits long.
  return RoundToMultiplier(quotient, exponent_ + db.exponent);
}

QuantizedMultiplier MultiplierOfFraction(uint64_t numerator, uint64_t denominator, int32_t power) {
  // Bit by bit, until there are as many as rounding needs.
  uint64_t rest = numerator, quotient = 0;
  for (; (quotient >> 55) == 0; --power) {
    rest <<= 1;
    quotient <<= 1;
    if (rest < denominator) continue;
    rest -= denominator;
    quotient |= 1;
  }
  return RoundToMultiplier(quotient, power);
}

QuantizedMultiplier MultiplierOfQuotient(float a, float b, float c) {
  const Decomposed da = Decompose(a), db = Decompose(b), dc = Decompose(c);
  return MultiplierOfFraction(da.mantissa, uint64_t{db.mantissa} * dc.mantissa,
                              da.exponent - db.exponent - dc.exponent);
}

QuantizedMultiplier MultiplierOfRatio(float a, float b, double c) {
  const Decomposed da = Decompose(a), db = Decompose(b);
  uint64_t bits;
  std::memcpy(&bits, &c, sizeof bits);
  const uint64_t mantissa = (bits & ((uint64_t{1} << 52) - 1)) | uint64_t{1} << 52;
  const int32_t exponent = static_cast<int32_t>(bits >> 52) - 1075;
  return MultiplierOfFraction(uint64_t{da.mantissa} * db.mantissa, mantissa,
                              da.exponent + db.exponent - exponent);
}

QuantizedMultiplier DivideMultiplier(QuantizedMultiplier m, int32_t count) {
  // As many bits as the count has are gained first, but the exponent stays at least -31.
  const int32_t bits = BitLength(static_cast<uint64_t>(count)) - 1;
  const int32_t gained = bits < 31 + m.exponent ? bits : 31 + m.exponent;
  const uint64_t numerator = static_cast<uint64_t>(m.multiplier_q31) << gained;
  uint32_t rest = 0, quotient = 0;
  for (int shift = 48; shift >= 0; shift -= 8) {
    rest = rest << 8 | (static_cast<uint32_t>(numerator >> shift) & 0xff);
    quotient = quotient << 8 | rest / static_cast<uint32_t>(count);
    rest %= static_cast<uint32_t>(count);
  }
  return {static_cast<int32_t>(quotient), m.exponent - gained};
}

int32_t QuantizeValue(float value, float scale) {
  constexpr int32_t kMost = 1 << 24;
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const bool negative = (bits >> 31) != 0;
  bits &= 0x7fffffff;
  if (bits == 0) return 0;
  float magnitude;
  std::memcpy(&magnitude, &bits, sizeof magnitude);
  const Decomposed dv = Decompose(magnitude), ds = Decompose(scale);
  int32_t exponent = dv.exponent - ds.exponent - 23;
  uint32_t rest = dv.mantissa;
  if (rest < ds.mantissa) {
    rest <<= 1;
    --exponent;
  }
  // The float quotient is q24 * 2^exponent, q24 in [2^23, 2^24]: one bit more, then rounded to
  // nearest, ties to even.
  uint32_t q25 = 0;
  for (int bit = 0; bit < 25; ++bit) {
    q25 <<= 1;
    if (rest >= ds.mantissa) {
      rest -= ds.mantissa;
      q25 |= 1;
    }
    rest <<= 1;
  }
  const bool up = (q25 & 1) != 0 && (rest != 0 || (q25 & 2) != 0);
  const uint32_t q24 = (q25 >> 1) + (up ? 1 : 0);
  int32_t rounded;
  if (exponent >= 0) {
    rounded = kMost;
  } else if (exponent < -25) {
    rounded = 0;
  } else {
    rounded = static_cast<int32_t>((q24 + (1u << (-exponent - 1))) >> -exponent);
  }
  return negative ? -rounded : rounded;
}

int32_t TruncateToInteger(float value, int32_t power) {
  const Decomposed d = Decompose(value);
  const int32_t shift = d.exponent + power;
  if (shift > 7) return INT32_MAX;
  if (shift >= 0) return static_cast<int32_t>(d.mantissa << shift);
  return shift > -24 ? static_cast<int32_t>(d.mantissa >> -shift) : 0;
}

bool IsNearPowerOfTwo(float scale, int power) {
  const Decomposed d = Decompose(scale);
  constexpr uint32_t kMost = 8394424;    // 2^23 * 2^(1/1000)
  constexpr uint32_t kLeast = 16765592;  // 2^24 / 2^(1/1000)
  const int32_t distance = d.exponent + 23 - power;
  return distance == 0 ? d.mantissa <= kMost : distance == -1 && d.mantissa >= kLeast;
}

bool ScalesAgree(float a, float b) {
  const Decomposed da = Decompose(a), db = Decompose(b);
  if (da.mantissa == db.mantissa && da.exponent == db.exponent) return true;
  // In units of 2^-43, or as many bits more as 32 bits ask for: a number that then loses bits is
  // too far from the other for them to count.
  constexpr int32_t kFractionBits = 43;
  constexpr uint32_t kMost = 8796093;  // 10^-6 * 2^43
  const int32_t exponent = da.exponent > db.exponent ? da.exponent : db.exponent;
  // From 16 on, neighbouring floats differ by more.
  if (exponent > -20) return false;
  const int32_t above = exponent + kFractionBits - 8;
  const int32_t dropped = above > 0 ? above : 0;
  const auto fixed_point = [&](Decomposed d) -> uint32_t {
    const int32_t shift = d.exponent + kFractionBits - dropped;
    if (shift >= 0) return d.mantissa << shift;
    return shift > -24 ? d.mantissa >> -shift : 0;
  };
  const uint32_t fa = fixed_point(da), fb = fixed_point(db);
  return (fa > fb ? fa - fb : fb - fa) <= kMost >> dropped;
}

ClampRange QuantizedActivationRange(Activation activation, QuantParam output, int32_t low,
                                    int32_t high) {
  int32_t min = low, max = high;
  if (activation != Activation::kNone) {
    const bool is_symmetric = activation == Activation::kReluN1To1;
    const int32_t most = QuantizeValue(is_symmetric ? 1.f : 6.f, output.scale);
    min = Clamp(output.zero_point - (is_symmetric ? most : 0), low, high);
    if (activation != Activation::kRelu) max = Clamp(output.zero_point + most, low, high);
  }
  return {static_cast<int16_t>(min), static_cast<int16_t>(max)};
}

FloatClampRange FloatActivationRange(Activation activation) {
  constexpr float kMost = FloatClampRange::kMost;
  switch (activation) {
    case Activation::kRelu:
      return {0.f, kMost};
    case Activation::kRelu6:
      return {0.f, 6.f};
    case Activation::kReluN1To1:
      return {-1.f, 1.f};
    case Activation::kNone:
      break;
  }
  return {-kMost, kMost};
}

IntegerClampRange IntegerActivationRange(Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return {0, INT32_MAX};
    case Activation::kRelu6:
      return {0, 6};
    case Activation::kReluN1To1:
      return {-1, 1};
    case Activation::kNone:
      break;
  }
  return {INT32_MIN, INT32_MAX};
}

Status MakeMultipliers(const PrepareContext& context, float input_scale,
                       Span<const float> filter_scales, float output_scale, int32_t most_exponent,
                       int32_t* multipliers, int8_t* exponents) {
  const MultiplierMaker multiplier(input_scale, output_scale);
  for (const float filter_scale : filter_scales) {
    const QuantizedMultiplier m = multiplier(filter_scale);
    if (m.exponent > most_exponent) {
      return context.Error(StatusCode::kBadQuantization, Operand::Input(1));
    }
    if (multipliers == nullptr || exponents == nullptr) continue;
    *multipliers++ = m.multiplier_q31;
    *exponents++ = static_cast<int8_t>(m.exponent);
  }
  return {};
}

Status AppendMultipliers(PrepareContext& context, float input_scale,
                         Span<const float> filter_scales, float output_scale,
                         int32_t most_exponent) {
  const int count = static_cast<int>(filter_scales.size());
  auto* const multipliers = context.NewArray<int32_t>(count);
  auto* const exponents = context.NewArray<int8_t>(count);
  return MakeMultipliers(context, input_scale, filter_scales, output_scale, most_exponent,
                         multipliers, exponents);
}

}  // namespace midge
