// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_v6m/units.h"

#include "kernels/arm_v6m/pairs.h"

namespace midge::arm_v6m {
namespace {

constexpr int kUnits = 4;

// Groups of four units, one after another. Assembly code knows the order.
struct UnitLoop {
  int32_t minus_depth;
  uint32_t entry;  // bytes of the unrolled loop that a unit's first round leaves out
  int32_t w_step;  // from group to group
  const int32_t* bias;
  int8_t* out;
  const int8_t* end;  // of out
  int32_t minus_zero_point;
  int32_t to_offset;  // what makes an accumulator an offset from the scale's origin
  const int8_t* x_end;
  const int8_t* w_end[kUnits];  // of the first group
  Scale scale;                  // with one channel's line for all, or none
  const QuantizedOutput* output;
  const int8_t* first_out;  // of channel 0
  int32_t last_channel;

  explicit UnitLoop(const QuantizedOutput& quantized) : scale(quantized), output(&quantized) {}
};

// The output of offset_x where the line leaves it open.
int32_t ExactUnit(const UnitLoop& loop, int32_t offset_x, const int8_t* out) {
  const auto channel = static_cast<int32_t>(out - loop.first_out);
  return ExactS8(*loop.output, channel < loop.last_channel ? channel : loop.last_channel,
                 AddWrapping(offset_x, loop.scale.origin));
}

}  // namespace

#if MIDGE_ARM_V6M_ASM

static_assert(offsetof(UnitLoop, bias) == 12 && offsetof(UnitLoop, end) == 20 &&
              offsetof(UnitLoop, minus_zero_point) == 24 && offsetof(UnitLoop, x_end) == 32 &&
              offsetof(UnitLoop, w_end) == 36 && offsetof(UnitLoop, scale.origin) == 52 &&
              offsetof(UnitLoop, scale.low) == 56 && offsetof(UnitLoop, scale.high) == 60 &&
              offsetof(UnitLoop, scale.factor) == 64 && offsetof(UnitLoop, scale.last) == 68 &&
              offsetof(UnitLoop, scale.offset) == 72 && offsetof(UnitLoop, scale.limit) == 76);

extern "C" {

[[gnu::used, gnu::noinline]] static int32_t midge_arm_v6m_exact_unit(const UnitLoop& loop,
                                                                     int32_t offset_x,
                                                                     const int8_t* out) {
  return ExactUnit(loop, offset_x, out);
}

// The sums: r0 index, r1 end of x, r2 to r5 ends of w, r6 input, r7 weight, r8 to r11 accumulators,
// r12 -zero_point, lr to_offset; on the stack: -depth, the place in the loop where groups enter it,
// w step, bias, out, end of out, loop.
// The outputs: r0 end of the group's, r1 factor, r2 last, r3 offset, r4 limit, r5 and r6 the value,
// r7 out; what r1 to r5 were is on the stack.
MIDGE_ARM_V6M_NAKED static void midge_arm_v6m_run_units(const UnitLoop&) {
#define MIDGE_TAP            \
  "ldrsb   r6, [r1, r0]\n\t" \
  "add     r6, r6, r12\n\t"  \
  "ldrsb   r7, [r2, r0]\n\t" \
  "muls    r7, r6, r7\n\t"   \
  "add     r8, r8, r7\n\t"   \
  "ldrsb   r7, [r3, r0]\n\t" \
  "muls    r7, r6, r7\n\t"   \
  "add     r9, r9, r7\n\t"   \
  "ldrsb   r7, [r4, r0]\n\t" \
  "muls    r7, r6, r7\n\t"   \
  "add     r10, r10, r7\n\t" \
  "ldrsb   r7, [r5, r0]\n\t" \
  "muls    r7, r6, r7\n\t"   \
  "add     r11, r11, r7\n\t" \
  "adds    r0, r0, #1\n\t"
  asm volatile(
      ".syntax unified\n\t"
      "push    {r4, r5, r6, r7, lr}\n\t"
      "mov     r4, r8\n\t"
      "mov     r5, r9\n\t"
      "mov     r6, r10\n\t"
      "mov     r7, r11\n\t"
      "push    {r4, r5, r6, r7}\n\t"
      "push    {r0}\n\t"
      "ldmia   r0!, {r1, r2, r3, r4, r5, r6}\n\t"
      "adr     r7, 2f\n\t"
      "adds    r2, r2, r7\n\t"
      "push    {r1, r2, r3, r4, r5, r6}\n\t"
      "ldmia   r0!, {r1, r2}\n\t"
      "mov     r12, r1\n\t"
      "mov     lr, r2\n\t"
      "ldmia   r0!, {r1, r2, r3, r4, r5}\n"
      "1:\n\t"
      "ldr     r7, [sp, #12]\n\t"
      "ldmia   r7!, {r0, r6}\n\t"
      "mov     r8, r0\n\t"
      "mov     r9, r6\n\t"
      "ldmia   r7!, {r0, r6}\n\t"
      "mov     r10, r0\n\t"
      "mov     r11, r6\n\t"
      "str     r7, [sp, #12]\n\t"
      "ldr     r0, [sp, #0]\n\t"
      "ldr     r7, [sp, #4]\n\t"
      "mov     pc, r7\n\t"
      ".balign 4\n"
      "2:\n\t" MIDGE_TAP MIDGE_TAP MIDGE_TAP MIDGE_TAP MIDGE_TAP MIDGE_TAP MIDGE_TAP MIDGE_TAP
      "bne     2b\n\t"
      "ldr     r0, [sp, #8]\n\t"
      "adds    r2, r2, r0\n\t"
      "adds    r3, r3, r0\n\t"
      "adds    r4, r4, r0\n\t"
      "adds    r5, r5, r0\n\t"
      "push    {r1, r2, r3, r4, r5}\n\t"
      "ldr     r7, [sp, #36]\n\t"
      "ldr     r0, [sp, #44]\n\t"
      "adds    r0, r0, #64\n\t"
      "ldmia   r0!, {r1, r2, r3, r4}\n\t"
      "adds    r0, r7, #4\n"
      "3:\n\t"
      "mov     r5, r8\n\t"
      "mov     r8, r9\n\t"
      "mov     r9, r10\n\t"
      "mov     r10, r11\n\t"
      "add     r5, r5, lr\n\t"
      "mov     r11, r5\n\t"
      "cmp     r5, r2\n\t"
      "bhi     5f\n\t"
      "muls    r5, r1, r5\n\t"
      "adds    r5, r5, r3\n\t"
      "lsls    r6, r5, #8\n\t"
      "cmp     r6, r4\n\t"
      "bhs     7f\n\t"
      "lsrs    r5, r5, #24\n"
      "4:\n\t"
      "strb    r5, [r7]\n\t"
      "adds    r7, r7, #1\n\t"
      "cmp     r7, r0\n\t"
      "bne     3b\n\t"
      "str     r7, [sp, #36]\n\t"
      "pop     {r1, r2, r3, r4, r5}\n\t"
      "ldr     r0, [sp, #20]\n\t"
      "cmp     r7, r0\n\t"
      "beq     8f\n\t"
      "b       1b\n"
      "8:\n\t"
      "add     sp, #28\n\t"
      "pop     {r4, r5, r6, r7}\n\t"
      "mov     r8, r4\n\t"
      "mov     r9, r5\n\t"
      "mov     r10, r6\n\t"
      "mov     r11, r7\n\t"
      "pop     {r4, r5, r6, r7, pc}\n"
      "5:\n\t"  // by the accumulator's sign
      "ldr     r6, [sp, #44]\n\t"
      "ldr     r6, [r6, #52]\n\t"
      "adds    r6, r6, r5\n\t"
      "bpl     6f\n\t"
      "ldr     r5, [sp, #44]\n\t"
      "ldr     r5, [r5, #56]\n\t"
      "b       4b\n"
      "6:\n\t"
      "ldr     r5, [sp, #44]\n\t"
      "ldr     r5, [r5, #60]\n\t"
      "b       4b\n"
      "7:\n\t"
      "push    {r0, r1, r2, r3, r4}\n\t"
      "mov     r5, r12\n\t"
      "mov     r6, lr\n\t"
      "ldr     r0, [sp, #64]\n\t"
      "mov     r1, r11\n\t"
      "movs    r2, r7\n\t"
      "bl      midge_arm_v6m_exact_unit\n\t"
      "mov     r12, r5\n\t"
      "mov     lr, r6\n\t"
      "movs    r5, r0\n\t"
      "pop     {r0, r1, r2, r3, r4}\n\t"
      "b       4b");
#undef MIDGE_TAP
}

}  // extern "C"

#else

namespace {

void midge_arm_v6m_run_units(const UnitLoop& loop) {
  const int32_t* bias = loop.bias;
  int32_t skipped = 0;
  for (int8_t* out = loop.out; out != loop.end; skipped += loop.w_step) {
    for (const int8_t* w_end : loop.w_end) {
      const int8_t* w = w_end + skipped;
      int32_t acc = *bias++;
      for (int32_t d = loop.minus_depth; d < 0; ++d) {
        acc = AddWrapping(acc, (loop.x_end[d] + loop.minus_zero_point) * w[d]);
      }
      const int32_t offset_x = AddWrapping(acc, loop.to_offset);
      *out =
          static_cast<int8_t>(loop.scale.limit == 0 && loop.scale.last == UINT32_MAX
                                  ? ExactUnit(loop, offset_x, out)
                                  : loop.scale.S8(*loop.output, static_cast<uint32_t>(offset_x)));
      ++out;
    }
  }
}

}  // namespace

#endif

void RunUnits(const UnitRun& run, const QuantizedOutput& output, int8_t* out) {
  UnitLoop loop(output);
  loop.minus_depth = -run.depth;
  loop.entry = (0u - static_cast<uint32_t>(run.depth)) % 8 * 30;
  loop.w_step = kUnits * run.depth;
  loop.minus_zero_point = -run.zero_point;
  loop.x_end = run.x + run.depth;
  loop.last_channel = run.units - 1;
  if (output.multipliers.step == 0) loop.scale.SetChannel(output, 0);
  loop.to_offset = static_cast<int32_t>(static_cast<uint32_t>(run.first) -
                                        static_cast<uint32_t>(loop.scale.origin));
  // Groups from unit u on, to outputs whose channel 0 is at `to`.
  const auto run_groups = [&](int32_t u, const int32_t* bias, int32_t count, int8_t* to) {
    for (int32_t k = 0; k < kUnits; ++k) {
      // Fewer units than a group has: the last is computed again.
      const int32_t unit = u + k < run.units ? u + k : run.units - 1;
      loop.w_end[k] = run.filter + (unit + 1) * run.depth;
    }
    loop.bias = bias;
    loop.first_out = to;
    loop.out = to + u;
    loop.end = loop.out + count;
    midge_arm_v6m_run_units(loop);
  };
  int32_t some[kUnits] = {};  // biases, where there are none or less than a group's
  if (run.units < kUnits) {
    int8_t outputs[kUnits];
    for (int32_t u = 0; run.bias != nullptr && u < run.units; ++u) some[u] = run.bias[u];
    run_groups(0, some, kUnits, outputs);
    for (int32_t u = 0; u < run.units; ++u) out[u] = outputs[u];
    return;
  }
  if (run.bias != nullptr) {
    run_groups(0, run.bias, run.units & ~(kUnits - 1), out);
  } else {
    for (int32_t u = 0; u + kUnits <= run.units; u += kUnits) run_groups(u, some, kUnits, out);
  }
  // The last group overlaps the one before.
  const int32_t u = run.units - kUnits;
  if (run.units % kUnits != 0) {
    run_groups(u, run.bias != nullptr ? run.bias + u : some, kUnits, out);
  }
}

}  // namespace midge::arm_v6m
