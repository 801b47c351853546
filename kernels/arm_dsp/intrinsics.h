// SPDX-License-Identifier: Apache-2.0
//
// The instructions of Arm's DSP extension that these kernels use, each with a C++ twin, so that the
// variant compiles, runs under sanitizers and is tested on any machine. A word holds four int8
// lanes or two int16 lanes, the first in the lowest bits.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__arm__)
#if !defined(__ARM_FEATURE_SIMD32)
#error "kernels/arm_dsp needs a core with the DSP extension (Cortex-M4, M7, M33 with DSP)"
#endif
#define MIDGE_ARM_DSP_ASM 1
#else
#define MIDGE_ARM_DSP_ASM 0
#endif
// Single-precision registers, which not all cores of the family have.
#if MIDGE_ARM_DSP_ASM && defined(__ARM_FP) && (__ARM_FP & 4) != 0
#define MIDGE_ARM_DSP_FLOAT_ASM 1
#else
#define MIDGE_ARM_DSP_FLOAT_ASM 0
#endif

namespace midge::arm_dsp {

// Whether bytes count more than instructions (MIDGE_OPTIMIZE=size): kernels leave out ways that are
// only faster. They ask for the same scratch, so that the arena stays the same.
#if defined(MIDGE_OPTIMIZE_SIZE)
inline constexpr bool kSmall = true;
#else
inline constexpr bool kSmall = false;
#endif

// Four bytes from any address, four or two lanes: one LDR, which these cores do unaligned.
inline uint32_t Load32(const int8_t* p) {
  uint32_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}
inline uint32_t Load32(const int16_t* p) {
  uint32_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}
inline void Store32(int8_t* p, uint32_t word) { std::memcpy(p, &word, sizeof word); }
inline void Store32(int16_t* p, uint32_t word) { std::memcpy(p, &word, sizeof word); }

#if MIDGE_ARM_DSP_ASM

// *p = x: one STRB or STRH, where compilers would first gather a word.
template <typename T>
inline void Store(T* p, int32_t x) {
  if constexpr (sizeof(T) == 1) asm("strb %1, %0" : "=m"(*p) : "r"(x));
  if constexpr (sizeof(T) == 2) asm("strh %1, %0" : "=m"(*p) : "r"(x));
}

// Lanes 0 and 2 of x as int16.
inline uint32_t Sxtb16(uint32_t x) {
  uint32_t r;
  asm("sxtb16 %0, %1" : "=r"(r) : "r"(x));
  return r;
}
// Lanes 1 and 3.
inline uint32_t Sxtb16Ror8(uint32_t x) {
  uint32_t r;
  asm("sxtb16 %0, %1, ror #8" : "=r"(r) : "r"(x));
  return r;
}
// The same added to the int16 lanes of a, each modulo 2^16.
inline uint32_t Sxtab16(uint32_t a, uint32_t x) {
  uint32_t r;
  asm("sxtab16 %0, %1, %2" : "=r"(r) : "r"(a), "r"(x));
  return r;
}
inline uint32_t Sxtab16Ror8(uint32_t a, uint32_t x) {
  uint32_t r;
  asm("sxtab16 %0, %1, %2, ror #8" : "=r"(r) : "r"(a), "r"(x));
  return r;
}

// a + lane 0, 1, 2, 3 of x, modulo 2^32.
inline int32_t Sxtab(int32_t a, uint32_t x) {
  int32_t r;
  asm("sxtab %0, %1, %2" : "=r"(r) : "r"(a), "r"(x));
  return r;
}
inline int32_t SxtabRor8(int32_t a, uint32_t x) {
  int32_t r;
  asm("sxtab %0, %1, %2, ror #8" : "=r"(r) : "r"(a), "r"(x));
  return r;
}
inline int32_t SxtabRor16(int32_t a, uint32_t x) {
  int32_t r;
  asm("sxtab %0, %1, %2, ror #16" : "=r"(r) : "r"(a), "r"(x));
  return r;
}
inline int32_t SxtabRor24(int32_t a, uint32_t x) {
  int32_t r;
  asm("sxtab %0, %1, %2, ror #24" : "=r"(r) : "r"(a), "r"(x));
  return r;
}

// a + int16 lane 0, 1 of x, modulo 2^32.
inline int32_t Sxtah(int32_t a, uint32_t x) {
  int32_t r;
  asm("sxtah %0, %1, %2" : "=r"(r) : "r"(a), "r"(x));
  return r;
}
inline int32_t SxtahRor16(int32_t a, uint32_t x) {
  int32_t r;
  asm("sxtah %0, %1, %2, ror #16" : "=r"(r) : "r"(a), "r"(x));
  return r;
}

// acc + a.0 * b.0 + a.1 * b.1 for int16 lanes, modulo 2^32.
inline int32_t Smlad(uint32_t a, uint32_t b, int32_t acc) {
  int32_t r;
  asm("smlad %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(acc));
  return r;
}

// acc + a.0 * b.0, acc + a.0 * b.1, acc + a.1 * b.0, and acc + a.1 * b.1, modulo 2^32.
inline int32_t Smlabb(uint32_t a, uint32_t b, int32_t acc) {
  int32_t r;
  asm("smlabb %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(acc));
  return r;
}
inline int32_t Smlabt(uint32_t a, uint32_t b, int32_t acc) {
  int32_t r;
  asm("smlabt %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(acc));
  return r;
}
inline int32_t Smlatb(uint32_t a, uint32_t b, int32_t acc) {
  int32_t r;
  asm("smlatb %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(acc));
  return r;
}
inline int32_t Smlatt(uint32_t a, uint32_t b, int32_t acc) {
  int32_t r;
  asm("smlatt %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(acc));
  return r;
}

// acc + round(a * b / 2^32), halves up, modulo 2^32.
inline int32_t Smmlar(int32_t a, int32_t b, int32_t acc) {
  int32_t r;
  asm("smmlar %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(acc));
  return r;
}

// 2 * x, saturated.
inline int32_t QDouble(int32_t x) {
  int32_t r;
  asm("qadd %0, %1, %1" : "=r"(r) : "r"(x));
  return r;
}

// x saturated to int8.
inline int32_t Ssat8(int32_t x) {
  int32_t r;
  asm("ssat %0, #8, %1" : "=r"(r) : "r"(x));
  if (r < INT8_MIN || r > INT8_MAX) __builtin_unreachable();
  return r;
}

// x >> 1 saturated to int8.
inline int32_t Ssat8Asr1(int32_t x) {
  int32_t r;
  asm("ssat %0, #8, %1, asr #1" : "=r"(r) : "r"(x));
  return r;
}

// x saturated to int16.
inline int32_t Ssat16(int32_t x) {
  int32_t r;
  asm("ssat %0, #16, %1" : "=r"(r) : "r"(x));
  if (r < INT16_MIN || r > INT16_MAX) __builtin_unreachable();
  return r;
}

// x saturated to 19 bits.
inline int32_t Ssat19(int32_t x) {
  int32_t r;
  asm("ssat %0, #19, %1" : "=r"(r) : "r"(x));
  return r;
}

// x >> 1 saturated to int16.
inline int32_t Ssat16Asr1(int32_t x) {
  int32_t r;
  asm("ssat %0, #16, %1, asr #1" : "=r"(r) : "r"(x));
  return r;
}

// int16 lanes 0 of a and b; lanes 1 of a and b.
inline uint32_t PackBottoms(uint32_t a, uint32_t b) {
  uint32_t r;
  asm("pkhbt %0, %1, %2, lsl #16" : "=r"(r) : "r"(a), "r"(b));
  return r;
}
inline uint32_t PackTops(uint32_t a, uint32_t b) {
  uint32_t r;
  asm("pkhtb %0, %1, %2, asr #16" : "=r"(r) : "r"(b), "r"(a));
  return r;
}

// The larger, the smaller of each pair of int8 lanes.
inline uint32_t Max4S8(uint32_t a, uint32_t b) {
  uint32_t r;
  asm("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(r) : "r"(a), "r"(b));
  return r;
}
inline uint32_t Min4S8(uint32_t a, uint32_t b) {
  uint32_t r;
  asm("ssub8 %0, %1, %2\n\tsel %0, %2, %1" : "=&r"(r) : "r"(a), "r"(b));
  return r;
}

#else

namespace twin {

inline int32_t Lane8(uint32_t x, int lane) { return static_cast<int8_t>(x >> (8 * lane)); }
inline int32_t Lane16(uint32_t x, int lane) { return static_cast<int16_t>(x >> (16 * lane)); }
inline uint32_t Lanes16(int32_t low, int32_t high) {
  return static_cast<uint16_t>(low) | static_cast<uint32_t>(high) << 16;
}

}  // namespace twin

template <typename T>
inline void Store(T* p, int32_t x) {
  *p = static_cast<T>(x);
}

inline uint32_t Sxtab16(uint32_t a, uint32_t x) {
  return twin::Lanes16(twin::Lane16(a, 0) + twin::Lane8(x, 0),
                       twin::Lane16(a, 1) + twin::Lane8(x, 2));
}
inline uint32_t Sxtab16Ror8(uint32_t a, uint32_t x) { return Sxtab16(a, x >> 8); }
inline uint32_t Sxtb16(uint32_t x) { return Sxtab16(0, x); }
inline uint32_t Sxtb16Ror8(uint32_t x) { return Sxtab16(0, x >> 8); }

inline int32_t Sxtab(int32_t a, uint32_t x) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(twin::Lane8(x, 0)));
}
inline int32_t SxtabRor8(int32_t a, uint32_t x) { return Sxtab(a, x >> 8); }
inline int32_t SxtabRor16(int32_t a, uint32_t x) { return Sxtab(a, x >> 16); }
inline int32_t SxtabRor24(int32_t a, uint32_t x) { return Sxtab(a, x >> 24); }

inline int32_t Sxtah(int32_t a, uint32_t x) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(twin::Lane16(x, 0)));
}
inline int32_t SxtahRor16(int32_t a, uint32_t x) { return Sxtah(a, x >> 16); }

inline int32_t Smlad(uint32_t a, uint32_t b, int32_t acc) {
  const uint32_t first = static_cast<uint32_t>(twin::Lane16(a, 0) * twin::Lane16(b, 0));
  const uint32_t second = static_cast<uint32_t>(twin::Lane16(a, 1) * twin::Lane16(b, 1));
  return static_cast<int32_t>(static_cast<uint32_t>(acc) + first + second);
}

inline int32_t Smlabb(uint32_t a, uint32_t b, int32_t acc) {
  return Smlad(a & 0xffff, b & 0xffff, acc);
}
inline int32_t Smlabt(uint32_t a, uint32_t b, int32_t acc) { return Smlabb(a, b >> 16, acc); }
inline int32_t Smlatb(uint32_t a, uint32_t b, int32_t acc) { return Smlabb(a >> 16, b, acc); }
inline int32_t Smlatt(uint32_t a, uint32_t b, int32_t acc) { return Smlabb(a >> 16, b >> 16, acc); }

inline int32_t Smmlar(int32_t a, int32_t b, int32_t acc) {
  const int64_t product = static_cast<int64_t>(a) * b + 0x80000000LL;
  return static_cast<int32_t>(static_cast<uint32_t>(acc) + static_cast<uint32_t>(product >> 32));
}

inline int32_t QDouble(int32_t x) {
  if (x > INT32_MAX / 2) return INT32_MAX;
  if (x < INT32_MIN / 2) return INT32_MIN;
  return x * 2;
}

inline int32_t Ssat16(int32_t x) {
  return x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x;
}
inline int32_t Ssat19(int32_t x) {
  constexpr int32_t kEnd = 1 << 18;
  return x < -kEnd ? -kEnd : x >= kEnd ? kEnd - 1 : x;
}
inline int32_t Ssat8(int32_t x) { return x < INT8_MIN ? INT8_MIN : x > INT8_MAX ? INT8_MAX : x; }
inline int32_t Ssat8Asr1(int32_t x) { return Ssat8(x >> 1); }
inline int32_t Ssat16Asr1(int32_t x) { return Ssat16(x >> 1); }

inline uint32_t PackBottoms(uint32_t a, uint32_t b) { return (a & 0xffff) | b << 16; }
inline uint32_t PackTops(uint32_t a, uint32_t b) { return a >> 16 | (b & 0xffff0000); }

inline uint32_t Max4S8(uint32_t a, uint32_t b) {
  uint32_t r = 0;
  for (int i = 0; i < 4; ++i) {
    const int32_t x = twin::Lane8(a, i), y = twin::Lane8(b, i);
    r |= static_cast<uint32_t>(static_cast<uint8_t>(x > y ? x : y)) << (8 * i);
  }
  return r;
}
inline uint32_t Min4S8(uint32_t a, uint32_t b) { return ~Max4S8(~a, ~b); }

#endif

#if MIDGE_ARM_DSP_FLOAT_ASM

// 2 * x towards zero, saturated to int16 or int32; 0 of a NaN.
inline int32_t HalvesS16(float x) {
  asm("vcvt.s16.f32 %0, %0, #1" : "+t"(x));
  int32_t r;
  std::memcpy(&r, &x, sizeof r);
  return r;
}
inline int32_t HalvesS32(float x) {
  asm("vcvt.s32.f32 %0, %0, #1" : "+t"(x));
  int32_t r;
  std::memcpy(&r, &x, sizeof r);
  return r;
}

// scale * a, scale * b, … to out[0] to out[3], each rounded once.
inline void StoreScaled4(float scale, int32_t a, int32_t b, int32_t c, int32_t d, float* out) {
  asm volatile(
      "vmov         s0, s1, %[a], %[b]\n\t"
      "vmov         s2, s3, %[c], %[d]\n\t"
      "vcvt.f32.s32 s0, s0\n\t"
      "vcvt.f32.s32 s1, s1\n\t"
      "vcvt.f32.s32 s2, s2\n\t"
      "vcvt.f32.s32 s3, s3\n\t"
      "vmul.f32     s0, s0, %[scale]\n\t"
      "vmul.f32     s1, s1, %[scale]\n\t"
      "vmul.f32     s2, s2, %[scale]\n\t"
      "vmul.f32     s3, s3, %[scale]\n\t"
      "vstm         %[out], {s0-s3}"
      :
      : [a] "r"(a), [b] "r"(b), [c] "r"(c), [d] "r"(d), [scale] "t"(scale), [out] "r"(out)
      : "s0", "s1", "s2", "s3", "memory");
}

#else

inline int32_t HalvesS32(float x) {
  constexpr float kEnd = 1 << 30;
  if (x >= kEnd) return INT32_MAX;
  if (x <= -kEnd) return INT32_MIN;
  return x == x ? static_cast<int32_t>(2 * x) : 0;
}
inline int32_t HalvesS16(float x) {
  const int32_t halves = HalvesS32(x);
  return halves < INT16_MIN ? INT16_MIN : halves > INT16_MAX ? INT16_MAX : halves;
}

inline void StoreScaled4(float scale, int32_t a, int32_t b, int32_t c, int32_t d, float* out) {
  out[0] = scale * static_cast<float>(a);
  out[1] = scale * static_cast<float>(b);
  out[2] = scale * static_cast<float>(c);
  out[3] = scale * static_cast<float>(d);
}

#endif

// The same int16 or int8 in all lanes.
inline uint32_t Splat16(int32_t x) { return static_cast<uint16_t>(x) * 0x10001u; }
inline uint32_t Splat8(int32_t x) { return static_cast<uint8_t>(x) * 0x01010101u; }

// f(0), f(1), ... f(kCount - 1), so that arrays indexed by it can live in registers.
template <int kCount, typename F>
[[gnu::always_inline]] inline void Unrolled(const F& f) {
  if constexpr (kCount > 0) {
    Unrolled<kCount - 1>(f);
    f(kCount - 1);
  }
}

}  // namespace midge::arm_dsp
