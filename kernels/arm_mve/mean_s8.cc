// SPDX-License-Identifier: Apache-2.0
//
// Neighbouring columns as int16 lanes, which hold sums of kMostNarrow elements; a column of
// neighbouring elements as one sum.
#include <cstring>
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/dot_s8.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kMostNarrow = 256;  // elements whose sum fits an int16
constexpr int32_t kLanes = 8, kBlock = 64;

// sums[k] = sum_i x[i * step + k] for i < count <= kMostNarrow, k < 2 * kLanes; count at least 1.
void AddTwoVectors(const int8_t* x, int32_t count, int32_t step, int16_t* sums) {
#if MIDGE_ARM_MVE_ASM
  S16x8 a, b, v, u;
  asm volatile(
      "vmov.i16     %q[a], #0\n\t"
      "vmov.i16     %q[b], #0\n\t"
      "dls          lr, %[count]\n"
      "1:\n\t"
      "vldrb.s16    %q[v], [%[x]]\n\t"
      "vldrb.s16    %q[u], [%[x], #8]\n\t"
      "vadd.i16     %q[a], %q[a], %q[v]\n\t"
      "add          %[x], %[x], %[step]\n\t"
      "vadd.i16     %q[b], %q[b], %q[u]\n\t"
      "le           lr, 1b\n\t"
      "vstrh.16     %q[a], [%[sums]]\n\t"
      "vstrh.16     %q[b], [%[sums], #16]"
      : [x] "+l"(x), [a] "=&w"(a), [b] "=&w"(b), [v] "=&w"(v), [u] "=&w"(u)
      : [count] "r"(count), [step] "r"(step), [sums] "r"(sums)
      : "lr", "memory");
#else
  std::memset(sums, 0, 2 * kLanes * sizeof *sums);
  for (; count > 0; --count, x += step) {
    for (int32_t k = 0; k < 2 * kLanes; ++k) sums[k] = static_cast<int16_t>(sums[k] + x[k]);
  }
#endif
}

// The same for k < columns, or kLanes if these are more; others are 0.
void AddVector(const int8_t* x, int32_t count, int32_t step, int32_t columns, int16_t* sums) {
#if MIDGE_ARM_MVE_ASM
  S16x8 a, v;
  asm volatile(
      "vmov.i16     %q[a], #0\n\t"
      "vctp.16      %[columns]\n\t"
      "dls          lr, %[count]\n"
      "1:\n\t"
      "vpst\n\t"
      "vldrbt.s16   %q[v], [%[x]]\n\t"
      "vadd.i16     %q[a], %q[a], %q[v]\n\t"
      "add          %[x], %[x], %[step]\n\t"
      "le           lr, 1b\n\t"
      "vstrh.16     %q[a], [%[sums]]"
      : [x] "+l"(x), [a] "=&w"(a), [v] "=&w"(v)
      : [count] "r"(count), [step] "r"(step), [sums] "r"(sums), [columns] "r"(columns)
      : "lr", "p0", "memory");
#else
  std::memset(sums, 0, kLanes * sizeof *sums);
  for (; count > 0; --count, x += step) {
    for (int32_t k = 0; k < columns && k < kLanes; ++k)
      sums[k] = static_cast<int16_t>(sums[k] + x[k]);
  }
#endif
}

// sums[k] += narrow[k] for k < count, at least 1.
void AddNarrow(const int16_t* narrow, int32_t count, int32_t* sums) {
#if MIDGE_ARM_MVE_ASM
  S32x4 a, v;
  asm volatile(
      "dlstp.32     lr, %[count]\n"
      "1:\n\t"
      "vldrh.s32    %q[v], [%[narrow]], #8\n\t"
      "vldrw.32     %q[a], [%[sums]]\n\t"
      "vadd.i32     %q[a], %q[a], %q[v]\n\t"
      "vstrw.32     %q[a], [%[sums]], #16\n\t"
      "letp         lr, 1b"
      : [narrow] "+l"(narrow), [sums] "+r"(sums), [a] "=&w"(a), [v] "=&w"(v)
      : [count] "r"(count)
      : "lr", "memory");
#else
  for (; count > 0; --count) *sums++ += *narrow++;
#endif
}

// sums[k] += sum_i x[i * step + k] for i < count, k < columns <= kBlock.
void AddRun(const int8_t* x, int32_t count, int32_t step, int32_t columns, int32_t* sums) {
  while (count > 0) {
    const int32_t here = count < kMostNarrow ? count : kMostNarrow;
    int16_t narrow[kBlock];
    int32_t k = 0;
    for (; k + 2 * kLanes <= columns; k += 2 * kLanes) AddTwoVectors(x + k, here, step, narrow + k);
    for (; k < columns; k += kLanes) AddVector(x + k, here, step, columns - k, narrow + k);
    AddNarrow(narrow, columns, sums);
    x += here * step;
    count -= here;
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(MeanS8), decltype(portable::MeanS8)>);

void MeanS8(const QuantizedMeanParams& params, const Reduced& reduced, const int8_t* input,
            int32_t columns, int8_t* output) {
  const bool in_rows = columns == 1 && reduced.run_step == 1;
  if (columns == 1 && !in_rows) return portable::MeanS8(params, reduced, input, columns, output);
  const auto exponent = static_cast<int8_t>(params.multiplier.exponent);
  const Requantization to = {{&params.multiplier.multiplier_q31, &exponent, 0},
                             params.output_zero_point,
                             {INT8_MIN, INT8_MAX}};
  for (int32_t c = 0; c < columns; c += kBlock) {
    const int32_t count = columns - c < kBlock ? columns - c : kBlock;
    int32_t sums[kBlock];
    for (int32_t k = 0; k < count; ++k) sums[k] = -params.input_offset;
    ForEachIteration(reduced.loops, reduced.loop_count, [&](const Offsets<1>& offsets) {
      const int8_t* const x = input + c + offsets.at[0];
      if (in_rows) {
        sums[0] = Sum(x, reduced.run, sums[0]);
      } else {
        AddRun(x, reduced.run, reduced.run_step, count, sums);
      }
    });
    RequantizeS8(to, sums, 0, count, output + c);
  }
}

}  // namespace midge::arm_mve
