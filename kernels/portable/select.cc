// SPDX-License-Identifier: Apache-2.0
#include "kernels/portable/map.h"
#include "kernels/portable/portable.h"

namespace midge::portable {
namespace {

template <typename T>
void SelectElements(uint8_t repeated, const uint8_t* condition, const void* a, const void* b,
                    int32_t count, void* output) {
  const int32_t step_condition = (repeated & 1) != 0 ? 0 : 1;
  const int32_t step_a = (repeated & 2) != 0 ? 0 : 1;
  const int32_t step_b = (repeated & 4) != 0 ? 0 : 1;
  const T* from_a = static_cast<const T*>(a);
  const T* from_b = static_cast<const T*>(b);
  T* to = static_cast<T*>(output);
  for (int32_t i = 0; i < count; ++i) {
    const T value_a = LoadElement(from_a), value_b = LoadElement(from_b);
    *to++ = *condition != 0 ? value_a : value_b;
    condition += step_condition;
    from_a += step_a;
    from_b += step_b;
  }
}

}  // namespace

void Select(const SelectParams& params, uint8_t repeated, const uint8_t* condition, const void* a,
            const void* b, int32_t count, void* output) {
  switch (params.element_bytes) {
    case 1:
      return SelectElements<uint8_t>(repeated, condition, a, b, count, output);
    case 2:
      return SelectElements<uint16_t>(repeated, condition, a, b, count, output);
    case 4:
      return SelectElements<uint32_t>(repeated, condition, a, b, count, output);
    default:
      return SelectElements<uint64_t>(repeated, condition, a, b, count, output);
  }
}

}  // namespace midge::portable
