// SPDX-License-Identifier: Apache-2.0
//
// In a file of its own: the check of an embedded plan needs it, and not the planner.
#include <initializer_list>

#include "plan/planner.h"

namespace midge::internal {
namespace {

// A tensor in rows.
struct TensorRows {
  int32_t count;
  int32_t bytes;  // of each
};
TensorRows RowsOf(const Model& model, int32_t tensor) {
  const RowGeometry rows = RowGeometry::Of(model.tensor_shape(tensor));
  // Sub-byte types are packed; bits of a whole tensor fit 32.
  const uint32_t bits = static_cast<uint32_t>(rows.elements) *
                        static_cast<uint32_t>(ElementBits(model.tensor_type(tensor)));
  return {rows.count, static_cast<int32_t>((bits + 7) / 8)};
}

}  // namespace

// Both expressions are linear in y on either side of one bend, so their maxima lie at the bend or
// at an end.
RowDistances DistancesOf(const RowWindow& window, const Model& model, int32_t input, int32_t output,
                         int rows_at_once) {
  const TensorRows in = RowsOf(model, input), out = RowsOf(model, output);
  const auto bytes_before = [&](int32_t row) {
    return (row < 0 ? 0 : row < in.count ? row : in.count) * in.bytes;
  };
  const int32_t bend_below = Quotient(window.pad, window.stride);
  const int32_t last = in.count + window.pad - window.span;  // first row under the last window
  const int32_t bend_above = Quotient(last > 0 ? last : 0, window.stride) - (rows_at_once - 1);
  const int32_t beyond = Quotient(in.count + window.pad, window.stride) + 1;
  RowDistances result = {0, 1};  // above is not 0: an output that begins where its input does is
                                 // written in ascending order
  for (const int32_t y : std::initializer_list<int32_t>{0, bend_below, bend_below + 1, bend_above,
                                                        bend_above + 1, out.count - 1}) {
    if (y < 0 || y >= out.count) continue;
    // Windows of output rows from `beyond` on begin behind the input.
    const int32_t first = (y < beyond ? y : beyond) * window.stride - window.pad;
    const int32_t end = first + (rows_at_once - 1) * window.stride + window.span;
    const int32_t written = y * out.bytes;
    const int32_t below = written + out.bytes - bytes_before(first);
    const int32_t above = bytes_before(end) - written;
    if (below > result.below) result.below = below;
    if (above > result.above) result.above = above;
  }
  return result;
}

}  // namespace midge::internal
