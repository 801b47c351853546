// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {

void AbsS32(const NoParams&, const int32_t* input, int32_t count, int32_t* output) {
  MapUnary(input, count, output, [](int32_t x) {
    return x < 0 ? static_cast<int32_t>(0u - static_cast<uint32_t>(x)) : x;
  });
}

template <typename T>
void NegElements(const NoParams&, const T* input, int32_t count, T* output) {
  MapUnary(input, count, output,
           [](T x) { return static_cast<T>(uint64_t{0} - static_cast<uint64_t>(x)); });
}
template UnaryKernel<NoParams, int32_t, int32_t> NegElements;
template UnaryKernel<NoParams, int64_t, int64_t> NegElements;

void LogicalNotB8(const NoParams&, const uint8_t* input, int32_t count, uint8_t* output) {
  MapUnary(input, count, output, [](uint8_t x) { return static_cast<uint8_t>(x == 0 ? 1 : 0); });
}

}  // namespace midge::portable
