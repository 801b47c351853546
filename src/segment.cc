// SPDX-License-Identifier: Apache-2.0
#include "segment.h"

namespace midge::internal {
namespace {

const StreamNode& StreamOf(const uint32_t* words) {
  const RecordView record(words);
  const uint32_t end = record.size_bytes() / 4 - (record.has_scratch() ? 1 : 0);
  return *reinterpret_cast<const StreamNode*>(words + end - sizeof(StreamNode) / 4);
}

}  // namespace

SegmentResult RunSegment(const OpResolverView& ops, const uint32_t* words, const uint8_t* model,
                         uint8_t* activations) {
  const uint32_t* records[kMaxSegmentNodes];
  int32_t made[kMaxSegmentNodes];  // output rows that exist, of each node
  int count = 0;
  for (bool end = false; !end && count < kMaxSegmentNodes; ++count) {
    records[count] = words;
    made[count] = 0;
    end = RecordView(words).end_of_segment();
    words += RecordView(words).size_bytes() / 4;
  }

  const int last = count - 1;
  const int32_t rows = StreamOf(records[last]).output_rows;
  while (made[last] < rows) {
    const int n =
        NextNode(last, made, [&](int i) -> const StreamNode& { return StreamOf(records[i]); });
    const int32_t y = made[n]++;
    const StreamNode& node = StreamOf(records[n]);
    const int32_t first = y * node.stride - node.pad;
    const EvalContext context(records[n], model, activations, first > 0 ? first : 0, y);
    const Status status = OpOf(ops, RecordView(records[n])).eval(context, {y, y + 1});
    if (!status.ok()) return {Status(status.code(), n, status.operand()), count, words};
  }
  return {Status(), count, words};
}

}  // namespace midge::internal
