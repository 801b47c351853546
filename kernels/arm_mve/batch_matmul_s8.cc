// SPDX-License-Identifier: Apache-2.0
//
// Where both matrices lie with the depth innermost, the product is a fully connected layer. Where b
// has its columns innermost, sums of four of them are a vector, to which each element of a row of a
// adds its multiple of four neighbours (VMLA).
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/helium.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kBlock = 16;  // columns whose sums are kept in registers

// Of one row of a, less its zero point, and neighbouring columns of b.
struct Product {
  const int8_t* a;
  int32_t a_step;
  int32_t a_zero_point;
  const int8_t* b;
  int32_t b_step;
  int32_t depth;  // at least 1
};

// sums[n] = sum_k (a[k] - za) * b[k][n] for n < kBlock; returns sum_k (a[k] - za).
int32_t MultiplyBlock(const Product& product, int32_t* sums) {
  int32_t total = 0;
#if MIDGE_ARM_MVE_ASM
  const int8_t *a = product.a, *b = product.b;
  S32x4 s0 = SplatS32(0), s1 = s0, s2 = s0, s3 = s0, v;
  int32_t x;
  asm volatile(
      "dls          lr, %[depth]\n"
      "1:\n\t"
      "ldrsb        %[x], [%[a]]\n\t"
      "add          %[a], %[a], %[a_step]\n\t"
      "sub          %[x], %[x], %[zero_point]\n\t"
      "add          %[total], %[total], %[x]\n\t"
      "vldrb.s32    %q[v], [%[b]]\n\t"
      "vmla.s32     %q[s0], %q[v], %[x]\n\t"
      "vldrb.s32    %q[v], [%[b], #4]\n\t"
      "vmla.s32     %q[s1], %q[v], %[x]\n\t"
      "vldrb.s32    %q[v], [%[b], #8]\n\t"
      "vmla.s32     %q[s2], %q[v], %[x]\n\t"
      "vldrb.s32    %q[v], [%[b], #12]\n\t"
      "add          %[b], %[b], %[b_step]\n\t"
      "vmla.s32     %q[s3], %q[v], %[x]\n\t"
      "le           lr, 1b"
      : [a] "+r"(a), [b] "+l"(b), [total] "+r"(total), [x] "=&r"(x), [s0] "+&w"(s0), [s1] "+&w"(s1),
        [s2] "+&w"(s2), [s3] "+&w"(s3), [v] "=&w"(v)
      : [depth] "r"(product.depth), [a_step] "r"(product.a_step), [b_step] "r"(product.b_step),
        [zero_point] "r"(product.a_zero_point)
      : "lr", "memory");
  StoreS32(sums, s0), StoreS32(sums + 4, s1), StoreS32(sums + 8, s2), StoreS32(sums + 12, s3);
#else
  for (int32_t n = 0; n < kBlock; ++n) sums[n] = 0;
  for (int32_t k = 0; k < product.depth; ++k) {
    const int32_t x = product.a[k * product.a_step] - product.a_zero_point;
    total = AddWrapping(total, x);
    for (int32_t n = 0; n < kBlock; ++n) {
      sums[n] = AddWrapping(sums[n], x * product.b[k * product.b_step + n]);
    }
  }
#endif
  return total;
}

// The same for n < columns, at most four.
int32_t MultiplyVector(const Product& product, int32_t columns, int32_t* sums) {
  int32_t total = 0;
#if MIDGE_ARM_MVE_ASM
  const int8_t *a = product.a, *b = product.b;
  S32x4 s = SplatS32(0), v;
  int32_t x;
  asm volatile(
      "vctp.32      %[columns]\n\t"
      "dls          lr, %[depth]\n"
      "1:\n\t"
      "ldrsb        %[x], [%[a]]\n\t"
      "add          %[a], %[a], %[a_step]\n\t"
      "sub          %[x], %[x], %[zero_point]\n\t"
      "add          %[total], %[total], %[x]\n\t"
      "vpst\n\t"
      "vldrbt.s32   %q[v], [%[b]]\n\t"
      "add          %[b], %[b], %[b_step]\n\t"
      "vmla.s32     %q[s], %q[v], %[x]\n\t"
      "le           lr, 1b"
      : [a] "+r"(a), [b] "+l"(b), [total] "+r"(total), [x] "=&r"(x), [s] "+&w"(s), [v] "=&w"(v)
      : [depth] "r"(product.depth), [a_step] "r"(product.a_step), [b_step] "r"(product.b_step),
        [zero_point] "r"(product.a_zero_point), [columns] "r"(columns)
      : "lr", "p0", "memory");
  StoreS32(sums, s);
#else
  for (int32_t n = 0; n < 4; ++n) sums[n] = 0;
  for (int32_t k = 0; k < product.depth; ++k) {
    const int32_t x = product.a[k * product.a_step] - product.a_zero_point;
    total = AddWrapping(total, x);
    for (int32_t n = 0; n < columns && n < 4; ++n) {
      sums[n] = AddWrapping(sums[n], x * product.b[k * product.b_step + n]);
    }
  }
#endif
  return total;
}

}  // namespace

static_assert(std::is_same_v<decltype(BatchMatMulS8), decltype(portable::BatchMatMulS8)>);

void BatchMatMulS8(const BatchMatMulS8Params& params, const int8_t* a, const int8_t* b,
                   int8_t* output) {
  const MatMulShape& shape = params.shape;
  const auto exponent = static_cast<int8_t>(params.multiplier.exponent);
  const ChannelMultipliers multiplier = {&params.multiplier.multiplier_q31, &exponent, 0};
  constexpr ClampRange kAll = {INT8_MIN, INT8_MAX};
  const bool a_rows =
      shape.a_depth_step == 1 && (shape.a_row_step == shape.depth || shape.rows == 1);
  const bool b_columns =
      shape.b_depth_step == 1 && (shape.b_column_step == shape.depth || shape.columns == 1);
  if (a_rows && b_columns) {
    FullyConnectedS8Params layer = {};
    layer.shape = {shape.depth, shape.columns};
    layer.input_zero_point = static_cast<int8_t>(params.a_zero_point);
    layer.filter_zero_point = static_cast<int8_t>(params.b_zero_point);
    layer.output_zero_point = params.output_zero_point;
    layer.clamp = kAll;
    return FullyConnectedS8(layer, multiplier, a, b, nullptr, shape.rows, output);
  }
  if (shape.b_column_step != 1 || shape.depth == 0) {
    return portable::BatchMatMulS8(params, a, b, output);
  }
  const Requantization to = {multiplier, params.output_zero_point, kAll};
  for (int32_t m = 0; m < shape.rows; ++m, a += shape.a_row_step) {
    for (int32_t n = 0; n < shape.columns; n += kBlock) {
      const int32_t count = shape.columns - n < kBlock ? shape.columns - n : kBlock;
      const Product product = {a,     shape.a_depth_step, params.a_zero_point,
                               b + n, shape.b_depth_step, shape.depth};
      int32_t sums[kBlock], total = 0;
      if (count == kBlock) {
        total = MultiplyBlock(product, sums);
      } else {
        for (int32_t k = 0; k < count; k += 4) {
          Product part = product;
          part.b += k;
          total = MultiplyVector(part, count - k, sums + k);
        }
      }
      // sum_k v * (b - zb) = sum_k v * b - zb * sum_k v, where v = a - za.
      const int32_t first = MultiplyWrapping(-params.b_zero_point, total);
      for (int32_t k = 0; first != 0 && k < count; ++k) sums[k] = AddWrapping(sums[k], first);
      RequantizeS8(to, sums, 0, count, output);
      output += count;
    }
  }
}

}  // namespace midge::arm_mve
