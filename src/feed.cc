// SPDX-License-Identifier: Apache-2.0
//
// Input 0 as it arrives. Only who calls InvokeRows() links this.
#include <cstring>

#include "midge/interpreter.h"
#include "midge/record.h"
#include "segment.h"

namespace midge {

Span<uint8_t> Interpreter::NextBytes() const {
  const size_t left = input_bytes_left();
  if (left == 0) return {};
  if (fed_row_bytes_ == 0) {
    const Span<uint8_t> whole = input(0).mutable_bytes();
    if (whole.empty()) return {};
    return {whole.data() + fed_bytes_, left};
  }
  // The rest of the row's place in the ring.
  const uint32_t ring = program_[0];
  const uint32_t row = fed_bytes_ / fed_row_bytes_, at = fed_bytes_ % fed_row_bytes_;
  const uint32_t place = row % static_cast<uint32_t>(internal::RingRows(ring));
  uint8_t* const first = Activations() + internal::ActivationOffset(ring);
  return {first + place * fed_row_bytes_ + at, fed_row_bytes_ - at};
}

Status Interpreter::FeedBytes(Span<const uint8_t> bytes) {
  if (!allocated_) return StatusCode::kNotAllocated;
  if (bytes.size() > input_bytes_left()) return StatusCode::kTooManyRows;
  const uint8_t* from = bytes.data();
  for (size_t left = bytes.size(); left > 0;) {
    const Span<uint8_t> place = NextBytes();
    if (place.empty()) return StatusCode::kBadPlan;  // which gives the input no place
    const size_t count = left < place.size() ? left : place.size();
    if (from != place.data()) std::memmove(place.data(), from, count);
    from += count;
    left -= count;
    fed_bytes_ += static_cast<uint32_t>(count);
    if (fed_row_bytes_ != 0 && fed_bytes_ % fed_row_bytes_ == 0) MIDGE_TRY(RunFedRows());
  }
  if (fed_row_bytes_ == 0 && !bytes.empty() && input_bytes_left() == 0) return Invoke();
  return {};
}

// Runs what the rows fed so far suffice for.
Status Interpreter::RunFedRows() {
  // Before the segment there are only aliases, which do nothing.
  const uint32_t* words = first_record_;
  int first = 0;
  for (; !internal::RecordView(words).streamed(); ++first) {
    words += internal::RecordView(words).size_bytes() / sizeof(uint32_t);
  }
  auto* const made = reinterpret_cast<uint16_t*>(arena_.data());
  made[internal::kFedPlace] = static_cast<uint16_t>(fed_bytes_ / fed_row_bytes_);
  const internal::SegmentResult segment =
      internal::RunFedSegment(ops_, words, bytes_.data(), Activations(), made);
  if (!segment.status.ok()) {
    return Status(segment.status.code(), first + segment.status.node(), segment.status.operand());
  }
  if (input_bytes_left() != 0) return {};
  return Continue(first + segment.node_count, segment.after);
}

}  // namespace midge
