// SPDX-License-Identifier: Apache-2.0
//
// Four units at a time. Weights are read once, so the zero point's part of their sums is added on
// the way, by another product: where zi >= 0
//
//   sum w * (x - zi) = sum w * x + sum w * (-zi)
//
// and where zi < 0, as -zi may be 128, which is no int8, by way of ~x = -x - 1,
//
//   sum w * (x - zi) = -(sum w * ~x + sum w * (1 + zi)).
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/columns.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kQuad = 4;  // units

// sum_d w_k[d] * ((x[d] ^ mask) + offset) for four rows of weights; depth at least 1.
inline S32x4 Products(const int8_t* x, const int8_t* w0, const int8_t* w1, const int8_t* w2,
                      const int8_t* w3, int32_t depth, S8x16 mask, S8x16 offset) {
#if MIDGE_ARM_MVE_ASM
  int32_t a0, a1, a2, a3;
  S8x16 v, u;
  asm("mov           %[a0], #0\n\t"
      "mov           %[a1], #0\n\t"
      "mov           %[a2], #0\n\t"
      "mov           %[a3], #0\n\t"
      "dlstp.8       lr, %[depth]\n"
      "1:\n\t"
      "vldrb.8       %q[v], [%[x]], #16\n\t"
      "veor          %q[v], %q[v], %q[mask]\n\t"
      "vldrb.8       %q[u], [%[w0]], #16\n\t"
      "vmladava.s8   %[a0], %q[v], %q[u]\n\t"
      "vmladava.s8   %[a0], %q[offset], %q[u]\n\t"
      "vldrb.8       %q[u], [%[w1]], #16\n\t"
      "vmladava.s8   %[a1], %q[v], %q[u]\n\t"
      "vmladava.s8   %[a1], %q[offset], %q[u]\n\t"
      "vldrb.8       %q[u], [%[w2]], #16\n\t"
      "vmladava.s8   %[a2], %q[v], %q[u]\n\t"
      "vmladava.s8   %[a2], %q[offset], %q[u]\n\t"
      "vldrb.8       %q[u], [%[w3]], #16\n\t"
      "vmladava.s8   %[a3], %q[v], %q[u]\n\t"
      "vmladava.s8   %[a3], %q[offset], %q[u]\n\t"
      "letp          lr, 1b"
      : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3), [v] "=&w"(v),
        [u] "=&w"(u), [x] "+r"(x), [w0] "+r"(w0), [w1] "+r"(w1), [w2] "+r"(w2), [w3] "+r"(w3)
      : [depth] "r"(depth), [mask] "w"(mask), [offset] "w"(offset)
      : "lr", "memory");
  return Lanes(a0, a1, a2, a3);
#else
  const int8_t* const rows[kQuad] = {w0, w1, w2, w3};
  int32_t sums[kQuad] = {};
  for (int k = 0; k < kQuad; ++k) {
    for (int32_t d = 0; d < depth; ++d) {
      const int32_t v = (x[d] ^ mask.lane[0]) + offset.lane[0];
      sums[k] = AddWrapping(sums[k], rows[k][d] * v);
    }
  }
  return LoadS32(sums);
#endif
}

}  // namespace

static_assert(std::is_same_v<decltype(FullyConnectedS8), decltype(portable::FullyConnectedS8)>);

void FullyConnectedS8(const FullyConnectedS8Params& params, const ChannelMultipliers& multipliers,
                      const int8_t* input, const int8_t* filter, const int32_t* bias,
                      int32_t batches, int8_t* output) {
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const int32_t input_zero_point = params.input_zero_point;
  const bool negated = input_zero_point < 0;
  const S8x16 mask = SplatS8(negated ? -1 : 0);
  const S8x16 offset = SplatS8(negated ? 1 + input_zero_point : -input_zero_point);
  const S32x4 negation = SplatS32(negated ? -1 : 0);
  int8_t* out = output;
  for (int32_t b = 0; b < batches; ++b, input += depth, out += units) {
    // -n = ~n + 1. And the filter's zero point: -zf * sum (x - zi).
    int32_t first = negated ? 1 : 0;
    if (params.filter_zero_point != 0) {
      const uint32_t sum = static_cast<uint32_t>(Sum(input, depth, 0)) -
                           static_cast<uint32_t>(depth) * static_cast<uint32_t>(input_zero_point);
      const uint32_t part = static_cast<uint32_t>(-params.filter_zero_point) * sum;
      first = AddWrapping(first, static_cast<int32_t>(part));
    }
    const int8_t* w = filter;
    for (int32_t u = 0; u < units; u += kQuad) {
      const int32_t count = units - u;
      const int8_t* const w1 = w + (count > 1 ? depth : 0);
      const int8_t* const w2 = w1 + (count > 2 ? depth : 0);
      const int8_t* const w3 = w2 + (count > 3 ? depth : 0);
      S32x4 sums = Xor(Products(input, w, w1, w2, w3, depth, mask, offset), negation);
      w = w3 + depth;
      sums = Add(sums, first);
      if (bias != nullptr) sums = Add(sums, LoadS32(bias + u, count));
      const int32_t at = u * multipliers.step;
      const bool own = multipliers.step != 0;
      const S32x4 scaled = Requantize(
          sums,
          own ? LoadS32(multipliers.multiplier_q31 + at, count)
              : SplatS32(*multipliers.multiplier_q31),
          own ? LoadS8AsS32(multipliers.exponent + at, count) : SplatS32(*multipliers.exponent));
      StoreS32AsS8(out + u, SaturateToS8(Add(scaled, params.output_zero_point)), count);
    }
  }
  if (!IsAllOfS8(params.clamp)) ClampS8(params.clamp, output, batches * units);
}

}  // namespace midge::arm_mve
