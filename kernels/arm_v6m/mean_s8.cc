// SPDX-License-Identifier: Apache-2.0
//
// Four sums at a time, whose places four registers hold, so that an element is a load and an
// addition: those of four neighbouring columns or, where fewer are left, four of one column.
#include <cstddef>
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/asm.h"
#include "kernels/arm_v6m/requantize.h"

namespace midge::arm_v6m {
namespace {

constexpr int32_t kLanes = 4;
constexpr int32_t kMostColumns = 32;  // whose sums are on the stack together
constexpr int32_t kFewColumns = 8;    // that are not worth setting up a line for

// Groups of four sums, one after another: sums[k] += x[place[k]] + x[place[k] + step] + … up to
// `end` for k < 4, where place[0] is 0. The next group's x is four elements on. Assembly code knows
// the order.
struct LaneLoop {
  const int8_t* x;
  int32_t step;
  const int8_t* end;
  int32_t places[kLanes - 1];
  int32_t odd;  // whether elements are odd in number
  int32_t* sums;
  const int32_t* sums_end;
};

}  // namespace

#if MIDGE_ARM_V6M_ASM

static_assert(offsetof(LaneLoop, x) == 0 && offsetof(LaneLoop, step) == 4 &&
              offsetof(LaneLoop, end) == 8 && offsetof(LaneLoop, places) == 12 &&
              offsetof(LaneLoop, odd) == 24 && offsetof(LaneLoop, sums) == 28 &&
              offsetof(LaneLoop, sums_end) == 32);

namespace {

// r0 x, r1 an element, r2 to r5 places, r6 sums, r7 the group's x; r8 to r11 its sums, r12 step, lr
// end; on the stack: odd, end of sums.
MIDGE_ARM_V6M_NAKED void RunLanes(const LaneLoop&) {
#define MIDGE_FOUR_LANES     \
  "ldrsb   r1, [r0, r2]\n\t" \
  "add     r8, r8, r1\n\t"   \
  "ldrsb   r1, [r0, r3]\n\t" \
  "add     r9, r9, r1\n\t"   \
  "ldrsb   r1, [r0, r4]\n\t" \
  "add     r10, r10, r1\n\t" \
  "ldrsb   r1, [r0, r5]\n\t" \
  "add     r11, r11, r1\n\t" \
  "add     r0, r0, r12\n\t"
  asm volatile(
      ".syntax unified\n\t"
      "push    {r4, r5, r6, r7, lr}\n\t"
      "mov     r4, r8\n\t"
      "mov     r5, r9\n\t"
      "mov     r6, r10\n\t"
      "mov     r7, r11\n\t"
      "push    {r4, r5, r6, r7}\n\t"
      "ldmia   r0!, {r1, r2, r7}\n\t"
      "mov     r12, r2\n\t"
      "mov     lr, r7\n\t"
      "movs    r7, r1\n\t"
      "movs    r2, #0\n\t"
      "ldmia   r0!, {r3, r4, r5}\n\t"
      "ldmia   r0!, {r1, r6}\n\t"
      "ldr     r0, [r0]\n\t"
      "push    {r0, r1}\n"
      "1:\n\t"
      "ldmia   r6!, {r0, r1}\n\t"
      "mov     r8, r0\n\t"
      "mov     r9, r1\n\t"
      "ldmia   r6!, {r0, r1}\n\t"
      "mov     r10, r0\n\t"
      "mov     r11, r1\n\t"
      "subs    r6, r6, #16\n\t"
      "movs    r0, r7\n\t"
      "ldr     r1, [sp, #4]\n\t"
      "cmp     r1, #0\n\t"
      "bne     3f\n"
      "2:\n\t" MIDGE_FOUR_LANES "\n3:\n\t" MIDGE_FOUR_LANES
      "cmp     r0, lr\n\t"
      "bne     2b\n\t"
      "mov     r0, r8\n\t"
      "mov     r1, r9\n\t"
      "stmia   r6!, {r0, r1}\n\t"
      "mov     r0, r10\n\t"
      "mov     r1, r11\n\t"
      "stmia   r6!, {r0, r1}\n\t"
      "movs    r1, #4\n\t"
      "adds    r7, r7, r1\n\t"
      "add     lr, lr, r1\n\t"
      "ldr     r1, [sp]\n\t"
      "cmp     r6, r1\n\t"
      "bne     1b\n\t"
      "add     sp, #8\n\t"
      "pop     {r4, r5, r6, r7}\n\t"
      "mov     r8, r4\n\t"
      "mov     r9, r5\n\t"
      "mov     r10, r6\n\t"
      "mov     r11, r7\n\t"
      "pop     {r4, r5, r6, r7, pc}");
#undef MIDGE_FOUR_LANES
}

}  // namespace

#else

namespace {

void RunLanes(const LaneLoop& loop) {
  int32_t skipped = 0;
  for (int32_t* sums = loop.sums; sums != loop.sums_end; sums += kLanes, skipped += kLanes) {
    for (const int8_t* x = loop.x; x != loop.end; x += loop.step) {
      sums[0] += x[skipped];
      for (int32_t k = 1; k < kLanes; ++k) sums[k] += x[skipped + loop.places[k - 1]];
    }
  }
}

}  // namespace

#endif

namespace {

// sums[k] += the k-th column's run for k < columns.
void AddColumns(const int8_t* x, const Reduced& reduced, int32_t columns, int32_t* sums) {
  const int32_t run = reduced.run, step = reduced.run_step;
  const int32_t rest = columns % kLanes, whole = columns - rest;
  if (whole > 0) RunLanes({x, step, x + run * step, {1, 2, 3}, run & 1, sums, sums + whole});
  const int32_t quads = run / kLanes, quad = kLanes * step;
  for (int32_t c = whole; c < columns; ++c) {
    int32_t lanes[kLanes] = {};
    const int8_t* const from = x + c;
    if (quads > 0) {
      RunLanes({from,
                quad,
                from + quads * quad,
                {step, 2 * step, 3 * step},
                quads & 1,
                lanes,
                lanes + kLanes});
    }
    for (const int32_t lane : lanes) sums[c] += lane;
    for (int32_t i = quads * kLanes; i < run; ++i) sums[c] += from[i * step];
  }
}

// As SetChannel, which wants the multiplier's first bit: dividing by the count may have lost it.
// Twice the multiplier has the same line, but roundings half as large.
void SetLine(const QuantizedOutput& output, Scale& scale) {
  constexpr int32_t kNormal = 1 << 30;
  const int32_t multiplier = *output.multipliers.multiplier_q31;
  if (multiplier >= kNormal) return scale.SetChannel(output, 0);
  if (multiplier < kNormal / 2) return;
  const int32_t doubled = 2 * multiplier;
  const auto exponent = static_cast<int8_t>(*output.multipliers.exponent - 1);
  scale.SetChannel({{&doubled, &exponent, 0}, output.zero_point, output.clamp}, 0);
  if (scale.limit == 0) return;
  const uint32_t unit = 1u << (23 + exponent), missing = 4 * unit << 8;
  scale.limit = scale.limit > missing ? scale.limit - missing : 0;
  scale.offset -= 3 * unit;
}

}  // namespace

static_assert(std::is_same_v<decltype(MeanS8), decltype(portable::MeanS8)>);

void MeanS8(const QuantizedMeanParams& params, const Reduced& reduced, const int8_t* input,
            int32_t columns, int8_t* output) {
  const auto exponent = static_cast<int8_t>(params.multiplier.exponent);
  const QuantizedOutput quantized = {{&params.multiplier.multiplier_q31, &exponent, 0},
                                     params.output_zero_point,
                                     {INT8_MIN, INT8_MAX}};
  Scale scale(quantized);
  if (columns >= kFewColumns) SetLine(quantized, scale);
  const uint32_t offset =
      static_cast<uint32_t>(params.input_offset) + static_cast<uint32_t>(scale.origin);
  while (columns > 0) {
    const int32_t count = columns < kMostColumns ? columns : kMostColumns;
    int32_t sums[kMostColumns] = {};
    ForEachIteration(reduced.loops, reduced.loop_count, [&](const Offsets<1>& offsets) {
      AddColumns(input + offsets.at[0], reduced, count, sums);
    });
    for (int32_t c = 0; c < count; ++c) {
      *output++ = static_cast<int8_t>(scale.S8(quantized, static_cast<uint32_t>(sums[c]) - offset));
    }
    input += count;
    columns -= count;
  }
}

}  // namespace midge::arm_v6m
