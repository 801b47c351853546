// SPDX-License-Identifier: Apache-2.0
//
// The vector instructions of Arm's MVE (Helium) that these kernels use, each with a C++ twin, so
// that the variant compiles, runs under sanitizers and is tested on any machine. A vector holds 16
// int8, 8 int16 or 4 int32 lanes. With a count, a function touches that many lanes, the first (all,
// if there are not as many); others are 0 after loading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "kernels/fixed_point.h"

#if defined(__arm__)
#if !defined(__ARM_FEATURE_MVE)
#error "kernels/arm_mve needs a core with Helium (Cortex-M55, M85)"
#endif
#include <arm_mve.h>
#define MIDGE_ARM_MVE_ASM 1
#else
#define MIDGE_ARM_MVE_ASM 0
#endif
// Vectors of floats, which a core may lack. They flush denormal numbers to 0.
#if MIDGE_ARM_MVE_ASM && (__ARM_FEATURE_MVE & 2) != 0
#define MIDGE_ARM_MVE_FLOAT_ASM 1
#else
#define MIDGE_ARM_MVE_FLOAT_ASM 0
#endif

namespace midge::arm_mve {

#if MIDGE_ARM_MVE_ASM

using S8x16 = int8x16_t;
using S16x8 = int16x8_t;
using S32x4 = int32x4_t;

inline S8x16 LoadS8(const int8_t* p) { return vldrbq_s8(p); }
// In assembly, as compilers move predicates to general registers and back.
inline S8x16 LoadS8(const int8_t* p, int32_t count) {
  S8x16 r;
  asm("vctp.8 %2\n\tvpst\n\tvldrbt.8 %q0, [%1]" : "=w"(r) : "r"(p), "r"(count) : "p0", "memory");
  return r;
}
inline void StoreS8(int8_t* p, S8x16 x) { vstrbq_s8(p, x); }
inline void StoreS8(int8_t* p, S8x16 x, int32_t count) {
  vstrbq_p_s8(p, x, vctp8q(static_cast<uint32_t>(count)));
}
inline S8x16 SplatS8(int32_t x) { return vdupq_n_s8(static_cast<int8_t>(x)); }
// Eight times an int16, as bytes.
inline S8x16 SplatS16(int32_t x) {
  return vreinterpretq_s8_s16(vdupq_n_s16(static_cast<int16_t>(x)));
}
inline S8x16 Max(S8x16 a, S8x16 b) { return vmaxq_s8(a, b); }
inline S8x16 Min(S8x16 a, S8x16 b) { return vminq_s8(a, b); }
// Bit i is whether a - b is no int8 in lane i.
inline uint32_t LanesWide(S8x16 a, S8x16 b) { return vcmpneq_s8(vqsubq_s8(a, b), vsubq_s8(a, b)); }
// acc + the sum of all lanes.
inline int32_t SumS8(S8x16 x, int32_t acc) { return vaddvaq_s8(acc, x); }

// Elements of int8 as int32 lanes, and back: the low bytes of lanes.
inline S32x4 LoadS8AsS32(const int8_t* p) { return vldrbq_s32(p); }
inline S32x4 LoadS8AsS32(const int8_t* p, int32_t count) {
  return vldrbq_z_s32(p, vctp32q(static_cast<uint32_t>(count)));
}
inline void StoreS32AsS8(int8_t* p, S32x4 x) { vstrbq_s32(p, x); }
inline void StoreS32AsS8(int8_t* p, S32x4 x, int32_t count) {
  asm volatile("vctp.32 %2\n\tvpst\n\tvstrbt.32 %q1, [%0]"
               :
               : "l"(p), "w"(x), "r"(count)
               : "p0", "memory");
}

// Elements of int16 likewise.
inline S32x4 LoadS16AsS32(const int16_t* p) { return vldrhq_s32(p); }
inline void StoreS32AsS16(int16_t* p, S32x4 x) { vstrhq_s32(p, x); }
inline S32x4 LoadS16AsS32(const int16_t* p, int32_t count) {
  return vldrhq_z_s32(p, vctp32q(static_cast<uint32_t>(count)));
}
inline void StoreS32AsS16(int16_t* p, S32x4 x, int32_t count) {
  vstrhq_p_s32(p, x, vctp32q(static_cast<uint32_t>(count)));
}

inline S32x4 LoadS32(const int32_t* p) { return vldrwq_s32(p); }
inline S32x4 LoadS32(const int32_t* p, int32_t count) {
  return vldrwq_z_s32(p, vctp32q(static_cast<uint32_t>(count)));
}
inline void StoreS32(int32_t* p, S32x4 x) { vstrwq_s32(p, x); }
inline void StoreS32(int32_t* p, S32x4 x, int32_t count) {
  vstrwq_p_s32(p, x, vctp32q(static_cast<uint32_t>(count)));
}
// Lanes of both in turns.
inline void StoreInterleaved(int32_t* p, S32x4 even, S32x4 odd) {
  const int32x4x2_t both = {{even, odd}};
  vst2q_s32(p, both);
}
inline S32x4 SplatS32(int32_t x) { return vdupq_n_s32(x); }
inline S32x4 Lanes(int32_t a, int32_t b, int32_t c, int32_t d) {
  S32x4 r;
  asm("vmov %q0[2], %q0[0], %1, %2\n\tvmov %q0[3], %q0[1], %3, %4"
      : "=&w"(r)
      : "r"(a), "r"(c), "r"(b), "r"(d));
  return r;
}
inline S32x4 Abs(S32x4 x) { return vabsq_s32(x); }
inline S32x4 Add(S32x4 a, S32x4 b) { return vaddq_s32(a, b); }  // modulo 2^32
inline S32x4 Subtract(S32x4 a, S32x4 b) { return vsubq_s32(a, b); }
inline S32x4 Add(S32x4 a, int32_t b) { return vaddq_n_s32(a, b); }
inline S32x4 Multiply(S32x4 a, int32_t b) { return vmulq_n_s32(a, b); }  // modulo 2^32
inline S32x4 Multiply(S32x4 a, S32x4 b) { return vmulq_s32(a, b); }
inline S32x4 And(S32x4 a, S32x4 b) { return vandq_s32(a, b); }
inline S32x4 Xor(S32x4 a, S32x4 b) { return veorq_s32(a, b); }
inline S32x4 Max(S32x4 a, S32x4 b) { return vmaxq_s32(a, b); }
inline S32x4 Min(S32x4 a, S32x4 b) { return vminq_s32(a, b); }
inline S32x4 SignOf(S32x4 x) { return vshrq_n_s32(x, 31); }  // -1 or 0
// acc + the sum of all lanes, modulo 2^32.
inline int32_t SumS32(S32x4 x, int32_t acc) { return vaddvaq_s32(acc, x); }
// round(a * b / 2^31), halves up, saturated: VQRDMULH.
inline S32x4 MultiplyHigh(S32x4 a, S32x4 b) { return vqrdmulhq_s32(a, b); }
inline S32x4 MultiplyHigh(S32x4 a, int32_t b) { return vqrdmulhq_n_s32(a, b); }
// By 2^shift, shift in [-31, 31]: modulo 2^32, or down with halves up: VRSHL, VSHL.
inline S32x4 RoundingShift(S32x4 x, S32x4 shift) { return vrshlq_s32(x, shift); }
inline S32x4 Shift(S32x4 x, S32x4 shift) { return vshlq_s32(x, shift); }
inline S32x4 RoundingShift(S32x4 x, int32_t shift) { return vrshlq_n_s32(x, shift); }
inline S32x4 Shift(S32x4 x, int32_t shift) { return vshlq_r_s32(x, shift); }
// Lane i from p[offset[i]].
inline S32x4 GatherS32(const int32_t* p, S32x4 offset) {
  return vldrwq_gather_shifted_offset_s32(p, vreinterpretq_u32_s32(offset));
}
inline S32x4 GatherS8AsS32(const int8_t* p, S32x4 offset) {
  return vldrbq_gather_offset_s32(p, vreinterpretq_u32_s32(offset));
}
inline S32x4 GatherU16AsS32(const uint16_t* p, S32x4 offset) {
  return vreinterpretq_s32_u32(vldrhq_gather_shifted_offset_u32(p, vreinterpretq_u32_s32(offset)));
}
// The low bits of lane i to p[offset[i]].
inline void ScatterS32(int8_t* p, S32x4 offset, S32x4 x, int32_t count) {
  vstrbq_scatter_offset_p_s32(p, vreinterpretq_u32_s32(offset), x,
                              vctp32q(static_cast<uint32_t>(count)));
}
inline void ScatterS32(int16_t* p, S32x4 offset, S32x4 x, int32_t count) {
  vstrhq_scatter_shifted_offset_p_s32(p, vreinterpretq_u32_s32(offset), x,
                                      vctp32q(static_cast<uint32_t>(count)));
}
// Lanes of a and b in turns, saturated to half as many bits.
inline S16x8 NarrowToS16(S32x4 a, S32x4 b) {
  S16x8 r;
  asm("vqmovnb.s32 %q0, %q1\n\tvqmovnt.s32 %q0, %q2" : "=&w"(r) : "w"(a), "w"(b));
  return r;
}
inline S8x16 NarrowToS8(S16x8 a, S16x8 b) {
  S8x16 r;
  asm("vqmovnb.s16 %q0, %q1\n\tvqmovnt.s16 %q0, %q2" : "=&w"(r) : "w"(a), "w"(b));
  return r;
}
inline S16x8 AddSaturating(S16x8 a, int32_t b) { return vqaddq_n_s16(a, static_cast<int16_t>(b)); }
// Each lane saturated to int8.
inline S32x4 SaturateToS8(S32x4 x) {
  asm("vqmovnb.s32 %q0, %q0\n\tvqmovnb.s16 %q0, %q0" : "+w"(x));
  return x;
}

// Each lane saturated to int16, in its lower half; its upper half stays.
inline S32x4 SaturateLowToS16(S32x4 x) {
  asm("vqmovnb.s32 %q0, %q0" : "+w"(x));
  return x;
}

#else

template <typename T, int kLanes>
struct Vector {
  T lane[kLanes];
};
using S8x16 = Vector<int8_t, 16>;
using S16x8 = Vector<int16_t, 8>;
using S32x4 = Vector<int32_t, 4>;

namespace twin {

// r.lane[i] = f(i).
template <typename V, typename F>
inline V Make(const F& f) {
  V r;
  int i = 0;
  for (auto& lane : r.lane) lane = static_cast<std::remove_reference_t<decltype(lane)> >(f(i++));
  return r;
}

inline int32_t Wrap(int64_t x) { return static_cast<int32_t>(static_cast<uint32_t>(x)); }

}  // namespace twin

inline S8x16 LoadS8(const int8_t* p, int32_t count) {
  return twin::Make<S8x16>([=](int i) { return i < count ? p[i] : 0; });
}
inline S8x16 LoadS8(const int8_t* p) { return LoadS8(p, 16); }
inline void StoreS8(int8_t* p, S8x16 x, int32_t count) {
  for (int i = 0; i < count && i < 16; ++i) p[i] = x.lane[i];
}
inline void StoreS8(int8_t* p, S8x16 x) { StoreS8(p, x, 16); }
inline S8x16 SplatS8(int32_t x) {
  return twin::Make<S8x16>([=](int) { return x; });
}
inline S8x16 Max(S8x16 a, S8x16 b) {
  return twin::Make<S8x16>([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}
inline S8x16 Min(S8x16 a, S8x16 b) {
  return twin::Make<S8x16>([&](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}
inline uint32_t LanesWide(S8x16 a, S8x16 b) {
  uint32_t wide = 0;
  for (int i = 0; i < 16; ++i) {
    const int32_t difference = a.lane[i] - b.lane[i];
    wide |= (difference != static_cast<int8_t>(difference) ? 1u : 0u) << i;
  }
  return wide;
}
inline int32_t SumS8(S8x16 x, int32_t acc) {
  for (const int8_t lane : x.lane) acc = twin::Wrap(int64_t{acc} + lane);
  return acc;
}

inline S32x4 LoadS8AsS32(const int8_t* p, int32_t count) {
  return twin::Make<S32x4>([=](int i) { return i < count ? p[i] : 0; });
}
inline S32x4 LoadS8AsS32(const int8_t* p) { return LoadS8AsS32(p, 4); }
inline void StoreS32AsS8(int8_t* p, S32x4 x, int32_t count) {
  for (int i = 0; i < count && i < 4; ++i) p[i] = static_cast<int8_t>(x.lane[i]);
}
inline void StoreS32AsS8(int8_t* p, S32x4 x) { StoreS32AsS8(p, x, 4); }

inline S32x4 LoadS16AsS32(const int16_t* p, int32_t count) {
  return twin::Make<S32x4>([=](int i) { return i < count ? p[i] : 0; });
}
inline void StoreS32AsS16(int16_t* p, S32x4 x, int32_t count) {
  for (int i = 0; i < count && i < 4; ++i) p[i] = static_cast<int16_t>(x.lane[i]);
}
inline S32x4 LoadS16AsS32(const int16_t* p) { return LoadS16AsS32(p, 4); }
inline void StoreS32AsS16(int16_t* p, S32x4 x) { StoreS32AsS16(p, x, 4); }

inline S32x4 LoadS32(const int32_t* p, int32_t count) {
  return twin::Make<S32x4>([=](int i) { return i < count ? p[i] : 0; });
}
inline S32x4 LoadS32(const int32_t* p) { return LoadS32(p, 4); }
inline void StoreS32(int32_t* p, S32x4 x, int32_t count) {
  for (int i = 0; i < count && i < 4; ++i) p[i] = x.lane[i];
}
inline void StoreS32(int32_t* p, S32x4 x) { StoreS32(p, x, 4); }
inline void StoreInterleaved(int32_t* p, S32x4 even, S32x4 odd) {
  for (int i = 0; i < 8; ++i) p[i] = (i % 2 == 0 ? even : odd).lane[i / 2];
}
inline S32x4 SplatS32(int32_t x) { return {{x, x, x, x}}; }
inline S32x4 Lanes(int32_t a, int32_t b, int32_t c, int32_t d) { return {{a, b, c, d}}; }
inline S32x4 Abs(S32x4 x) {
  return twin::Make<S32x4>(
      [&](int i) { return twin::Wrap(x.lane[i] < 0 ? -int64_t{x.lane[i]} : x.lane[i]); });
}
inline S32x4 Subtract(S32x4 a, S32x4 b) {
  return twin::Make<S32x4>([&](int i) { return twin::Wrap(int64_t{a.lane[i]} - b.lane[i]); });
}
inline S32x4 Add(S32x4 a, S32x4 b) {
  return twin::Make<S32x4>([&](int i) { return twin::Wrap(int64_t{a.lane[i]} + b.lane[i]); });
}
inline S32x4 Add(S32x4 a, int32_t b) { return Add(a, SplatS32(b)); }
inline S32x4 Multiply(S32x4 a, int32_t b) {
  return twin::Make<S32x4>([&](int i) { return twin::Wrap(int64_t{a.lane[i]} * b); });
}
inline S32x4 Multiply(S32x4 a, S32x4 b) {
  return twin::Make<S32x4>([&](int i) { return twin::Wrap(int64_t{a.lane[i]} * b.lane[i]); });
}
inline S32x4 Xor(S32x4 a, S32x4 b) {
  return twin::Make<S32x4>([&](int i) { return a.lane[i] ^ b.lane[i]; });
}
inline S32x4 And(S32x4 a, S32x4 b) {
  return twin::Make<S32x4>([&](int i) { return a.lane[i] & b.lane[i]; });
}
inline S32x4 Max(S32x4 a, S32x4 b) {
  return twin::Make<S32x4>([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}
inline S32x4 Min(S32x4 a, S32x4 b) {
  return twin::Make<S32x4>([&](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}
inline S32x4 SignOf(S32x4 x) {
  return twin::Make<S32x4>([&](int i) { return x.lane[i] >> 31; });
}
inline int32_t SumS32(S32x4 x, int32_t acc) {
  for (const int32_t lane : x.lane) acc = AddWrapping(acc, lane);
  return acc;
}
inline S32x4 MultiplyHigh(S32x4 a, S32x4 b) {
  return twin::Make<S32x4>([&](int i) {
    const int64_t product = int64_t{a.lane[i]} * b.lane[i] + (int64_t{1} << 30);
    return product >> 31 > INT32_MAX ? INT32_MAX : static_cast<int32_t>(product >> 31);
  });
}
inline S32x4 Shift(S32x4 x, S32x4 shift) {
  return twin::Make<S32x4>([&](int i) {
    const int32_t by = shift.lane[i];
    return by < 0 ? x.lane[i] >> -by : twin::Wrap(static_cast<int64_t>(uint64_t(x.lane[i]) << by));
  });
}
inline S32x4 RoundingShift(S32x4 x, S32x4 shift) {
  return twin::Make<S32x4>([&](int i) {
    const int32_t by = shift.lane[i];
    if (by >= 0) return twin::Wrap(static_cast<int64_t>(uint64_t(x.lane[i]) << by));
    return static_cast<int32_t>((int64_t{x.lane[i]} + (int64_t{1} << (-by - 1))) >> -by);
  });
}
inline S32x4 MultiplyHigh(S32x4 a, int32_t b) { return MultiplyHigh(a, SplatS32(b)); }
inline S32x4 Shift(S32x4 x, int32_t shift) { return Shift(x, SplatS32(shift)); }
inline S32x4 RoundingShift(S32x4 x, int32_t shift) { return RoundingShift(x, SplatS32(shift)); }
inline S32x4 GatherS32(const int32_t* p, S32x4 offset) {
  return twin::Make<S32x4>([&](int i) { return p[offset.lane[i]]; });
}
inline S32x4 GatherS8AsS32(const int8_t* p, S32x4 offset) {
  return twin::Make<S32x4>([&](int i) { return p[offset.lane[i]]; });
}
inline S32x4 GatherU16AsS32(const uint16_t* p, S32x4 offset) {
  return twin::Make<S32x4>([&](int i) { return p[offset.lane[i]]; });
}
template <typename T>
inline void ScatterS32(T* p, S32x4 offset, S32x4 x, int32_t count) {
  for (int i = 0; i < count && i < 4; ++i) p[offset.lane[i]] = static_cast<T>(x.lane[i]);
}
namespace twin {
template <typename To>
inline To Saturate(int32_t x) {
  constexpr int32_t kMin = std::numeric_limits<To>::min(), kMax = std::numeric_limits<To>::max();
  return static_cast<To>(x < kMin ? kMin : x > kMax ? kMax : x);
}
}  // namespace twin
inline S16x8 NarrowToS16(S32x4 a, S32x4 b) {
  return twin::Make<S16x8>(
      [&](int i) { return twin::Saturate<int16_t>((i % 2 == 0 ? a : b).lane[i / 2]); });
}
inline S8x16 NarrowToS8(S16x8 a, S16x8 b) {
  return twin::Make<S8x16>(
      [&](int i) { return twin::Saturate<int8_t>((i % 2 == 0 ? a : b).lane[i / 2]); });
}
inline S16x8 AddSaturating(S16x8 a, int32_t b) {
  return twin::Make<S16x8>([&](int i) { return twin::Saturate<int16_t>(a.lane[i] + b); });
}
inline S32x4 SaturateToS8(S32x4 x) { return Max(Min(x, SplatS32(INT8_MAX)), SplatS32(INT8_MIN)); }
inline S32x4 SaturateLowToS16(S32x4 x) {
  return Max(Min(x, SplatS32(INT16_MAX)), SplatS32(INT16_MIN));
}

#endif

// x * m * 2^(e - 31) as docs/NUMERICS.md, "Requantization", rounds it, for lanes with e in [-31,
// -1]. VRSHL rounds halves up; a step down for negative numbers makes that away from zero.
template <typename Factor, typename Exponent>
inline S32x4 RequantizeDown(S32x4 x, Factor m, Exponent e) {
  const S32x4 y = MultiplyHigh(x, m);
  return RoundingShift(Add(y, SignOf(y)), e);
}

// The same for all e in [-31, 30]: left shifts come first, and without a right shift nothing steps.
inline S32x4 Requantize(S32x4 x, S32x4 m, S32x4 e) {
  const S32x4 zero = SplatS32(0);
  const S32x4 y = MultiplyHigh(Shift(x, Max(e, zero)), m);
  return RoundingShift(Add(y, SignOf(And(y, e))), Min(e, zero));
}

// The same for one multiplier, with what depends on that alone worked out before a loop.
class RequantizerS32 {
 public:
  explicit RequantizerS32(QuantizedMultiplier m)
      : multiplier_q31_(m.multiplier_q31),
        left_(m.exponent > 0 ? m.exponent : 0),
        right_(m.exponent < 0 ? m.exponent : 0),
        step_(SplatS32(m.exponent < 0 ? -1 : 0)) {}
  S32x4 Apply(S32x4 x) const {
    const S32x4 y = MultiplyHigh(Shift(x, left_), multiplier_q31_);
    return RoundingShift(Add(y, And(SignOf(y), step_)), right_);
  }

 private:
  int32_t multiplier_q31_, left_, right_;
  S32x4 step_;
};

}  // namespace midge::arm_mve
