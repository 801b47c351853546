// SPDX-License-Identifier: Apache-2.0
//
// The loops of elementwise kernels around a function of one or two elements.
#pragma once

#include <cstdint>

#include "kernels/elementwise.h"
#include "kernels/fixed_point.h"

namespace midge::portable {

// An element, which may be of a constant: models keep those at 4 bytes, int64 too.
template <typename T>
inline T LoadElement(const T* from) {
  if constexpr (alignof(T) <= 4) {
    return *from;
  } else {
    struct [[gnu::packed, gnu::aligned(4)]] AtWords {
      T value;
    };
    return reinterpret_cast<const AtWords*>(from)->value;
  }
}

template <typename In, typename Out, typename F>
inline void MapUnary(const In* input, int32_t count, Out* output, const F& f) {
  for (const In* const end = input + count; input != end;) *output++ = f(LoadElement(input++));
}

template <typename A, typename B, typename Out, typename F>
inline void MapBinary(Repeat repeat, const A* a, const B* b, int32_t count, Out* output,
                      const F& f) {
  switch (repeat) {
    case Repeat::kNone:
      for (const A* const end = a + count; a != end;)
        *output++ = f(LoadElement(a++), LoadElement(b++));
      break;
    case Repeat::kFirst: {
      const A first = LoadElement(a);
      for (const B* const end = b + count; b != end;) *output++ = f(first, LoadElement(b++));
      break;
    }
    case Repeat::kSecond: {
      const B second = LoadElement(b);
      for (const A* const end = a + count; a != end;) *output++ = f(LoadElement(a++), second);
      break;
    }
  }
}

// The same with a fused activation, which costs more than most f: nodes that have none, as most, do
// not pay for it.
template <typename F>
inline void MapBinaryF32(FloatClampRange clamp, Repeat repeat, const float* a, const float* b,
                         int32_t count, float* output, const F& f) {
  if (clamp.is_unlimited()) {
    MapBinary(repeat, a, b, count, output, f);
  } else {
    MapBinary(repeat, a, b, count, output,
              [=](float x, float y) { return ClampFloat(f(x, y), clamp); });
  }
}

}  // namespace midge::portable
