// SPDX-License-Identifier: Apache-2.0
//
// What kernels that work element by element look like. Their maps (unary_map.h, binary_map.h) and
// contract headers say what the arguments mean.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"

namespace midge {

// Which operand of a run of elements is one element, used for all of them. Never both.
enum class Repeat : uint8_t { kNone = 0, kFirst = 1, kSecond = 2 };

// An element of a bool tensor: true if it is not 0, whatever the file holds.
enum class Truth : uint8_t {};
constexpr bool IsTrue(Truth value) { return value != Truth{0}; }
constexpr Truth TruthOf(bool value) { return Truth{value}; }

// Of an op that has none.
struct NoParams {};

// output[i] = f(input[i]).
template <typename Params, typename In, typename Out>
using UnaryKernel = void(const Params& params, const In* input, int32_t count, Out* output);

// output[i] = f(a[i], b[i]).
template <typename Params, typename A, typename Out, typename B = A>
using BinaryKernel = void(const Params& params, Repeat repeat, const A* a, const B* b,
                          int32_t count, Out* output);

// The same run with its operands exchanged.
inline Repeat Exchanged(Repeat repeat) {
  return repeat == Repeat::kNone    ? Repeat::kNone
         : repeat == Repeat::kFirst ? Repeat::kSecond
                                    : Repeat::kFirst;
}

// Of an op of plain integers whose only parameter is its fused activation.
struct IntegerClampRange {
  int32_t min, max;

  // The ends of int32 stand for no limit, whatever T.
  template <typename T>
  T Apply(T x) const {
    if (min != INT32_MIN && x < min) return min;
    return max != INT32_MAX && x > max ? max : x;
  }
};

// Of a float op whose only parameter is its fused activation.
struct BinaryF32Params {
  FloatClampRange clamp;
};

}  // namespace midge
