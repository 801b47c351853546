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

// Places in a segment: 0 is the graph's input where that is fed by rows, 1 is the first node.
inline constexpr int kFedPlace = 0;
inline constexpr int kMaxPlaces = kMaxSegmentNodes + 1;

// The rows that a node makes next, having made `made`.
inline Rows NextRows(const StreamNode& node, int32_t made) {
  return Rows{made, made + node.rows_at_once}.Clip(node.output_rows);
}
// The input rows [.., end) that output row y of a node needs.
inline int32_t NeededRows(const StreamNode& node, int32_t y) {
  const int32_t end = y * node.stride - node.pad + node.span;
  return end < node.input_rows ? end : node.input_rows;
}

// The order of a segment, for who runs it and who plans it. The node at place `last` makes its rows
// in ascending order; before each, earlier nodes make as many as its window asks for. Nothing is
// made twice, and rows that nobody asks for are not made. `made[p]` counts the rows of place p;
// `stream_of(p)` is the StreamNode of a node and `run(p, rows)` makes rows. Ends when the last node
// is done, or waits for rows that have not been fed, or `run` returns false.
template <typename Count, typename StreamOf, typename Run>
void RunInOrder(int last, Count* made, const StreamOf& stream_of, const Run& run) {
  // From the last node to the one that is to run: each waits for the next.
  uint8_t waiting[kMaxPlaces];
  int depth = 0;
  waiting[0] = static_cast<uint8_t>(last);
  while (made[last] < stream_of(last).output_rows) {
    const int p = waiting[depth];
    const StreamNode& node = stream_of(p);
    const Rows rows = NextRows(node, made[p]);
    const int32_t needed = NeededRows(node, rows.end - 1);
    int waits_for = -1;
    for (const uint8_t back : node.producers) {
      if (back != 0 && made[p - back] < needed) waits_for = p - back;
    }
    if (waits_for == kFedPlace) return;
    if (waits_for > 0) {
      waiting[++depth] = static_cast<uint8_t>(waits_for);
      continue;
    }
    if (!run(p, rows)) return;
    made[p] = static_cast<Count>(rows.end);
    if (depth > 0) --depth;
  }
}

// Executes the segment that begins with the record at `words`.
SegmentResult RunSegment(const OpResolverView& ops, const uint32_t* words, const uint8_t* model,
                         uint8_t* activations);

// Executes it as far as the fed rows allow. `made` counts the rows of each place; made[kFedPlace]
// those that have been fed.
SegmentResult RunFedSegment(const OpResolverView& ops, const uint32_t* words, const uint8_t* model,
                            uint8_t* activations, uint16_t* made);

}  // namespace midge::internal
