// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <type_traits>

#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

template <typename Out>
Out FromReal(float x) {
  using Limits = std::numeric_limits<Out>;
  // 2^digits is the first that does not fit; the lowest is a power of two or 0.
  constexpr float kEnd = static_cast<float>(Limits::max() / 2 + 1) * 2.f;
  constexpr float kLow = static_cast<float>(Limits::min());
  if (x >= kEnd) return Limits::max();
  if (x <= kLow) return Limits::min();
  return x == x ? static_cast<Out>(x) : Out{0};
}

template <typename Out, typename In>
Out Convert(In x) {
  if constexpr (std::is_same_v<Out, Truth>) {
    return static_cast<Truth>(x != In{0} ? 1 : 0);
  } else if constexpr (std::is_same_v<In, float> && !std::is_same_v<Out, float>) {
    return FromReal<Out>(x);
  } else {
    return static_cast<Out>(x);
  }
}

}  // namespace

template <typename In, typename Out>
void CastElements(const CastParams&, const In* input, int32_t count, Out* output) {
  MapUnary(input, count, output, [](In x) {
    if constexpr (std::is_same_v<In, Truth>) {
      return Convert<Out>(static_cast<uint8_t>(x != Truth{0} ? 1 : 0));
    } else {
      return Convert<Out>(x);
    }
  });
}

template UnaryKernel<CastParams, float, float> CastElements;
template UnaryKernel<CastParams, float, int8_t> CastElements;
template UnaryKernel<CastParams, float, uint8_t> CastElements;
template UnaryKernel<CastParams, float, int16_t> CastElements;
template UnaryKernel<CastParams, float, int32_t> CastElements;
template UnaryKernel<CastParams, float, uint32_t> CastElements;
template UnaryKernel<CastParams, float, int64_t> CastElements;
template UnaryKernel<CastParams, float, Truth> CastElements;
template UnaryKernel<CastParams, int8_t, float> CastElements;
template UnaryKernel<CastParams, int8_t, int8_t> CastElements;
template UnaryKernel<CastParams, int8_t, uint8_t> CastElements;
template UnaryKernel<CastParams, int8_t, int16_t> CastElements;
template UnaryKernel<CastParams, int8_t, int32_t> CastElements;
template UnaryKernel<CastParams, int8_t, uint32_t> CastElements;
template UnaryKernel<CastParams, int8_t, int64_t> CastElements;
template UnaryKernel<CastParams, int8_t, Truth> CastElements;
template UnaryKernel<CastParams, uint8_t, float> CastElements;
template UnaryKernel<CastParams, uint8_t, int8_t> CastElements;
template UnaryKernel<CastParams, uint8_t, uint8_t> CastElements;
template UnaryKernel<CastParams, uint8_t, int16_t> CastElements;
template UnaryKernel<CastParams, uint8_t, int32_t> CastElements;
template UnaryKernel<CastParams, uint8_t, uint32_t> CastElements;
template UnaryKernel<CastParams, uint8_t, int64_t> CastElements;
template UnaryKernel<CastParams, uint8_t, Truth> CastElements;
template UnaryKernel<CastParams, int16_t, float> CastElements;
template UnaryKernel<CastParams, int16_t, int8_t> CastElements;
template UnaryKernel<CastParams, int16_t, uint8_t> CastElements;
template UnaryKernel<CastParams, int16_t, int16_t> CastElements;
template UnaryKernel<CastParams, int16_t, int32_t> CastElements;
template UnaryKernel<CastParams, int16_t, uint32_t> CastElements;
template UnaryKernel<CastParams, int16_t, int64_t> CastElements;
template UnaryKernel<CastParams, int16_t, Truth> CastElements;
template UnaryKernel<CastParams, int32_t, float> CastElements;
template UnaryKernel<CastParams, int32_t, int8_t> CastElements;
template UnaryKernel<CastParams, int32_t, uint8_t> CastElements;
template UnaryKernel<CastParams, int32_t, int16_t> CastElements;
template UnaryKernel<CastParams, int32_t, int32_t> CastElements;
template UnaryKernel<CastParams, int32_t, uint32_t> CastElements;
template UnaryKernel<CastParams, int32_t, int64_t> CastElements;
template UnaryKernel<CastParams, int32_t, Truth> CastElements;
template UnaryKernel<CastParams, uint32_t, float> CastElements;
template UnaryKernel<CastParams, uint32_t, int8_t> CastElements;
template UnaryKernel<CastParams, uint32_t, uint8_t> CastElements;
template UnaryKernel<CastParams, uint32_t, int16_t> CastElements;
template UnaryKernel<CastParams, uint32_t, int32_t> CastElements;
template UnaryKernel<CastParams, uint32_t, uint32_t> CastElements;
template UnaryKernel<CastParams, uint32_t, int64_t> CastElements;
template UnaryKernel<CastParams, uint32_t, Truth> CastElements;
template UnaryKernel<CastParams, int64_t, float> CastElements;
template UnaryKernel<CastParams, int64_t, int8_t> CastElements;
template UnaryKernel<CastParams, int64_t, uint8_t> CastElements;
template UnaryKernel<CastParams, int64_t, int16_t> CastElements;
template UnaryKernel<CastParams, int64_t, int32_t> CastElements;
template UnaryKernel<CastParams, int64_t, uint32_t> CastElements;
template UnaryKernel<CastParams, int64_t, int64_t> CastElements;
template UnaryKernel<CastParams, int64_t, Truth> CastElements;
template UnaryKernel<CastParams, Truth, float> CastElements;
template UnaryKernel<CastParams, Truth, int8_t> CastElements;
template UnaryKernel<CastParams, Truth, uint8_t> CastElements;
template UnaryKernel<CastParams, Truth, int16_t> CastElements;
template UnaryKernel<CastParams, Truth, int32_t> CastElements;
template UnaryKernel<CastParams, Truth, uint32_t> CastElements;
template UnaryKernel<CastParams, Truth, int64_t> CastElements;
template UnaryKernel<CastParams, Truth, Truth> CastElements;

}  // namespace midge::portable
