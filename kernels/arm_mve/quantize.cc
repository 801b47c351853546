// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/helium.h"

namespace midge::arm_mve {
namespace {

template <typename T>
constexpr bool kVectors = std::is_same_v<T, int8_t> || std::is_same_v<T, int16_t>;

// Four elements, or the `count` first.
template <typename T, typename... Count>
inline S32x4 Load(const T* p, Count... count) {
  if constexpr (sizeof(T) == 1) {
    return LoadS8AsS32(p, count...);
  } else {
    return LoadS16AsS32(p, count...);
  }
}
template <typename T, typename... Count>
inline void StoreSaturated(T* p, S32x4 x, Count... count) {
  if constexpr (sizeof(T) == 1) {
    StoreS32AsS8(p, SaturateToS8(x), count...);
  } else {
    StoreS32AsS16(p, SaturateLowToS16(x), count...);
  }
}

}  // namespace

// Quotients are scalar, as no vector divides; VCVTA rounds as the portable kernel does, and what
// saturates it is beyond the output from any zero point.
template <typename Out>
void QuantizeElements(const QuantizeParams& params, const float* input, int32_t count,
                      Out* output) {
#if MIDGE_ARM_MVE_FLOAT_ASM
#define MIDGE_MVE_QUANTIZE(narrow)                                                               \
  asm volatile(                                                                                  \
      "wlstp.32       lr, %[count], 2f\n"                                                        \
      "1:\n\t"                                                                                   \
      "vldrw.32       q0, [%[input]], #16\n\t"                                                   \
      "vdiv.f32       s0, s0, %[scale]\n\t"                                                      \
      "vdiv.f32       s1, s1, %[scale]\n\t"                                                      \
      "vdiv.f32       s2, s2, %[scale]\n\t"                                                      \
      "vdiv.f32       s3, s3, %[scale]\n\t"                                                      \
      "vcvta.s32.f32  q1, q0\n\t"                                                                \
      "vcmp.f32       ne, q0, q0\n\t" /* NaNs */                                                 \
      "vpst\n\t"                                                                                 \
      "vdupt.32       q1, %[lowest]\n\t"                                                         \
      "vqadd.s32      q1, q1, %[zero_point]\n\t" narrow                                          \
      "letp           lr, 1b\n"                                                                  \
      "2:"                                                                                       \
      : [input] "+r"(input), [output] "+l"(output)                                               \
      : [scale] "t"(params.scale), [zero_point] "r"(params.zero_point), [lowest] "r"(INT32_MIN), \
        [count] "r"(count)                                                                       \
      : "lr", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "p0", "memory")
  if constexpr (std::is_same_v<Out, int8_t>) {
    MIDGE_MVE_QUANTIZE(
        "vqmovnb.s32    q1, q1\n\t"
        "vqmovnb.s16    q1, q1\n\t"
        "vstrb.32       q1, [%[output]], #4\n\t");
  } else if constexpr (std::is_same_v<Out, int16_t>) {
    MIDGE_MVE_QUANTIZE(
        "vqmovnb.s32    q1, q1\n\t"
        "vstrh.32       q1, [%[output]], #8\n\t");
  } else {
    MIDGE_MVE_QUANTIZE(
        "vqmovunb.s32   q1, q1\n\t"
        "vqmovnb.u16    q1, q1\n\t"
        "vstrb.32       q1, [%[output]], #4\n\t");
  }
#undef MIDGE_MVE_QUANTIZE
#else
  portable::QuantizeElements(params, input, count, output);
#endif
}

template <typename In, typename Out>
void RequantizeElements(const RequantizeParams& params, const In* input, int32_t count,
                        Out* output) {
  if constexpr (kVectors<In> && kVectors<Out>) {
    const RequantizerS32 requantizer(params.multiplier);
    const int32_t offset = -params.input_zero_point, zero_point = params.output_zero_point;
    const auto requantize = [=](S32x4 x) {
      return Add(requantizer.Apply(Add(x, offset)), zero_point);
    };
    for (; count >= 4; count -= 4, input += 4, output += 4) {
      StoreSaturated(output, requantize(Load(input)));
    }
    if (count > 0) StoreSaturated(output, requantize(Load(input, count)), count);
  } else {
    portable::RequantizeElements(params, input, count, output);
  }
}

template <typename In>
void DequantizeElements(const DequantizeParams& params, const In* input, int32_t count,
                        float* output) {
#if MIDGE_ARM_MVE_FLOAT_ASM
  // Products are not denormal unless the scale is.
  if (params.scale >= std::numeric_limits<float>::min()) {
    S32x4 x;
#define MIDGE_MVE_DEQUANTIZE(load, bytes)                                               \
  asm volatile(                                                                         \
      "wlstp.32       lr, %[count], 2f\n"                                               \
      "1:\n\t" load "      %q[x], [%[input]], #" bytes                                  \
      "\n\t"                                                                            \
      "vadd.i32       %q[x], %q[x], %[offset]\n\t"                                      \
      "vcvt.f32.s32   %q[x], %q[x]\n\t"                                                 \
      "vmul.f32       %q[x], %q[x], %[scale]\n\t"                                       \
      "vstrw.32       %q[x], [%[output]], #16\n\t"                                      \
      "letp           lr, 1b\n"                                                         \
      "2:"                                                                              \
      : [input] "+l"(input), [output] "+r"(output), [x] "=&w"(x)                        \
      : [offset] "r"(-params.zero_point), [scale] "r"(params.scale), [count] "r"(count) \
      : "lr", "memory")
    if constexpr (std::is_same_v<In, int8_t>) MIDGE_MVE_DEQUANTIZE("vldrb.s32", "4");
    if constexpr (std::is_same_v<In, int16_t>) MIDGE_MVE_DEQUANTIZE("vldrh.s32", "8");
    if constexpr (std::is_same_v<In, uint8_t>) MIDGE_MVE_DEQUANTIZE("vldrb.u32", "4");
#undef MIDGE_MVE_DEQUANTIZE
    return;
  }
#endif
  portable::DequantizeElements(params, input, count, output);
}

template UnaryKernel<QuantizeParams, float, int8_t> QuantizeElements;
template UnaryKernel<QuantizeParams, float, int16_t> QuantizeElements;
template UnaryKernel<QuantizeParams, float, uint8_t> QuantizeElements;
template UnaryKernel<RequantizeParams, int8_t, int8_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int8_t, int16_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int8_t, int32_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int8_t, uint8_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int16_t, int8_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int16_t, int16_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int16_t, int32_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int32_t, int8_t> RequantizeElements;
template UnaryKernel<RequantizeParams, int32_t, int16_t> RequantizeElements;
template UnaryKernel<RequantizeParams, uint8_t, int8_t> RequantizeElements;
template UnaryKernel<RequantizeParams, uint8_t, uint8_t> RequantizeElements;
template UnaryKernel<DequantizeParams, int8_t, float> DequantizeElements;
template UnaryKernel<DequantizeParams, int16_t, float> DequantizeElements;
template UnaryKernel<DequantizeParams, uint8_t, float> DequantizeElements;

}  // namespace midge::arm_mve
