// SPDX-License-Identifier: Apache-2.0
//
// Four units at a time: inputs are widened as they are read, once for four rows of weights.
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {
namespace {

constexpr int kUnits = 4;

// acc[u] += sum_d w[u * w_stride + d] * (x[d] + offset), d < 4 * quads, offset in both lanes;
// modulo 2^32.
inline void MultiplyUnits(const int8_t* x, uint32_t offset, const int8_t* w, int32_t w_stride,
                          int32_t quads, int32_t (&acc)[kUnits]) {
#if MIDGE_ARM_DSP_ASM
  // Rows 0, 1 from `w`, rows 2, 3 from `v`. The end is compared in memory, for want of a register.
#define MIDGE_ROW(load, a)          \
  "ldr    %[t], " load              \
  "\n\t"                            \
  "sxtb16 %[u], %[t]\n\t"           \
  "sxtb16 %[t], %[t], ror #8\n\t"   \
  "smlad  " a ", %[u], %[even], " a \
  "\n\t"                            \
  "smlad  " a ", %[t], %[odd], " a "\n\t"
#define MIDGE_QUAD                                                                      \
  "ldr    %[t], [%[x]], #4\n\t"                                                         \
  "sxtab16 %[even], %[offset], %[t]\n\t"                                                \
  "sxtab16 %[odd], %[offset], %[t], ror #8\n\t" MIDGE_ROW("[%[w], %[stride]]", "%[a1]") \
      MIDGE_ROW("[%[w]], #4", "%[a0]") MIDGE_ROW("[%[v], %[stride]]", "%[a3]")          \
          MIDGE_ROW("[%[v]], #4", "%[a2]")
#define MIDGE_END(end) "ldr    %[t], " end "\n\tcmp    %[x], %[t]\n\t"
  const int8_t* const end_of_rounds = x + (quads & ~3) * 4;
  const int8_t* const end = x + quads * 4;
  const int8_t* v = w + 2 * w_stride;
  uint32_t even, odd, t, u;
  asm volatile(MIDGE_END("%[rounds]")
               "beq    2f\n"
               "1:\n\t" MIDGE_QUAD MIDGE_QUAD MIDGE_QUAD MIDGE_QUAD MIDGE_END("%[rounds]")
               "bne    1b\n"
               "2:\n\t" MIDGE_END("%[end]")
               "beq    4f\n"
               "3:\n\t" MIDGE_QUAD MIDGE_END("%[end]")
               "bne    3b\n"
               "4:"
               : [x] "+r"(x), [w] "+r"(w), [v] "+r"(v), [even] "=&r"(even), [odd] "=&r"(odd),
                 [t] "=&r"(t), [u] "=&r"(u), [a0] "+r"(acc[0]), [a1] "+r"(acc[1]),
                 [a2] "+r"(acc[2]), [a3] "+r"(acc[3])
               : [stride] "r"(w_stride), [offset] "r"(offset), [rounds] "m"(end_of_rounds),
                 [end] "m"(end)
               : "cc", "memory");
#undef MIDGE_END
#undef MIDGE_QUAD
#undef MIDGE_ROW
#else
  for (; quads > 0; --quads, x += 4, w += 4) {
    const uint32_t even = Sxtab16(offset, Load32(x)), odd = Sxtab16Ror8(offset, Load32(x));
    for (int u = 0; u < kUnits; ++u) {
      const uint32_t word = Load32(w + u * w_stride);
      acc[u] = Smlad(Sxtb16Ror8(word), odd, Smlad(Sxtb16(word), even, acc[u]));
    }
  }
#endif
}

// The same for one unit.
inline int32_t MultiplyUnit(const int8_t* x, uint32_t offset, const int8_t* w, int32_t quads,
                            int32_t acc) {
  for (; quads > 0; --quads, x += 4, w += 4) {
    const uint32_t inputs = Load32(x), weights = Load32(w);
    acc = Smlad(Sxtb16(weights), Sxtab16(offset, inputs), acc);
    acc = Smlad(Sxtb16Ror8(weights), Sxtab16Ror8(offset, inputs), acc);
  }
  return acc;
}

// Units [u, u + kCount), whose weights begin at w. `shared` is unit 0's
// requantizer, `first` what sums begin with before the bias.
template <int kCount>
[[gnu::noinline]] void ComputeUnits(const FullyConnectedS8Params& params,
                                    const QuantizedOutput& quantized,
                                    const ChannelRequantizer& shared, int32_t first,
                                    const int8_t* input, const int8_t* w, const int32_t* bias,
                                    int32_t u, int8_t* out) {
  const int32_t depth = params.shape.depth, zero_point = params.input_zero_point;
  const uint32_t offset = Splat16(-zero_point);
  int32_t acc[kCount];
  Unrolled<kCount>([&](int k) { acc[k] = AddWrapping(first, bias != nullptr ? bias[u + k] : 0); });
  if constexpr (kCount == kUnits) {
    MultiplyUnits(input, offset, w, depth, depth / 4, acc);
  } else {
    acc[0] = MultiplyUnit(input, offset, w, depth / 4, acc[0]);
  }
  for (int32_t d = depth & ~3; d < depth; ++d) {
    const int32_t x = input[d] - zero_point;
    Unrolled<kCount>([&](int k) { acc[k] = AddWrapping(acc[k], w[k * depth + d] * x); });
  }
  if (quantized.multipliers.step == 0 && shared.fits()) {
    Unrolled<kCount>([&](int k) { out[k] = shared.S8(acc[k]); });
    return;
  }
  int32_t sums[kCount];
  Unrolled<kCount>([&](int k) { sums[k] = acc[k]; });
  for (int32_t k = 0; k < kCount; ++k) {
    const ChannelRequantizer own(quantized, u + k);
    out[k] = own.fits() ? own.S8(sums[k]) : quantized.S8(sums[k], u + k);
  }
}

}  // namespace

static_assert(std::is_same_v<decltype(FullyConnectedS8), decltype(portable::FullyConnectedS8)>);

void FullyConnectedS8(const FullyConnectedS8Params& params, const ChannelMultipliers& multipliers,
                      const int8_t* input, const int8_t* filter, const int32_t* bias,
                      int32_t batches, int8_t* output) {
  const int32_t depth = params.shape.depth, units = params.shape.units;
  const QuantizedOutput quantized = {multipliers, params.output_zero_point, params.clamp};
  const ChannelRequantizer shared(quantized, 0);
  int8_t* out = output;
  for (int32_t b = 0; b < batches; ++b, input += depth, out += units) {
    // sum (w - zf) * v = sum w * v - zf * sum v, where v = input - zi.
    int32_t first = 0;
    if (params.filter_zero_point != 0) {
      int32_t sum = 0;
      for (int32_t d = 0; d < depth; ++d)
        sum = AddWrapping(sum, input[d] - params.input_zero_point);
      first = static_cast<int32_t>(static_cast<uint32_t>(-params.filter_zero_point) *
                                   static_cast<uint32_t>(sum));
    }
    int32_t u = 0;
    for (; u + kUnits <= units; u += kUnits) {
      ComputeUnits<kUnits>(params, quantized, shared, first, input, filter + u * depth, bias, u,
                           out + u);
    }
    for (; u < units; ++u) {
      ComputeUnits<1>(params, quantized, shared, first, input, filter + u * depth, bias, u,
                      out + u);
    }
  }
  if (!IsAllOfS8(params.clamp)) ClampS8(params.clamp, output, batches * units);
}

}  // namespace midge::arm_dsp
