// SPDX-License-Identifier: Apache-2.0
//
// In three passes over all filters: the history moves on, which is one move as filters follow each
// other; the newest results take their places; and as a unit's filters follow each other too, its
// sum is one product.
#include <limits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/dot_s8.h"
#include "kernels/arm_mve/requantize.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kBlock = 48;  // filters, or units

constexpr int32_t kNothing[kBlock] = {};

// sums[k] = from[k] + sum_i (x[k * depth + i] + offset) * w[k * depth + i] for k < rows, modulo
// 2^32; depth and rows at least 1, offset of type T.
template <typename T>
void DotsOfRows(const T* x, int32_t offset, const T* w, int32_t depth, int32_t rows,
                const int32_t* from, int32_t* sums) {
#if MIDGE_ARM_MVE_ASM
#define MIDGE_MVE_DOTS(load, bits)                                                         \
  asm volatile(                                                                            \
      "1:\n\t"                                                                             \
      "ldr           %[acc], [%[from]], #4\n\t"                                            \
      "dlstp." bits                                                                        \
      "      lr, %[depth]\n"                                                               \
      "2:\n\t" load "       %q[v], [%[x]], #16\n\t" load                                   \
      "       %q[u], [%[w]], #16\n\t"                                                      \
      "vmladava.s" bits                                                                    \
      "   %[acc], %q[v], %q[u]\n\t"                                                        \
      "vmladava.s" bits                                                                    \
      "   %[acc], %q[offsets], %q[u]\n\t"                                                  \
      "letp          lr, 2b\n\t"                                                           \
      "sub           %[x], %[x], %[padding]\n\t"                                           \
      "sub           %[w], %[w], %[padding]\n\t"                                           \
      "str           %[acc], [%[sums]], #4\n\t"                                            \
      "subs          %[rows], %[rows], #1\n\t"                                             \
      "bne           1b"                                                                   \
      : [x] "+r"(x), [w] "+r"(w), [from] "+r"(from), [sums] "+r"(sums), [rows] "+r"(rows), \
        [acc] "=&Te"(acc), [v] "=&w"(v), [u] "=&w"(u)                                      \
      : [depth] "r"(depth), [padding] "r"(padding), [offsets] "w"(offsets)                 \
      : "lr", "cc", "memory")
  const int32_t padding = -depth * static_cast<int32_t>(sizeof(T)) & 15;
  int32_t acc;
  S8x16 v, u;
  const S8x16 offsets = sizeof(T) == 1 ? SplatS8(offset) : SplatS16(offset);
  if constexpr (sizeof(T) == 1) {
    MIDGE_MVE_DOTS("vldrb.8", "8");
  } else {
    MIDGE_MVE_DOTS("vldrh.16", "16");
  }
#undef MIDGE_MVE_DOTS
#else
  for (int32_t k = 0; k < rows; ++k) {
    sums[k] = from[k];
    for (int32_t i = 0; i < depth; ++i) sums[k] = AddWrapping(sums[k], (*x++ + offset) * *w++);
  }
#endif
}

// Element i + 1 to place i, for i < count.
template <typename T>
void MoveDown(T* data, int32_t count) {
#if MIDGE_ARM_MVE_ASM
  const T* from = data + 1;
  S8x16 v;
  asm volatile(
      "wlstp.8    lr, %[bytes], 2f\n"
      "1:\n\t"
      "vldrb.8    %q[v], [%[from]], #16\n\t"
      "vstrb.8    %q[v], [%[to]], #16\n\t"
      "letp       lr, 1b\n"
      "2:"
      : [from] "+r"(from), [to] "+r"(data), [v] "=&w"(v)
      : [bytes] "r"(count * static_cast<int32_t>(sizeof(T)))
      : "lr", "memory");
#else
  for (int32_t i = 0; i < count; ++i) data[i] = data[i + 1];
#endif
}

}  // namespace

template <typename State>
void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
            const State* time, const int32_t* bias, State* state, int8_t* output) {
  const SvdfShape& shape = params.shape;
  const int32_t filters = shape.units * shape.rank, of_unit = shape.rank * shape.memory;
  const int32_t zero_point = params.state_zero_point;
  const RequantizerS32 feature_scale(params.feature_multiplier);
  const S32x4 min = SplatS32(std::numeric_limits<State>::min());
  const S32x4 max = SplatS32(std::numeric_limits<State>::max());
  const S32x4 lanes = Lanes(0, shape.memory, 2 * shape.memory, 3 * shape.memory);
  const auto time_exponent = static_cast<int8_t>(params.time_multiplier.exponent);
  const Requantization to = {{&params.time_multiplier.multiplier_q31, &time_exponent, 0},
                             params.output_zero_point,
                             {INT8_MIN, INT8_MAX}};
  const bool fits = -zero_point <= std::numeric_limits<State>::max();
  int32_t sums[kBlock] = {};  // lanes behind the last filter too
  for (int32_t b = 0; b < shape.batches; ++b, input += shape.inputs) {
    MoveDown(state, filters * shape.memory - 1);
    const DotInput x(input, params.input_zero_point, shape.inputs);
    State* newest = state + shape.memory - 1;
    for (int32_t f = 0; f < filters; f += kBlock) {
      const int32_t count = filters - f < kBlock ? filters - f : kBlock;
      x.Products(kNothing, feature + f * shape.inputs, count, sums);
      for (int32_t k = 0; k < count; k += 4, newest += 4 * shape.memory) {
        const S32x4 value = Min(Max(feature_scale.Apply(LoadS32(sums + k)), min), max);
        ScatterS32(newest, lanes, Add(value, zero_point), count - k);
      }
    }
    const State* w = time;
    for (int32_t u = 0; u < shape.units; u += kBlock) {
      const int32_t count = shape.units - u < kBlock ? shape.units - u : kBlock;
      const int32_t* from = bias != nullptr ? bias + u : kNothing;
      int32_t own[kBlock];
      if (!fits) {
        for (int32_t k = 0; k < count; ++k) {
          uint32_t weights = 0;
          for (int32_t i = 0; i < of_unit; ++i) {
            weights += static_cast<uint32_t>(w[k * of_unit + i]);
          }
          own[k] =
              AddWrapping(from[k], MultiplyWrapping(-zero_point, static_cast<int32_t>(weights)));
        }
        from = own;
      }
      DotsOfRows(state, fits ? -zero_point : 0, w, of_unit, count, from, sums);
      state += count * of_unit, w += count * of_unit;
      RequantizeS8(to, sums, 0, count, output);
      output += count;
    }
  }
}

template void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
                     const int8_t* time, const int32_t* bias, int8_t* state, int8_t* output);
template void SvdfS8(const SvdfS8Params& params, const int8_t* input, const int8_t* feature,
                     const int16_t* time, const int32_t* bias, int16_t* state, int8_t* output);

}  // namespace midge::arm_mve
