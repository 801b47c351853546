// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_v6m/arm_v6m.h"
#include "kernels/arm_v6m/asm.h"
#include "kernels/arm_v6m/window_runs.h"

namespace midge::arm_v6m {
namespace {

struct Average {
  int32_t First() const { return 0; }
  int32_t Run(const int8_t* x, int32_t end, int32_t step, int32_t sum) const {
#if MIDGE_ARM_V6M_ASM
    int32_t place = -end, element;
    asm volatile(
        ".syntax unified\n"
        "1:\n\t"
        "ldrsb   %[element], [%[x_end], %[place]]\n\t"
        "adds    %[sum], %[sum], %[element]\n\t"
        "adds    %[place], %[place], %[step]\n\t"
        "bne     1b"
        : [place] "+l"(place), [sum] "+l"(sum), [element] "=&l"(element)
        : [x_end] "l"(x + end), [step] "l"(step)
        : "cc", "memory");
#else
    for (int32_t place = 0; place < end; place += step) sum += x[place];
#endif
    return sum;
  }
  // To the nearest integer, halves away from zero.
  int32_t Last(int32_t sum, int32_t count) const {
    const auto magnitude = static_cast<uint32_t>(sum < 0 ? -sum : sum);
    const auto n = static_cast<uint32_t>(count);
    const auto mean = static_cast<int32_t>((magnitude + n / 2) / n);
    return sum < 0 ? -mean : mean;
  }
};

}  // namespace

static_assert(std::is_same_v<decltype(AveragePool2DS8), decltype(portable::AveragePool2DS8)>);

void AveragePool2DS8(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                     const RowView<int8_t>& output) {
  ReduceWindows(Average{}, params, input, rows, output);
}

}  // namespace midge::arm_v6m
