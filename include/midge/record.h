// SPDX-License-Identifier: Apache-2.0
//
// The program in the arena: what AllocateTensors() leaves for Invoke(). Not for applications.
//
//   program  = locations of the graph's inputs, then of its outputs, then one record per node
//   record   = word 0   op row : 8 | place in its chain : 4 | inputs : 10 | outputs : 10  (from bit
//   0)
//              word 1   bytes of this record, a multiple of 4 : 24 | rows at once : 4 | flags
//              words    one location per input, then one per output
//              bytes    the node's state and its arrays
//              words    programs of subgraphs that the node calls, and a word that says where in the
//                       record the first begins, in words
//              words    StreamNode, if the node is streamed
//              word     offset of the scratch | units granted, if the node asked for any
//   location = offset from the first activation, or kInModel | offset from the model's first byte,
//              or kInRing | rows of the ring << 18 | offset / 16, or kInFast or kInKept | offset from
//              the first byte of that region, or kAbsent
//
//   subgraph's program = nodes, inputs and outputs, words in all; locations of the inputs, then of
//              the outputs; one record per node
//
// All members are fixed-width offsets, so a program is the same bytes on every machine and means
// the same wherever it lies.
#pragma once

#include <cstdint>

#include "midge/config.h"

namespace midge::internal {

inline constexpr uint32_t kAbsent = 0xffffffff;
inline constexpr uint32_t kInModel = 0x80000000;
inline constexpr uint32_t kInRing = 0x40000000;
inline constexpr uint32_t kInKept = 0x20000000;
inline constexpr uint32_t kInFast = 0x10000000;  // below it: an offset from the first activation
inline constexpr uint32_t kRegionMask = kInKept | kInFast;
inline constexpr uint32_t kRingOffsetMask = 0x3ffff;  // in units of kArenaAlignment
inline constexpr int kRingRowsShift = 18;
inline constexpr uint32_t kRingRowsMask = 0xfff;

inline constexpr uint32_t kRecordHeaderBytes = 8;
inline constexpr int kMaxOpVariants = 16;
// Offsets are multiples of kArenaAlignment: the bits below hold how many units a scratch has.
inline constexpr uint32_t kScratchUnitsMask = 0xf;
// Flags in word 1.
inline constexpr uint32_t kDescending = 0x80000000;    // rows are written downwards
inline constexpr uint32_t kStreamed = 0x40000000;      // part of a segment, executed row by row
inline constexpr uint32_t kEndOfSegment = 0x20000000;  // the segment's last node
inline constexpr uint32_t kHasScratch = 0x10000000;
// Of a descending node: the binary logarithm of how many rows are written by one call of Eval.
inline constexpr int kDescendingRowsShift = 24;
inline constexpr uint32_t kDescendingRowsMask = 0xf;
// In the same bits of other nodes.
inline constexpr uint32_t kCalls = 0x02000000;    // holds programs of subgraphs
inline constexpr uint32_t kAtReset = 0x01000000;  // is executed by Reset() as well
inline constexpr uint32_t kRecordBytesMask = 0x00ffffff;

inline constexpr int kSubgraphHeaderWords = 3;

// What the executor of a segment needs to know of one of its nodes.
struct StreamNode {
  uint16_t stride, span, pad;  // RowWindow
  uint16_t rows_at_once;       // of the output, made by one call of Eval; at least 1
  uint16_t input_rows, output_rows;
  // How many nodes back each activation input is made; 0: before the segment, where all of it is.
  // As many as the node's own place in the segment, counted from 1: the graph's input, as far as
  // its rows have been fed.
  uint8_t producers[4];
};
static_assert(sizeof(StreamNode) == 16);
inline constexpr int kMaxStreamInputs = 4;
inline constexpr int kMaxSegmentNodes = 32;

// Of a location that is neither absent nor in the model: bytes from the first activation.
constexpr uint32_t ActivationOffset(uint32_t location) {
  return (location & kInRing) == 0 ? location
                                   : (location & kRingOffsetMask) * uint32_t{kArenaAlignment};
}
// Rows of the ring, 0 for a location that is none.
constexpr int32_t RingRows(uint32_t location) {
  const bool ring = (location & (kInModel | kInRing)) == kInRing;
  return ring ? static_cast<int32_t>((location >> kRingRowsShift) & kRingRowsMask) : 0;
}

class RecordView {
 public:
  explicit RecordView(const uint32_t* words) : words_(words) {}

  static constexpr uint32_t Pack(int op_row, int variant, int inputs, int outputs) {
    return static_cast<uint32_t>(op_row) | static_cast<uint32_t>(variant) << 8 |
           static_cast<uint32_t>(inputs) << 12 | static_cast<uint32_t>(outputs) << 22;
  }

  int op_row() const { return static_cast<int>(words_[0] & 0xff); }
  int variant() const { return static_cast<int>((words_[0] >> 8) & 0xf); }
  int input_count() const { return static_cast<int>((words_[0] >> 12) & 0x3ff); }
  int output_count() const { return static_cast<int>(words_[0] >> 22); }
  uint32_t size_bytes() const { return words_[1] & kRecordBytesMask; }
  bool descending() const { return (words_[1] & kDescending) != 0; }
  int32_t descending_rows() const {
    return int32_t{1} << ((words_[1] >> kDescendingRowsShift) & kDescendingRowsMask);
  }
  bool has_scratch() const { return (words_[1] & kHasScratch) != 0; }
  bool streamed() const { return (words_[1] & kStreamed) != 0; }
  bool calls() const { return (words_[1] & (kDescending | kCalls)) == kCalls; }
  bool at_reset() const { return (words_[1] & (kDescending | kAtReset)) == kAtReset; }
  bool end_of_segment() const { return (words_[1] & kEndOfSegment) != 0; }

  const uint32_t* words() const { return words_; }
  // Of input i, or of output i - input_count().
  uint32_t location(int i) const { return words_[2 + i]; }
  uint32_t scratch_location() const { return words_[size_bytes() / 4 - 1] & ~kScratchUnitsMask; }
  int32_t scratch_units() const {
    return static_cast<int32_t>(words_[size_bytes() / 4 - 1] & kScratchUnitsMask);
  }
  const uint8_t* state() const {
    return reinterpret_cast<const uint8_t*>(words_ + 2 + input_count() + output_count());
  }
  RecordView next() const { return RecordView(words_ + size_bytes() / 4); }

 private:
  const uint32_t* words_;
};

}  // namespace midge::internal
