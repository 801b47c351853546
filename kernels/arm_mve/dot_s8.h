// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of ops in which one vector of int8 inputs meets many rows of int8 weights, each
// read once: six rows at a time.
#pragma once

#include <cstdint>

#include "kernels/arm_mve/helium.h"
#include "kernels/fixed_point.h"
#include "midge/rows.h"

namespace midge::arm_mve {

// acc + sum_k x[k] for k < count.
inline int32_t Sum(const int8_t* x, int32_t count, int32_t acc) {
#if MIDGE_ARM_MVE_ASM
  S8x16 v;
  asm("wlstp.8    lr, %[count], 2f\n"
      "1:\n\t"
      "vldrb.8    %q[v], [%[x]], #16\n\t"
      "vaddva.s8  %[acc], %q[v]\n\t"
      "letp       lr, 1b\n"
      "2:"
      : [x] "+r"(x), [acc] "+Te"(acc), [v] "=&w"(v)
      : [count] "r"(count)
      : "lr", "memory");
#else
  for (; count > 0; count -= 16, x += 16) acc = SumS8(LoadS8(x, count), acc);
#endif
  return acc;
}

// acc + sum_k x[k] * w[k] for k < count.
inline int32_t Dot(const int8_t* x, const int8_t* w, int32_t count, int32_t acc) {
#if MIDGE_ARM_MVE_ASM
  S8x16 v, u;
  asm("wlstp.8       lr, %[count], 2f\n"
      "1:\n\t"
      "vldrb.8       %q[v], [%[x]], #16\n\t"
      "vldrb.8       %q[u], [%[w]], #16\n\t"
      "vmladava.s8   %[acc], %q[v], %q[u]\n\t"
      "letp          lr, 1b\n"
      "2:"
      : [x] "+r"(x), [w] "+r"(w), [acc] "+Te"(acc), [v] "=&w"(v), [u] "=&w"(u)
      : [count] "r"(count)
      : "lr", "memory");
#else
  for (; count > 0; --count) acc = AddWrapping(acc, *x++ * *w++);
#endif
  return acc;
}

// The inputs x[i], i < count, less their zero point. Differences that fit int8, as most do, need
// one product; those of a few others, and 256 with its sign for each of these inputs by itself; or,
// if there are many, a second product
//
//   sum w * (x - zi) = sum w * x + sum w * (-zi)
//
// and as -zi may be 128, which is no int8, then by way of ~x = -x - 1,
//
//   sum w * (x + 128) = -(sum w * ~x + sum w * -127).
class DotInput {
 public:
  DotInput(const int8_t* x, int32_t zero_point, int32_t count);

  // sums[k] = from[k] + sum_i (x[i] - zero_point) * w[k * count + i] for k < rows, modulo 2^32.
  // `from` and `sums` do not overlap.
  void Products(const int32_t* from, const int8_t* w, int32_t rows, int32_t* sums) const;

 private:
  void SixesOfProducts(const int32_t* from, const int8_t* w, int32_t rows, int32_t* sums) const;

  static constexpr int32_t kMostWide = 8;
  static constexpr int32_t kManyWide = -1;

  const int8_t* x_;
  int32_t zero_point_, count_;
  int32_t wide_ = 0;  // inputs whose differences do not fit, or kManyWide
  int32_t wide_at_[kMostWide];
};

// sums[k] = sum_i w[k * count + i] for k < rows; count at least 1.
void SumRows(const int8_t* w, int32_t count, int32_t rows, int32_t* sums);

// sums[k] = bias[k] + factor * sums[k] for k < count, at least one; of no bias (null), less that.
void MakeBiases(const int32_t* bias, int32_t factor, int32_t count, int32_t* sums);

}  // namespace midge::arm_mve
