// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/loops.h"

namespace midge {

// The input elements that make one output element, from the first of them: at each iteration of the
// loops a run of `run` elements, `run_step` apart.
struct Reduced {
  const Loop<1>* loops;
  int32_t loop_count;
  int32_t run, run_step;
};

}  // namespace midge
