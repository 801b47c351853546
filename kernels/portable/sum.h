// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of reductions that add.
#pragma once

#include <cstdint>

#include "kernels/reduced.h"

namespace midge::portable {

// Calls finish(sum) for each of `columns` outputs in order: its sum in elements of type Sum. Four
// columns are summed at a time, so that the walk is paid once for four.
template <typename Sum, typename In, typename F>
inline void SumColumns(const Reduced& reduced, const In* input, int32_t columns, const F& finish) {
  const int32_t step = reduced.run_step;
  const int32_t run_end = reduced.run * step;
  for (; columns >= 4; columns -= 4, input += 4) {
    Sum s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    ForEachIteration(reduced.loops, reduced.loop_count, [&](const Offsets<1>& offsets) {
      const In* x = input + offsets.at[0];
      for (const In* const end = x + run_end; x != end; x += step) {
        s0 += x[0];
        s1 += x[1];
        s2 += x[2];
        s3 += x[3];
      }
    });
    finish(s0), finish(s1), finish(s2), finish(s3);
  }
  for (; columns > 0; --columns, ++input) {
    Sum sum = 0;
    ForEachIteration(reduced.loops, reduced.loop_count, [&](const Offsets<1>& offsets) {
      const In* x = input + offsets.at[0];
      for (const In* const end = x + run_end; x != end; x += step) sum += *x;
    });
    finish(sum);
  }
}

}  // namespace midge::portable
