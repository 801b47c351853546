// SPDX-License-Identifier: Apache-2.0
//
// A sum in two 32-bit multiplications. What an output is before the clamp, u, is a step function of
// a plane over the two operands, which in units of 2^-20 is approximated by integers:
//
//   P(l, s) = (l - zl) * Ml + (s - zs) * Ms + (zo + 1/2) * 2^20
//
// for the operands of the larger and the smaller scale, Ml = floor(mo * 2^(8 - k)), k = -eo, and Ms
// from the product of both multipliers, less than 2 away from its real number. With |q - z| <= 255
// that leaves P less than 765 from the plane. The portable kernel's sum differs from the real one
// by at most 1, and its output's two roundings are those of requantize.h: together between -5/2 and
// 3/2, in units of 2^-k. So the truth is less than E = 765 + 3 * 2^(20 - k) from P. Where the lower
// 20 bits of P - E leave 2 E free, no step lies between the two, and the bits above them are u.
// Else, for some two sums of a thousand, and for all where that cannot be or Ml + Ms > 7 * 2^20,
// with which P might leave 32 bits, the roundings are done one by one.
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/asm.h"
#include "kernels/arm_v6m/requantize.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kFractionBits = 20;

// Operands and output end at the pointers. Assembly code knows the order.
struct SumLoop {
  const int8_t* larger_end;
  const int8_t* smaller_end;
  int8_t* output_end;
  uint32_t larger_factor, smaller_factor;
  uint32_t constant;
  uint32_t limit;  // of the lower 20 bits, in the upper bits
  int32_t low, high;
};

// All sums from -`left` on, up to the first that the plane leaves open; returns what is left.
#if MIDGE_ARM_V6M_ASM
// r0 to r2 ends, r3 index, r4 and r5 factors, r6 and r7 operands; r8 constant, r9 limit, r10 low,
// r11 high.
MIDGE_ARM_V6M_NAKED int32_t RunSums(const SumLoop&, int32_t) {
  asm volatile(
      ".syntax unified\n\t"
      "push    {r4, r5, r6, r7, lr}\n\t"
      "mov     r4, r8\n\t"
      "mov     r5, r9\n\t"
      "mov     r6, r10\n\t"
      "mov     r7, r11\n\t"
      "push    {r4, r5, r6, r7}\n\t"
      "negs    r3, r1\n\t"
      "movs    r2, r0\n\t"
      "adds    r2, r2, #20\n\t"
      "ldmia   r2!, {r4, r5, r6, r7}\n\t"
      "mov     r8, r4\n\t"
      "mov     r9, r5\n\t"
      "mov     r10, r6\n\t"
      "mov     r11, r7\n\t"
      "ldmia   r0!, {r1, r2, r6}\n\t"
      "ldmia   r0!, {r4, r5}\n\t"
      "movs    r0, r1\n\t"
      "movs    r1, r2\n\t"
      "movs    r2, r6\n"
      "1:\n\t"
      "ldrsb   r6, [r0, r3]\n\t"
      "ldrsb   r7, [r1, r3]\n\t"
      "muls    r6, r4, r6\n\t"
      "muls    r7, r5, r7\n\t"
      "adds    r6, r6, r7\n\t"
      "add     r6, r6, r8\n\t"
      "lsls    r7, r6, #12\n\t"
      "cmp     r7, r9\n\t"
      "bhs     3f\n\t"
      "asrs    r6, r6, #20\n\t"
      "cmp     r6, r10\n\t"
      "blt     4f\n\t"
      "cmp     r6, r11\n\t"
      "bgt     5f\n"
      "2:\n\t"
      "strb    r6, [r2, r3]\n\t"
      "adds    r3, r3, #1\n\t"
      "bne     1b\n"
      "3:\n\t"
      "negs    r0, r3\n\t"
      "pop     {r4, r5, r6, r7}\n\t"
      "mov     r8, r4\n\t"
      "mov     r9, r5\n\t"
      "mov     r10, r6\n\t"
      "mov     r11, r7\n\t"
      "pop     {r4, r5, r6, r7, pc}\n"
      "4:\n\t"
      "mov     r6, r10\n\t"
      "b       2b\n"
      "5:\n\t"
      "mov     r6, r11\n\t"
      "b       2b");
}
#else
int32_t RunSums(const SumLoop& loop, int32_t left) {
  for (; left > 0; --left) {
    const uint32_t plane =
        static_cast<uint32_t>(int32_t{loop.larger_end[-left]}) * loop.larger_factor +
        static_cast<uint32_t>(int32_t{loop.smaller_end[-left]}) * loop.smaller_factor +
        loop.constant;
    if (plane << (32 - kFractionBits) >= loop.limit) return left;
    const int32_t value = static_cast<int32_t>(plane) >> kFractionBits;
    loop.output_end[-left] = static_cast<int8_t>(Clamp(value, loop.low, loop.high));
  }
  return 0;
}
#endif

// As the portable kernel's definition has it.
int8_t ExactSum(const AddS8Params& params, int32_t larger, int32_t smaller) {
  const int32_t of_larger = (larger - params.larger_zero_point) * (1 << 19);
  const int32_t of_smaller = RequantizeByHalves((smaller - params.smaller_zero_point) * (1 << 20),
                                                params.smaller_multiplier.multiplier_q31,
                                                params.smaller_multiplier.exponent);
  const int32_t value =
      RequantizeByHalves(of_larger + of_smaller, params.output_multiplier.multiplier_q31,
                         params.output_multiplier.exponent);
  return static_cast<int8_t>(
      Clamp(value + params.output_zero_point, params.clamp.min, params.clamp.max));
}

// Factors, constant, limit and clamp. Where there is no plane, all sums are left open.
SumLoop PlaneOf(const AddS8Params& params) {
  SumLoop loop = {};
  loop.low = params.clamp.min;
  loop.high = params.clamp.max;
  const int32_t k = -params.output_multiplier.exponent;
  const int32_t error = 765 + (k < 20 ? 3 << (20 - k) : 3);
  const int32_t room = (1 << kFractionBits) - 2 * error;
  if (k < 8 || room <= 0) return loop;
  const int32_t product = MultiplyHighByHalves(params.smaller_multiplier.multiplier_q31,
                                               params.output_multiplier.multiplier_q31);
  const int32_t shift = k - 9 - params.smaller_multiplier.exponent;
  loop.larger_factor = static_cast<uint32_t>(params.output_multiplier.multiplier_q31) >> (k - 8);
  loop.smaller_factor = shift < 32 ? static_cast<uint32_t>(product) >> shift : 0;
  if (loop.larger_factor + loop.smaller_factor > 7u << kFractionBits) return loop;
  loop.limit = static_cast<uint32_t>(room) << (32 - kFractionBits);
  loop.constant = (static_cast<uint32_t>(params.output_zero_point) << kFractionBits) +
                  (1u << (kFractionBits - 1)) - static_cast<uint32_t>(error) -
                  static_cast<uint32_t>(params.larger_zero_point) * loop.larger_factor -
                  static_cast<uint32_t>(params.smaller_zero_point) * loop.smaller_factor;
  return loop;
}

}  // namespace

static_assert(std::is_same_v<decltype(AddS8), decltype(portable::AddS8)>);

void AddS8(const AddS8Params& params, Repeat repeat, const int8_t* a, const int8_t* b,
           int32_t count, int8_t* output) {
  if (count == 0) return;
  SumLoop loop = PlaneOf(params);
  const bool swapped = params.second_is_larger;
  const int8_t* larger = swapped ? b : a;
  const int8_t* smaller = swapped ? a : b;
  // An operand of one element is part of the constant; the other stands in its place.
  const bool one_larger = repeat == (swapped ? Repeat::kSecond : Repeat::kFirst);
  const bool one_smaller = repeat == (swapped ? Repeat::kFirst : Repeat::kSecond);
  if (one_larger) {
    loop.constant += static_cast<uint32_t>(int32_t{*larger}) * loop.larger_factor;
    loop.larger_factor = 0;
  }
  if (one_smaller) {
    loop.constant += static_cast<uint32_t>(int32_t{*smaller}) * loop.smaller_factor;
    loop.smaller_factor = 0;
  }
  loop.larger_end = (one_larger ? smaller : larger) + count;
  loop.smaller_end = (one_smaller ? larger : smaller) + count;
  loop.output_end = output + count;
  for (int32_t left = count; left > 0;) {
    left = RunSums(loop, left);
    if (left == 0) return;
    loop.output_end[-left] = ExactSum(params, one_larger ? *larger : loop.larger_end[-left],
                                      one_smaller ? *smaller : loop.smaller_end[-left]);
    --left;
  }
}

}  // namespace midge::arm_v6m
