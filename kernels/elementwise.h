// SPDX-License-Identifier: Apache-2.0
//
// What kernels that work element by element look like. Their maps (unary_map.h, binary_map.h) and
// contract headers say what the arguments mean.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.h"

namespace midge {

// Which operand of a run of elements is one element, used for all of them.
enum class Repeat : uint8_t { kNone, kFirst, kSecond };

// output[i] = f(input[i]).
template <typename Params, typename In, typename Out>
using UnaryKernel = void(const Params& params, const In* input, int32_t count, Out* output);

// output[i] = f(a[i], b[i]).
template <typename Params, typename In, typename Out>
using BinaryKernel = void(const Params& params, Repeat repeat, const In* a, const In* b,
                          int32_t count, Out* output);

// Of a float op whose only parameter is its fused activation.
struct BinaryF32Params {
  FloatClampRange clamp;
};

}  // namespace midge
