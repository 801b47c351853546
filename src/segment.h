// SPDX-License-Identifier: Apache-2.0
//
// Executing several nodes row by row, so that the tensors between them need not exist whole.
#pragma once

#include <cstdint>

#include "midge/interpreter.h"
#include "midge/record.h"

namespace midge::internal {

// The row of op rows that a record names.
inline const Op& OpOf(const OpResolverView& ops, const RecordView& record) {
  const Op* op = &ops.row(record.op_row());
  for (int i = record.variant(); i > 0; --i) op = op->next;
  return *op;
}

// Executes the segment that begins with the record at `words`. The last node's rows are made in
// ascending order; before each, as many rows of earlier nodes as its window asks for, one at a
// time. Nothing is computed twice, and rows that nobody asks for are not computed.
SegmentResult RunSegment(const OpResolverView& ops, const uint32_t* words, const uint8_t* model,
                         uint8_t* activations);

// The input rows [.., end) that output row y of a node needs.
inline int32_t NeededRows(const StreamNode& node, int32_t y) {
  const int32_t end = y * node.stride - node.pad + node.span;
  return end < node.input_rows ? end : node.input_rows;
}

// The order of a segment, for who runs it and who plans it: which node makes its next row, given
// how many rows each has made. From the last node back to one whose input rows all exist.
// `stream_of(n)` is the StreamNode of node n.
template <typename StreamOf>
int NextNode(int last, const int32_t* made, const StreamOf& stream_of) {
  int n = last;
  for (int waits_for = n; waits_for >= 0;) {
    n = waits_for;
    waits_for = -1;
    const StreamNode& node = stream_of(n);
    for (const uint8_t back : node.producers) {
      if (back != 0 && made[n - back] < NeededRows(node, made[n])) waits_for = n - back;
    }
  }
  return n;
}

}  // namespace midge::internal
