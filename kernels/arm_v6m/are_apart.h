// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/window_2d.h"

namespace midge::arm_v6m {

// Whether no output of `rows` lies where an input of any of them does, so that a kernel may compute
// one channel of all rows after the other. The planner only promises that rows of the output do not
// lie where the rows of their window do.
template <typename Element>
bool AreApart(const Window2D& window, const RowView<const Element>& input, Rows rows,
              const RowView<Element>& output) {
  if (!input.contiguous() || !output.contiguous()) return false;
  const int32_t first = rows.begin * window.stride_h - window.pad_top;
  const int32_t end = (rows.end - 1) * window.stride_h - window.pad_top +
                      (window.filter_h - 1) * window.dilation_h + 1;
  const auto address = [](const Element* p) { return reinterpret_cast<uintptr_t>(p); };
  return address(output.Row(rows.begin)) >=
             address(input.Row(end < window.input_h ? end : window.input_h)) ||
         address(output.Row(rows.end)) <= address(input.Row(first > 0 ? first : 0));
}

}  // namespace midge::arm_v6m
