// SPDX-License-Identifier: Apache-2.0
#include "kernels/arm_dsp/gather.h"

#include <cstring>

#include "kernels/arm_dsp/intrinsics.h"

namespace midge::arm_dsp {
namespace {

// `runs` times `run` bytes, at least one run: so short that calls of memcpy would count.
[[gnu::noinline]] void CopyRuns(const int8_t* from, int32_t step, int32_t runs, int32_t run,
                                int8_t* to, int32_t to_step) {
  step -= run;
  to_step -= run;
#if MIDGE_ARM_DSP_ASM
  uint32_t word;
  int32_t left;
  asm volatile(
      "1:\n\t"
      "subs   %[left], %[run], #4\n\t"
      "blt    3f\n"
      "2:\n\t"
      "ldr    %[word], [%[from]], #4\n\t"
      "subs   %[left], %[left], #4\n\t"
      "str    %[word], [%[to]], #4\n\t"
      "bge    2b\n"
      "3:\n\t"
      "adds   %[left], %[left], #4\n\t"
      "beq    5f\n"
      "4:\n\t"
      "ldrb   %[word], [%[from]], #1\n\t"
      "subs   %[left], %[left], #1\n\t"
      "strb   %[word], [%[to]], #1\n\t"
      "bne    4b\n"
      "5:\n\t"
      "add    %[from], %[from], %[step]\n\t"
      "add    %[to], %[to], %[to_step]\n\t"
      "subs   %[runs], %[runs], #1\n\t"
      "bne    1b"
      : [from] "+r"(from), [to] "+r"(to), [runs] "+r"(runs), [word] "=&r"(word), [left] "=&r"(left)
      : [run] "r"(run), [step] "r"(step), [to_step] "r"(to_step)
      : "cc", "memory");
#else
  for (; runs > 0; --runs, from += step, to += to_step) {
    for (int32_t left = run; left > 0; --left) *to++ = *from++;
  }
#endif
}

}  // namespace

void CopyRun(const void* from, int32_t size_bytes, void* to) {
  CopyRuns(static_cast<const int8_t*>(from), 0, 1, size_bytes, static_cast<int8_t*>(to), 0);
}

void BeginSums(const int32_t* bias, int32_t count, int32_t* sums) {
  if (bias == nullptr) {
    std::memset(sums, 0, static_cast<size_t>(count) * sizeof *sums);
    return;
  }
#if MIDGE_ARM_DSP_ASM
  asm volatile(
      "subs   %[count], %[count], #4\n\t"
      "blt    2f\n"
      "1:\n\t"
      "ldm    %[bias]!, {r3, r4, r5, r6}\n\t"
      "subs   %[count], %[count], #4\n\t"
      "stm    %[sums]!, {r3, r4, r5, r6}\n\t"
      "bge    1b\n"
      "2:\n\t"
      "adds   %[count], %[count], #4"
      : [bias] "+r"(bias), [sums] "+r"(sums), [count] "+r"(count)
      :
      : "r3", "r4", "r5", "r6", "cc", "memory");
#endif
  for (; count > 0; --count) *sums++ = *bias++;
}

void GatherWindow(const ConvolutionS8Params& params, const RowView<const int8_t>& input,
                  const Window2D::Taps& rows, const Window2D::Taps& columns, int8_t* gathered) {
  const Window2D& window = params.shape.window;
  const int32_t channels = params.shape.input_channels;
  const int32_t height = rows.end - rows.begin, width = columns.end - columns.begin;
  const int32_t filter_row = window.filter_w * channels;
  if (height < window.filter_h || width < window.filter_w) {
    std::memset(gathered, params.input_zero_point,
                static_cast<size_t>(window.filter_h * filter_row));
  }
  if (height * width == 0) return;
  gathered += rows.begin * filter_row + columns.begin * channels;
  const int32_t column = (columns.origin + columns.begin * window.dilation_w) * channels;
  const int32_t begin = rows.origin + rows.begin * window.dilation_h;
  const bool one_run = window.dilation_w == 1;
  const int32_t run = (one_run ? width : 1) * channels;
  if (one_run && input.contiguous()) {
    return CopyRuns(input.Row(begin) + column,
                    window.dilation_h * params.shape.input_row_elements(), height, run, gathered,
                    filter_row);
  }
  for (int32_t i = 0; i < height; ++i, gathered += filter_row) {
    CopyRuns(input.Row(begin + i * window.dilation_h) + column, window.dilation_w * channels,
             one_run ? 1 : width, run, gathered, run);
  }
}

}  // namespace midge::arm_dsp
