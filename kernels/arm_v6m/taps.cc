// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/taps.h"

#include <cstddef>

#include "kernels/arm_v6m/asm.h"
#include "kernels/fixed_point.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kRows = 4;

// Groups of four rows, one after another. Assembly code knows the order.
template <typename Element>
struct TapLoop {
  const Tap* taps;
  uint32_t entry;  // bytes of the unrolled loop that a group's first round leaves out
  int32_t* sums;
  const int32_t* sums_end;
  const Tap* taps_end;
  int32_t w_step;  // bytes from group to group
  const Element* w[kRows];
};

}  // namespace

#if MIDGE_ARM_V6M_ASM

Tap* ListTaps(const int8_t* x, int32_t begin, int32_t end, int32_t zero_point, Tap* taps) {
  if (begin == end) return taps;
  register int32_t place asm("r5") = begin;
  asm volatile(
      ".syntax unified\n"
      "1:\n\t"
      "ldrsb   r4, [%[x], %[place]]\n\t"
      "subs    r4, r4, %[zero_point]\n\t"
      "beq     2f\n\t"
      "stmia   %[taps]!, {r4, %[place]}\n"
      "2:\n\t"
      "adds    %[place], %[place], #1\n\t"
      "cmp     %[place], %[end]\n\t"
      "bne     1b"
      : [place] "+l"(place), [taps] "+l"(taps)
      : [x] "l"(x), [zero_point] "l"(zero_point), [end] "h"(end)
      : "r4", "cc", "memory");
  return taps;
}

Tap* ListTaps(const int16_t* x, int32_t count, int32_t place, int32_t zero_point, Tap* taps) {
  if (count == 0) return taps;
  register int32_t at asm("r5") = place;
  // From here the offset is twice the place.
  const uintptr_t base = reinterpret_cast<uintptr_t>(x) - 2 * static_cast<uint32_t>(place);
  asm volatile(
      ".syntax unified\n"
      "1:\n\t"
      "adds    r4, %[at], %[at]\n\t"
      "ldrsh   r4, [%[base], r4]\n\t"
      "subs    r4, r4, %[zero_point]\n\t"
      "beq     2f\n\t"
      "stmia   %[taps]!, {r4, %[at]}\n"
      "2:\n\t"
      "adds    %[at], %[at], #1\n\t"
      "cmp     %[at], %[end]\n\t"
      "bne     1b"
      : [at] "+l"(at), [taps] "+l"(taps)
      : [base] "l"(base), [zero_point] "l"(zero_point), [end] "h"(place + count)
      : "r4", "cc", "memory");
  return taps;
}

using ByteLoop = TapLoop<int8_t>;
static_assert(sizeof(Tap) == 8 && offsetof(Tap, value) == 0 && offsetof(ByteLoop, taps) == 0 &&
              offsetof(ByteLoop, entry) == 4 && offsetof(ByteLoop, sums) == 8 &&
              offsetof(ByteLoop, sums_end) == 12 && offsetof(ByteLoop, taps_end) == 16 &&
              offsetof(ByteLoop, w_step) == 20 && offsetof(ByteLoop, w) == 24 &&
              sizeof(ByteLoop) == sizeof(TapLoop<int16_t>));

namespace {

// r0 taps, r1 a tap's value, r2 its place, r3 to r6 rows, r7 an element; r8 to r11 sums, r12 end of
// taps, lr step of rows; on the stack: taps, the place in the loop where groups enter it, sums, end
// of sums. `load` is an element's instruction.
#define MIDGE_PRODUCT(load, row, sum) \
  load " r7, [" row                   \
       ", r2]\n\t"                    \
       "muls r7, r1, r7\n\t"          \
       "add " sum ", " sum ", r7\n\t"
#define MIDGE_TAP(load)                                                                     \
  "ldmia r0!, {r1, r2}\n\t" MIDGE_PRODUCT(load, "r3", "r8") MIDGE_PRODUCT(load, "r4", "r9") \
      MIDGE_PRODUCT(load, "r5", "r10") MIDGE_PRODUCT(load, "r6", "r11")
#define MIDGE_FOUR_TAPS(load) MIDGE_TAP(load) MIDGE_TAP(load) MIDGE_TAP(load) MIDGE_TAP(load)
#define MIDGE_RUN_TAPS(load) \
  ".syntax unified\n\t" \
  "push    {r4, r5, r6, r7, lr}\n\t" \
  "mov     r4, r8\n\t" \
  "mov     r5, r9\n\t" \
  "mov     r6, r10\n\t" \
  "mov     r7, r11\n\t" \
  "push    {r4, r5, r6, r7}\n\t" \
  "ldmia   r0!, {r1, r2, r3, r4, r5, r6}\n\t" \
  "adr     r7, 2f\n\t" \
  "adds    r2, r2, r7\n\t" \
  "push    {r1, r2, r3, r4}\n\t" \
  "mov     r12, r5\n\t" \
  "mov     lr, r6\n\t" \
  "movs    r7, r3\n\t" \
  "ldmia   r0!, {r3, r4, r5, r6}\n" \
  "1:\n\t" \
  "ldmia   r7!, {r0, r1, r2}\n\t" \
  "mov     r8, r0\n\t" \
  "mov     r9, r1\n\t" \
  "mov     r10, r2\n\t" \
  "ldr     r0, [r7]\n\t" \
  "mov     r11, r0\n\t" \
  "ldr     r0, [sp, #0]\n\t" \
  "ldr     r1, [sp, #4]\n\t" \
  "mov     pc, r1\n\t" \
  ".balign 4\n" \
  "2:\n\t" MIDGE_FOUR_TAPS(load) MIDGE_FOUR_TAPS(load) \
  "cmp     r0, r12\n\t" \
  "bne     2b\n\t" \
  "ldr     r7, [sp, #8]\n\t" \
  "mov     r0, r8\n\t" \
  "mov     r1, r9\n\t" \
  "mov     r2, r10\n\t" \
  "stmia   r7!, {r0, r1, r2}\n\t" \
  "mov     r0, r11\n\t" \
  "stmia   r7!, {r0}\n\t" \
  "str     r7, [sp, #8]\n\t" \
  "add     r3, r3, lr\n\t" \
  "add     r4, r4, lr\n\t" \
  "add     r5, r5, lr\n\t" \
  "add     r6, r6, lr\n\t" \
  "ldr     r0, [sp, #12]\n\t" \
  "cmp     r7, r0\n\t" \
  "beq     3f\n\t" \
  "b       1b\n" \
  "3:\n\t" \
  "add     sp, #16\n\t" \
  "pop     {r4, r5, r6, r7}\n\t" \
  "mov     r8, r4\n\t" \
  "mov     r9, r5\n\t" \
  "mov     r10, r6\n\t" \
  "mov     r11, r7\n\t" \
  "pop     {r4, r5, r6, r7, pc}"

MIDGE_ARM_V6M_NAKED void RunTaps(const TapLoop<int8_t>&) { asm volatile(MIDGE_RUN_TAPS("ldrsb")); }
MIDGE_ARM_V6M_NAKED void RunTaps(const TapLoop<int16_t>&) { asm volatile(MIDGE_RUN_TAPS("ldrsh")); }

#undef MIDGE_RUN_TAPS
#undef MIDGE_FOUR_TAPS
#undef MIDGE_TAP
#undef MIDGE_PRODUCT

}  // namespace

#else

Tap* ListTaps(const int8_t* x, int32_t begin, int32_t end, int32_t zero_point, Tap* taps) {
  for (int32_t i = begin; i < end; ++i) {
    if (x[i] != zero_point) *taps++ = {x[i] - zero_point, i};
  }
  return taps;
}

Tap* ListTaps(const int16_t* x, int32_t count, int32_t place, int32_t zero_point, Tap* taps) {
  for (int32_t i = 0; i < count; ++i) {
    if (x[i] != zero_point) *taps++ = {x[i] - zero_point, place + i};
  }
  return taps;
}

namespace {

template <typename Element>
void RunTaps(const TapLoop<Element>& loop) {
  constexpr int32_t kBytes = sizeof(Element);
  int32_t skipped = 0;
  for (int32_t* sums = loop.sums; sums != loop.sums_end; skipped += loop.w_step / kBytes) {
    for (const Element* w : loop.w) {
      for (const Tap* tap = loop.taps; tap != loop.taps_end; ++tap) {
        *sums = AddWrapping(*sums, tap->value * w[skipped + tap->place / kBytes]);
      }
      ++sums;
    }
  }
}

}  // namespace

#endif

namespace {

template <typename Element>
void Add(const Tap* taps, const Tap* end, const Element* w, int32_t w_stride, int32_t rows,
         int32_t* sums) {
  if (taps == end) return;
  TapLoop<Element> loop;
  loop.taps = taps;
  loop.taps_end = end;
  loop.entry = (0u - static_cast<uint32_t>(end - taps)) % 8 * 26;
  loop.w_step = w_stride * kRows * static_cast<int32_t>(sizeof(Element));
  // Groups from row `first` on; a row that is not there is the last one again.
  const auto run = [&](int32_t first, int32_t* from, int32_t* to) {
    for (int32_t k = 0; k < kRows; ++k) {
      loop.w[k] = w + (first + k < rows ? first + k : rows - 1) * w_stride;
    }
    loop.sums = from;
    loop.sums_end = to;
    RunTaps(loop);
  };
  const int32_t rest = rows % kRows, whole = rows - rest;
  if (whole > 0) run(0, sums, sums + whole);
  if (rest == 0) return;
  int32_t some[kRows] = {};
  run(whole, some, some + kRows);
  for (int32_t k = 0; k < rest; ++k) sums[whole + k] = AddWrapping(sums[whole + k], some[k]);
}

}  // namespace

void AddTaps(const Tap* taps, const Tap* end, const int8_t* w, int32_t w_stride, int32_t rows,
             int32_t* sums) {
  Add(taps, end, w, w_stride, rows, sums);
}
void AddTaps(const Tap* taps, const Tap* end, const int16_t* x, int32_t x_stride, int32_t rows,
             int32_t* sums) {
  Add(taps, end, x, x_stride, rows, sums);
}

void AddProducts(const int8_t* x, int32_t count, int32_t zero_point, const int8_t* w,
                 int32_t w_stride, int32_t rows, int32_t* sums) {
  Tap taps[kMostTaps];
  for (int32_t i = 0; i < count; i += kMostTaps) {
    const int32_t end = i + kMostTaps < count ? i + kMostTaps : count;
    AddTaps(taps, ListTaps(x, i, end, zero_point, taps), w, w_stride, rows, sums);
  }
}

}  // namespace midge::arm_v6m
