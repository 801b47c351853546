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
  return {rows.count, static_cast<int32_t>(BytesOf(model.tensor_type(tensor),
                                                   static_cast<uint64_t>(rows.elements)))};
}

}  // namespace

// Both expressions are linear in y on either side of one bend, so their maxima lie at the bend or
// at an end.
RowDistances DistancesOf(const RowWindow& window, const Model& model, int32_t input, int32_t output,
                         int rows_at_once) {
  const TensorRows in = RowsOf(model, input), out = RowsOf(model, output);
  const auto bytes_before = [&](int64_t row) {
    const int32_t rows = row < 0 ? 0 : row < in.count ? static_cast<int32_t>(row) : in.count;
    return rows * in.bytes;
  };
  const int32_t bend_below = window.pad / window.stride;
  const int32_t bend_above =
      (in.count + window.pad - window.span) / window.stride - (rows_at_once - 1);
  RowDistances result = {0, 1};  // above is not 0: an output that begins where its input does is
                                 // written in ascending order
  for (const int32_t y : std::initializer_list<int32_t>{0, bend_below, bend_below + 1, bend_above,
                                                        bend_above + 1, out.count - 1}) {
    if (y < 0 || y >= out.count) continue;
    const int64_t first = int64_t{y} * window.stride - window.pad;
    const int64_t end = first + (rows_at_once - 1) * window.stride + window.span;
    const int32_t written = y * out.bytes;
    const int32_t below = written + out.bytes - bytes_before(first);
    const int32_t above = bytes_before(end) - written;
    if (below > result.below) result.below = below;
    if (above > result.above) result.above = above;
  }
  return result;
}

}  // namespace midge::internal
