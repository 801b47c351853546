// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/softmax.h"

namespace midge::portable {

// Calls row(input, by_distance, output) for each row of a quantized SOFTMAX. Of many elements only
// 256 exponentials can be different: then list() makes them first, one for each distance from the
// maximum, and rows find theirs by that.
template <typename In, typename List, typename Row>
void ForEachSoftmaxRow(const SoftmaxS8Params& params, const RowView<const In>& input, Rows rows,
                       const RowView<uint8_t>& output, const List& list, const Row& row) {
  const SoftmaxShape& shape = params.shape;
  const bool by_distance = (rows.end - rows.begin) * shape.rows.elements > kSoftmaxS8Exponentials;
  if (by_distance) list();
  const int32_t output_bytes = params.wide_output ? 2 : 1;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    for (int32_t i = 0; i < shape.rows.elements; i += shape.channels) {
      row(input.Row(y) + i, by_distance, output.Row(y) + i * output_bytes);
    }
  }
}

}  // namespace midge::portable
