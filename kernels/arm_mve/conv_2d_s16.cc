// SPDX-License-Identifier: Apache-2.0
//
// As Conv2DS8: two pixels at a time where there is memory for their columns, or where filters of
// 1 x 1 find them in the input as they are.
#include <type_traits>

#include "kernels/arm_mve/arm_mve.h"
#include "kernels/arm_mve/columns.h"
#include "kernels/arm_mve/dot_s16.h"

namespace midge::arm_mve {
namespace {

constexpr int32_t kBytes = sizeof(int16_t);

void CopyRuns(const int16_t* from, int32_t step, int32_t count, int32_t rows, int16_t* to) {
  arm_mve::CopyRuns(reinterpret_cast<const int8_t*>(from), step * kBytes, count * kBytes, rows,
                    reinterpret_cast<int8_t*>(to));
}

// Copies what an output pixel sees to `column`, 0 where taps lie outside the image.
[[gnu::noinline]] void FillColumn(const WindowedShape& shape, const RowView<const int16_t>& input,
                                  const Window2D::Taps& rows, const Window2D::Taps& columns,
                                  int16_t* column) {
  const Window2D& window = shape.window;
  const int32_t channels = shape.input_channels, dilated = window.dilation_w * channels;
  const int32_t row_elements = window.filter_w * channels;
  const int32_t inside = columns.end - columns.begin, tap_rows = rows.end - rows.begin;
  if (tap_rows < window.filter_h || inside < window.filter_w) {
    FillRun(0, window.filter_h * row_elements * kBytes, reinterpret_cast<int8_t*>(column));
    if (inside == 0 || tap_rows == 0) return;
  }
  const int32_t first = columns.origin * channels + columns.begin * dilated;
  const int16_t* const from = input.Row(rows.origin + rows.begin * window.dilation_h) + first;
  int16_t* to = column + rows.begin * row_elements + columns.begin * channels;
  if (window.dilation_w == 1 && inside == window.filter_w && input.contiguous()) {
    const int32_t step = window.dilation_h * shape.input_row_elements();
    return CopyRuns(from, step, row_elements, tap_rows, to);
  }
  const bool one_run = window.dilation_w == 1;
  const int32_t run = (one_run ? inside : 1) * channels, runs = one_run ? 1 : inside;
  for (int32_t i = rows.begin; i < rows.end; ++i, to += row_elements) {
    CopyRuns(input.Row(rows.origin + i * window.dilation_h) + first, dilated, run, runs, to);
  }
}

}  // namespace

ScratchRequest Conv2DS16ScratchBytes(const ConvolutionS16Params& params) {
  if (IsDirect(params.shape.window)) return {};
  const auto column = static_cast<uint32_t>(Depth(params.shape) * kBytes);
  return {column, column, 1};
}

template <typename Bias>
void Conv2DS16(const ConvolutionS16Params& params, const ChannelMultipliers& multipliers,
               const RowView<const int16_t>& input, const int8_t* filter, const Bias* bias,
               Rows rows, Scratch scratch, const RowView<int16_t>& output) {
  const WindowedShape& shape = params.shape;
  const Window2D& window = shape.window;
  const int32_t depth = Depth(shape), outputs = shape.output_channels;
  const ChannelsS16<Bias> channels(params.output(multipliers), filter, bias, depth, outputs);
  const bool direct = IsDirect(window);
  const bool pairs = direct || scratch.units > 0;
  // A pixel of the next row may have its output where the one before it has its input.
  const bool across_rows = !direct || outputs <= kBlockS16;
  auto* const column = reinterpret_cast<int16_t*>(scratch.data);
  const int16_t* x[2] = {};
  int16_t* out[2] = {};
  const auto compute_one = [&] { channels.template Compute<1>({x[0]}, {out[0]}); };
  int waiting = 0;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const Window2D::Taps tap_rows = window.RowTaps(y);
    const int16_t* from = direct ? input.Row(y * window.stride_h) : nullptr;
    int16_t* to = output.Row(y);
    for (int32_t i = 0; i < window.output_w; ++i, to += outputs) {
      if (direct) {
        x[waiting] = from;
        from += window.stride_w * depth;
      } else {
        int16_t* const own = column + waiting * depth;
        FillColumn(shape, input, tap_rows, window.ColumnTaps(i), own);
        x[waiting] = own;
      }
      out[waiting] = to;
      if (waiting == 1) {
        channels.template Compute<2>(x, out);
        waiting = 0;
      } else if (pairs) {
        waiting = 1;
      } else {
        compute_one();
      }
    }
    if (waiting == 1 && (!across_rows || y + 1 == rows.end)) {
      compute_one();
      waiting = 0;
    }
  }
}

static_assert(std::is_same_v<decltype(Conv2DS16<int32_t>), ConvolutionS16<int32_t>>);
template ConvolutionS16<int32_t> Conv2DS16<int32_t>;
template ConvolutionS16<PackedInt64> Conv2DS16<PackedInt64>;

}  // namespace midge::arm_mve
