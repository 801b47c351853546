// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/window_vectors.h"

namespace midge::arm_mve {
namespace {

// sum + the elements of `count` channels, at most four, of `taps`, at least one, `step` apart.
inline S32x4 AddTaps(const int8_t* p, int32_t step, int32_t taps, int32_t count, S32x4 sum) {
#if MIDGE_ARM_MVE_ASM
  S32x4 v;
  asm("vctp.32     %[count]\n\t"
      "dls         lr, %[taps]\n"
      "1:\n\t"
      "vpst\n\t"
      "vldrbt.s32  %q[v], [%[p]]\n\t"
      "vadd.i32    %q[sum], %q[sum], %q[v]\n\t"
      "add         %[p], %[p], %[step]\n\t"
      "le          lr, 1b"
      : [p] "+l"(p), [sum] "+&w"(sum), [v] "=&w"(v)
      : [taps] "r"(taps), [step] "r"(step), [count] "r"(count)
      : "lr", "p0", "memory");
#else
  for (; taps > 0; --taps, p += step) sum = Add(sum, LoadS8AsS32(p, count));
#endif
  return sum;
}

}  // namespace

static_assert(std::is_same_v<decltype(AveragePool2DS8), decltype(portable::AveragePool2DS8)>);

void AveragePool2DS8(const Pool2DS8Params& params, const RowView<const int8_t>& input, Rows rows,
                     const RowView<int8_t>& output) {
  const S32x4 min = SplatS32(params.clamp.min), max = SplatS32(params.clamp.max);
  ForEachWindow(params.shape, input, rows, output, [&](const PixelTaps& taps, int8_t* out) {
    int32_t lines = taps.rows, columns = taps.columns;
    if (columns == params.shape.window.input_w && taps.input.contiguous()) {
      columns *= lines, lines = 1;
    }
    const int32_t half = taps.count() / 2;
    for (int32_t c = 0; c < taps.channels; c += 4) {
      const int32_t count = taps.channels - c;
      S32x4 sum = SplatS32(0);
      for (int32_t y = 0; y < lines; ++y) {
        const int8_t* const p = taps.input.Row(taps.first_row + y) + taps.first_element + c;
        sum = AddTaps(p, taps.channels, columns, count, sum);
      }
      // Halves away from zero: the quotient is cut off.
      const S32x4 sign = SignOf(sum);
      int32_t means[4];
      StoreS32(means, Add(sum, Subtract(Xor(SplatS32(half), sign), sign)));
      for (int32_t& mean : means) mean /= taps.count();
      StoreS32AsS8(out + c, Min(Max(LoadS32(means), min), max), count);
    }
  });
}

}  // namespace midge::arm_mve
