// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/window_runs.h"

namespace midge::arm_v6m {
namespace {

struct Maximum {
  int32_t First() const { return INT8_MIN; }
  int32_t Run(const int8_t* x, int32_t end, int32_t step, int32_t most) const {
    for (int32_t place = 0; place < end; place += step) most = x[place] > most ? x[place] : most;
    return most;
  }
  int32_t Last(int32_t most, int32_t) const { return most; }
};

}  // namespace

static_assert(std::is_same_v<decltype(MaxPool2DS8), decltype(portable::MaxPool2DS8)>);

void MaxPool2DS8(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                 const RowView<int8_t>& output) {
  ReduceWindows(Maximum{}, params, input, rows, output);
}

}  // namespace midge::arm_v6m
