// SPDX-License-Identifier: Apache-2.0
//
// The program in the arena: what AllocateTensors() leaves for Invoke(). Not for applications.
//
//   program  = locations of the graph's inputs, then of its outputs, then one record per node
//   record   = word 0   op row : 8 | place in its chain : 4 | inputs : 10 | outputs : 10  (from bit 0)
//              word 1   bytes of this record, a multiple of 4; bit 31: rows are written in
//                       descending order, one at a time
//              words    one location per input, then one per output
//              bytes    the node's state and its arrays
//              word     location of the scratch, if the node asked for any
//   location = offset from the first activation, or kInModel | offset from the model's first byte,
//              or kAbsent
//
// All members are fixed-width offsets, so a program is the same bytes on every machine and means
// the same wherever it lies.
#pragma once

#include <cstdint>

namespace midge::internal {

inline constexpr uint32_t kAbsent = 0xffffffff;
inline constexpr uint32_t kInModel = 0x80000000;

inline constexpr uint32_t kRecordHeaderBytes = 8;
inline constexpr int kMaxOpVariants = 16;
inline constexpr uint32_t kDescending = 0x80000000;

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
  uint32_t size_bytes() const { return words_[1] & ~kDescending; }
  bool descending() const { return (words_[1] & kDescending) != 0; }

  // Of input i, or of output i - input_count().
  uint32_t location(int i) const { return words_[2 + i]; }
  uint32_t scratch_location() const { return words_[size_bytes() / 4 - 1]; }
  const uint8_t* state() const {
    return reinterpret_cast<const uint8_t*>(words_ + 2 + input_count() + output_count());
  }
  RecordView next() const { return RecordView(words_ + size_bytes() / 4); }

 private:
  const uint32_t* words_;
};

}  // namespace midge::internal
