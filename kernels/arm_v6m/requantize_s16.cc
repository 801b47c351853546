// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/requantize_s16.h"

#include <cstddef>

#include "kernels/arm_v6m/asm.h"

namespace midge::arm_v6m {
namespace {

// The multiplier as RequantizeWide has it.
inline int32_t RoundedTo15Bits(int32_t multiplier_q31) {
  const int32_t q15 = ((multiplier_q31 >> 15) + 1) >> 1;
  return q15 - (q15 >> 15);
}

// RequantizeWide of x with s = 17 + shift.
inline int32_t Scaled(int32_t x, int32_t q15, int32_t shift) {
  const int32_t low = static_cast<uint16_t>(x);
  const int32_t y = (x >> 16) * q15 + ((low * q15) >> 16);
  return ((y >> shift) + 1) >> 1;
}

// Assembly code knows the order.
struct OutputLoop {
  const int32_t* parts;
  const PackedInt64* sums;
  const int32_t* multiplier_q31;
  const int8_t* exponent;
  int16_t* out;
  const int32_t* parts_end;
  int32_t multiplier_step, exponent_step;  // bytes from channel to channel
  int32_t zero_point, low, high;
};

}  // namespace

#if MIDGE_ARM_V6M_ASM

static_assert(sizeof(PackedInt64) == 8 && offsetof(OutputLoop, parts) == 0 &&
              offsetof(OutputLoop, sums) == 4 && offsetof(OutputLoop, multiplier_q31) == 8 &&
              offsetof(OutputLoop, exponent) == 12 && offsetof(OutputLoop, out) == 16 &&
              offsetof(OutputLoop, parts_end) == 20 &&
              offsetof(OutputLoop, multiplier_step) == 24 &&
              offsetof(OutputLoop, exponent_step) == 28 && offsetof(OutputLoop, zero_point) == 32 &&
              offsetof(OutputLoop, low) == 36 && offsetof(OutputLoop, high) == 40);

namespace {

// Outputs up to the first whose sum does not fit 32 bits or whose s is 16 or less, or up to
// parts_end. Returns the end of their parts.
//
// r0 parts, r1 sums, r2 multiplier, r3 exponent, r4 the sum, r5 and r6 operands, r7 out; r8 end of
// parts, r9 multiplier step, r10 exponent step, r11 zero point, r12 low, lr high.
MIDGE_ARM_V6M_NAKED const int32_t* RunOutputs(const OutputLoop&) {
  asm volatile(
      ".syntax unified\n\t"
      "push    {r4, r5, r6, r7, lr}\n\t"
      "mov     r4, r8\n\t"
      "mov     r5, r9\n\t"
      "mov     r6, r10\n\t"
      "mov     r7, r11\n\t"
      "push    {r4, r5, r6, r7}\n\t"
      "movs    r7, r0\n\t"
      "adds    r7, r7, #20\n\t"
      "ldmia   r7!, {r1, r2, r3, r4, r5, r6}\n\t"
      "mov     r8, r1\n\t"
      "mov     r9, r2\n\t"
      "mov     r10, r3\n\t"
      "mov     r11, r4\n\t"
      "mov     r12, r5\n\t"
      "mov     lr, r6\n\t"
      "ldmia   r0!, {r1, r2, r3, r4, r7}\n\t"
      "movs    r0, r1\n\t"
      "movs    r1, r2\n\t"
      "movs    r2, r3\n\t"
      "movs    r3, r4\n"
      "1:\n\t"
      "ldmia   r1!, {r4, r5}\n\t"
      "asrs    r6, r4, #31\n\t"
      "cmp     r5, r6\n\t"
      "bne     5f\n\t"
      "ldr     r6, [r0]\n\t"
      "adds    r4, r4, r6\n\t"
      "bvs     5f\n\t"
      "ldr     r5, [r2]\n\t"
      "asrs    r5, r5, #15\n\t"
      "adds    r5, r5, #1\n\t"
      "asrs    r5, r5, #1\n\t"
      "lsrs    r6, r5, #15\n\t"
      "subs    r5, r5, r6\n\t"
      "uxth    r6, r4\n\t"
      "muls    r6, r5, r6\n\t"
      "lsrs    r6, r6, #16\n\t"
      "asrs    r4, r4, #16\n\t"
      "muls    r4, r5, r4\n\t"
      "adds    r4, r4, r6\n\t"
      "movs    r5, #0\n\t"
      "ldrsb   r5, [r3, r5]\n\t"
      "adds    r5, r5, #2\n\t"
      "bgt     5f\n\t"
      "rsbs    r5, r5, #0\n\t"
      "asrs    r4, r4, r5\n\t"
      "adds    r4, r4, #1\n\t"
      "asrs    r4, r4, #1\n\t"
      "add     r4, r4, r11\n\t"
      "cmp     r4, r12\n\t"
      "blt     3f\n\t"
      "cmp     r4, lr\n\t"
      "bgt     4f\n"
      "2:\n\t"
      "strh    r4, [r7]\n\t"
      "adds    r7, r7, #2\n\t"
      "add     r2, r2, r9\n\t"
      "add     r3, r3, r10\n\t"
      "adds    r0, r0, #4\n\t"
      "cmp     r0, r8\n\t"
      "bne     1b\n\t"
      "b       5f\n"
      "3:\n\t"
      "mov     r4, r12\n\t"
      "b       2b\n"
      "4:\n\t"
      "mov     r4, lr\n\t"
      "b       2b\n"
      "5:\n\t"
      "pop     {r4, r5, r6, r7}\n\t"
      "mov     r8, r4\n\t"
      "mov     r9, r5\n\t"
      "mov     r10, r6\n\t"
      "mov     r11, r7\n\t"
      "pop     {r4, r5, r6, r7, pc}");
}

}  // namespace

#else

namespace {

const int32_t* RunOutputs(const OutputLoop& loop) {
  OutputLoop at = loop;
  for (; at.parts != at.parts_end; ++at.parts) {
    const int64_t begin = at.sums++->value();
    if (begin != static_cast<int32_t>(begin)) break;
    const int64_t sum = begin + *at.parts;
    const int32_t shift = -2 - *at.exponent;  // s - 17
    if (sum != static_cast<int32_t>(sum) || shift < 0) break;
    const int32_t scaled =
        Scaled(static_cast<int32_t>(sum), RoundedTo15Bits(*at.multiplier_q31), shift);
    *at.out++ = static_cast<int16_t>(Clamp(scaled + at.zero_point, at.low, at.high));
    at.multiplier_q31 += at.multiplier_step / static_cast<int32_t>(sizeof(int32_t));
    at.exponent += at.exponent_step;
  }
  return at.parts;
}

}  // namespace

#endif

template <>
void FinishS16(const QuantizedOutput& output, int32_t channel, int32_t count, const int32_t* sums,
               const int32_t* parts, int16_t* out) {
  for (int32_t k = 0; k < count; ++k) {
    const int32_t i = (channel + k) * output.multipliers.step;
    const int32_t scaled =
        RequantizeByHalves(AddWrapping(sums[k], parts[k]), output.multipliers.multiplier_q31[i],
                           output.multipliers.exponent[i]);
    out[k] = static_cast<int16_t>(
        Clamp(AddWrapping(scaled, output.zero_point), output.clamp.min, output.clamp.max));
  }
}

template <>
void FinishS16(const QuantizedOutput& output, int32_t channel, int32_t count,
               const PackedInt64* sums, const int32_t* parts, int16_t* out) {
  const int32_t step = output.multipliers.step;
  for (int32_t k = 0; k < count; ++k) {
    const int32_t i = (channel + k) * step;
    k = static_cast<int32_t>(RunOutputs({parts + k, sums + k, output.multipliers.multiplier_q31 + i,
                                         output.multipliers.exponent + i, out + k, parts + count,
                                         step * static_cast<int32_t>(sizeof(int32_t)), step,
                                         output.zero_point, output.clamp.min, output.clamp.max}) -
                             parts);
    if (k == count) return;
    out[k] = output.S16(AddWrapping(sums[k].value(), int64_t{parts[k]}), channel + k);
  }
}

namespace {

// Calls f(place of the part, out) for each pixel.
template <typename F>
inline void ForEachPixel(const PixelRows& pixels, int16_t* out, const F& f) {
  const int32_t step = pixels.part_step, out_step = pixels.out_step;
  int32_t row = 0;
  for (int32_t left = pixels.rows; left > 0; --left, row += pixels.part_row) {
    int16_t* to = out;
    for (int32_t part = row, end = row + pixels.columns * step; part != end; part += step) {
      f(part, to);
      to += out_step;
    }
    out += pixels.out_row;
  }
}

// QuantizedOutput::S16, out of the way of what nearly all sums take.
[[gnu::noinline]] int16_t ExactS16(const QuantizedOutput& output, int32_t channel, int64_t sum) {
  return output.S16(sum, channel);
}

}  // namespace

template <>
void FinishPixelsS16(const QuantizedOutput& output, int32_t channel, const PixelRows& pixels,
                     const int32_t& begin, const int32_t* sums, const int32_t* parts,
                     int16_t* out) {
  const int32_t i = channel * output.multipliers.step;
  const int32_t multiplier = output.multipliers.multiplier_q31[i];
  const int32_t exponent = output.multipliers.exponent[i];
  ForEachPixel(pixels, out, [&](int32_t part, int16_t* to) {
    const int32_t sum = AddWrapping(sums != nullptr ? sums[part] : begin, parts[part]);
    const int32_t scaled = RequantizeByHalves(sum, multiplier, exponent);
    *to = static_cast<int16_t>(
        Clamp(AddWrapping(scaled, output.zero_point), output.clamp.min, output.clamp.max));
  });
}

template <>
void FinishPixelsS16(const QuantizedOutput& output, int32_t channel, const PixelRows& pixels,
                     const PackedInt64& begin, const PackedInt64* sums, const int32_t* parts,
                     int16_t* out) {
  const int32_t i = channel * output.multipliers.step;
  const int32_t q15 = RoundedTo15Bits(output.multipliers.multiplier_q31[i]);
  const int32_t shift = -2 - output.multipliers.exponent[i];
  const int32_t zero_point = output.zero_point, low = output.clamp.min, high = output.clamp.max;
  const int64_t first = begin.value();
  const auto narrow = static_cast<int32_t>(first);
  if (sums != nullptr || narrow != first || shift < 0) {
    ForEachPixel(pixels, out, [&](int32_t part, int16_t* to) {
      const int64_t sum =
          AddWrapping(sums != nullptr ? sums[part].value() : first, int64_t{parts[part]});
      const auto narrow_sum = static_cast<int32_t>(sum);
      *to =
          narrow_sum != sum || shift < 0
              ? ExactS16(output, channel, sum)
              : static_cast<int16_t>(Clamp(Scaled(narrow_sum, q15, shift) + zero_point, low, high));
    });
    return;
  }
  ForEachPixel(pixels, out, [&](int32_t part, int16_t* to) {
    int32_t sum;
    *to = __builtin_add_overflow(narrow, parts[part], &sum)
              ? ExactS16(output, channel, first + parts[part])
              : static_cast<int16_t>(Clamp(Scaled(sum, q15, shift) + zero_point, low, high));
  });
}

}  // namespace midge::arm_v6m
