// SPDX-License-Identifier: Apache-2.0
//
// Inputs are widened once for all units, up to kChunk of them at a time; then the weights of two
// units at a time, taken apart as they are read, meet them. Sums of a block of units wait on the
// stack where the depth takes several chunks.
#include <cstddef>
#include <type_traits>

#include "kernels/arm_dsp/arm_dsp.h"
#include "kernels/arm_dsp/requantize.h"

namespace midge::arm_dsp {
namespace {

constexpr int32_t kBlock = 32;   // units; even
constexpr int32_t kChunk = 256;  // inputs; a multiple of 4

// Writes x[i] + offset, offset in both lanes, as words of elements (0, 2) and (1, 3) of each quad.
void Widen(const int8_t* x, int32_t quads, uint32_t offset, uint32_t* wide) {
  for (; quads > 0; --quads, x += 4, wide += 2) {
    const uint32_t word = Load32(x);
    wide[0] = Sxtab16(offset, word);
    wide[1] = Sxtab16Ror8(offset, word);
  }
}

// Pairs of units, one after the other: the next pair's.
struct PairLoop {
  const uint32_t* x;              // as Widen leaves it
  const int8_t* w;                // of the first unit
  int32_t stride;                 // to the second unit
  int32_t* sums;                  // two
  const uint32_t* end_of_rounds;  // four quads each, for which weights must be aligned words
  const uint32_t* end_of_quads;
  int32_t gap;         // from the end of the second unit's quads to the next pair
  const int32_t* end;  // of sums
};

// sums[u] += sum_d w[u][d] * x[d], modulo 2^32, until loop.end.
#if MIDGE_ARM_DSP_ASM

// The same as the twin below, in an order that keeps 13 registers busy and spills nothing.
[[gnu::noinline]] void RunPairs(PairLoop& loop) {
  static_assert(offsetof(PairLoop, sums) == 12 && offsetof(PairLoop, gap) == 24);
  // r1 inputs, r2 and r12 weights, r8 and r9 sums
#define MIDGE_WORD(w, even, odd, sum)     \
  "sxtb16 lr, " w                         \
  ", ror #8\n\t"                          \
  "sxtb16 " w ", " w                      \
  "\n\t"                                  \
  "smlad  " sum ", " w ", " even ", " sum \
  "\n\t"                                  \
  "smlad  " sum ", lr, " odd ", " sum "\n\t"
#define MIDGE_ROW(w, sum)                                               \
  "ldrd   r10, r11, [" w "], #8\n\t" MIDGE_WORD("r10", "r3", "r4", sum) \
      MIDGE_WORD("r11", "r5", "r6", sum)
#define MIDGE_TWO_QUADS \
  "ldm    r1!, {r3, r4, r5, r6}\n\t" MIDGE_ROW("r2", "r8") MIDGE_ROW("r12", "r9")
  PairLoop* fields = &loop;
  asm volatile(
      "1:\n\t"
      "ldm    %0, {r1, r2, r3, r4, r5, r6}\n\t"
      "add    r12, r2, r3\n\t"
      "ldrd   r8, r9, [r4]\n\t"
      "push   {%0}\n\t"
      "push   {r6}\n\t"
      "mov    %0, r5\n\t"
      "cmp    r1, r5\n\t"
      "beq    3f\n"
      "2:\n\t" MIDGE_TWO_QUADS MIDGE_TWO_QUADS
      "cmp    r1, %0\n\t"
      "bne    2b\n"
      "3:\n\t"
      "pop    {%0}\n"
      "4:\n\t"
      "cmp    r1, %0\n\t"
      "beq    5f\n\t"
      "ldm    r1!, {r3, r4}\n\t"
      "ldr    r10, [r2], #4\n\t"
      "ldr    r11, [r12], #4\n\t"
      MIDGE_WORD("r10", "r3", "r4", "r8")
      MIDGE_WORD("r11", "r3", "r4", "r9")
      "b      4b\n"
      "5:\n\t"
      "pop    {%0}\n\t"
      "ldrd   r3, r5, [%0, #24]\n\t"  // gap, end
      "ldr    r4, [%0, #12]\n\t"
      "add    r2, r12, r3\n\t"
      "strd   r8, r9, [r4], #8\n\t"
      "str    r2, [%0, #4]\n\t"
      "str    r4, [%0, #12]\n\t"
      "cmp    r4, r5\n\t"
      "bne    1b"
      : "+r"(fields)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
#undef MIDGE_TWO_QUADS
#undef MIDGE_ROW
#undef MIDGE_WORD
}

#else

void RunPairs(PairLoop& loop) {
  for (; loop.sums != loop.end; loop.sums += 2) {
    const int8_t* w0 = loop.w;
    const int8_t* w1 = w0 + loop.stride;
    for (const uint32_t* x = loop.x; x != loop.end_of_quads; x += 2, w0 += 4, w1 += 4) {
      const uint32_t a = Load32(w0), b = Load32(w1);
      loop.sums[0] = Smlad(Sxtb16Ror8(a), x[1], Smlad(Sxtb16(a), x[0], loop.sums[0]));
      loop.sums[1] = Smlad(Sxtb16Ror8(b), x[1], Smlad(Sxtb16(b), x[0], loop.sums[1]));
    }
    loop.w = w1 + loop.gap;
  }
}

#endif

// Adds to the sums of `count` units what `elements` inputs contribute: those at `input`, all but
// the last few of them widened at `wide`. w is the first unit's first weight.
void AddProducts(const int8_t* w, int32_t depth, const int8_t* input, int32_t elements,
                 int32_t zero_point, const uint32_t* wide, int32_t count, int32_t* sums) {
  const int32_t quads = elements / 4;
  const bool aligned = ((reinterpret_cast<uintptr_t>(w) | static_cast<uintptr_t>(depth)) & 3) == 0;
  PairLoop loop = {wide,
                   w,
                   depth,
                   sums,
                   wide + (aligned ? (quads & ~3) * 2 : 0),
                   wide + quads * 2,
                   depth - quads * 4,
                   sums + (count & ~1)};
  if (count > 1) RunPairs(loop);
  if (count % 2 != 0) {
    // The last unit twice.
    int32_t pair[2] = {sums[count - 1]};
    loop.sums = pair;
    loop.end = pair + 2;
    loop.stride = 0;
    RunPairs(loop);
    sums[count - 1] = pair[0];
  }
  // A word of weights would reach beyond the row.
  for (int32_t d = quads * 4; d < elements; ++d) {
    const int32_t x = input[d] - zero_point;
    for (int32_t k = 0; k < count; ++k) sums[k] = AddWrapping(sums[k], w[k * depth + d] * x);
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
  const bool is_shared = multipliers.step == 0 && shared.fits();
  uint32_t wide[kChunk / 2];
  int32_t sums[kBlock];
  int8_t* out = output;
  for (int32_t b = 0; b < batches; ++b, input += depth) {
    // sum (w - zf) * v = sum w * v - zf * sum v, where v = input - zi.
    int32_t first = 0;
    if (params.filter_zero_point != 0) {
      uint32_t sum = 0;
      for (int32_t d = 0; d < depth; ++d)
        sum += static_cast<uint32_t>(input[d] - params.input_zero_point);
      first = static_cast<int32_t>(sum * static_cast<uint32_t>(-params.filter_zero_point));
    }
    for (int32_t u = 0; u < units; u += kBlock) {
      const int32_t count = units - u < kBlock ? units - u : kBlock;
      for (int32_t k = 0; k < count; ++k) {
        sums[k] = AddWrapping(first, bias != nullptr ? bias[u + k] : 0);
      }
      for (int32_t d = 0; d < depth; d += kChunk) {
        const int32_t chunk = depth - d < kChunk ? depth - d : kChunk;
        if (u == 0 || depth > kChunk)
          Widen(input + d, chunk / 4, Splat16(-params.input_zero_point), wide);
        AddProducts(filter + u * depth + d, depth, input + d, chunk, params.input_zero_point, wide,
                    count, sums);
      }
      if (is_shared) {
        for (int32_t k = 0; k < count; ++k) *out++ = shared.S8(sums[k]);
      } else {
        RequantizeS8(quantized, sums, u, count, out);
        out += count;
      }
    }
  }
  if (!IsAllOfS8(params.clamp)) ClampS8(params.clamp, output, batches * units);
}

}  // namespace midge::arm_dsp
