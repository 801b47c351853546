// SPDX-License-Identifier: Apache-2.0
#include "segment.h"

namespace midge::internal {
namespace {

struct Segment {
  const uint32_t* records[kMaxPlaces];  // by place; none at kFedPlace
  int last;
  const uint32_t* after;

  explicit Segment(const uint32_t* words) : last(kFedPlace) {
    for (bool end = false; !end && last < kMaxSegmentNodes;) {
      records[++last] = words;
      end = RecordView(words).end_of_segment();
      words += RecordView(words).size_bytes() / 4;
    }
    after = words;
  }

  const StreamNode& stream(int place) const {
    const RecordView record(records[place]);
    const uint32_t end = record.size_bytes() / 4 - (record.has_scratch() ? 1 : 0);
    return *reinterpret_cast<const StreamNode*>(records[place] + end - sizeof(StreamNode) / 4);
  }
};

template <typename Count>
SegmentResult Run(const Segment& segment, const OpResolverView& ops, const uint8_t* model,
                  uint8_t* activations, Count* made) {
  SegmentResult result = {Status(), segment.last, segment.after};
  RunInOrder(
      segment.last, made, [&](int place) -> const StreamNode& { return segment.stream(place); },
      [&](int place, Rows rows) {
        const StreamNode& node = segment.stream(place);
        const int32_t first = rows.begin * node.stride - node.pad;
        const uint32_t* const record = segment.records[place];
        const EvalContext context(record, model, activations, first > 0 ? first : 0, rows.begin);
        const Status status = OpOf(ops, RecordView(record)).eval(context, rows);
        if (!status.ok()) result.status = Status(status.code(), place - 1, status.operand());
        return status.ok();
      });
  return result;
}

}  // namespace

SegmentResult RunSegment(const OpResolverView& ops, const uint32_t* words, const uint8_t* model,
                         uint8_t* activations) {
  const Segment segment(words);
  int32_t made[kMaxPlaces];
  for (int place = 0; place <= segment.last; ++place) made[place] = 0;
  return Run(segment, ops, model, activations, made);
}

SegmentResult RunFedSegment(const OpResolverView& ops, const uint32_t* words, const uint8_t* model,
                            uint8_t* activations, uint16_t* made) {
  return Run(Segment(words), ops, model, activations, made);
}

}  // namespace midge::internal
