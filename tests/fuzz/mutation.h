// SPDX-License-Identifier: Apache-2.0
//
// Damaged copies of a model, numbered: mutant `index` of a seed is the same everywhere.
#pragma once

#include <cstdint>
#include <vector>

#include "midge/span.h"

namespace midge_fuzz {

// xorshift64*: the numbers a mutant is drawn from.
class Random {
 public:
  Random(uint64_t seed, uint64_t index);
  uint32_t Next();
  // In [0, count); 0 if count is.
  uint32_t Below(uint32_t count) { return count == 0 ? 0 : Next() % count; }

 private:
  uint64_t state_;
};

enum class Mode {
  kSample,       // the kind of damage is index % kKinds, the rest is drawn
  kEveryByte,    // one byte becomes another: index = 255 * position + (value - old value - 1)
  kTruncations,  // index = length
};
// The kinds of damage in kSample.
enum Kind { kAnyBytes, kBytesOutsideWeights, kTruncation, kWords, kKinds };

class Mutator {
 public:
  // `model` is kept, not copied.
  explicit Mutator(midge::Span<const uint8_t> model);

  // How many mutants a mode has; kSample has as many as one likes.
  uint64_t Count(Mode mode) const;
  // Writes mutant `index` to `mutant`, which has room for the model; returns its length.
  uint32_t Make(Mode mode, uint64_t seed, uint64_t index, uint8_t* mutant) const;

 private:
  uint32_t PositionOutsideWeights(Random& random) const;

  midge::Span<const uint8_t> model_;
  struct Range {
    uint32_t begin, end;
  };
  std::vector<Range> outside_weights_;  // ascending, not empty
  uint32_t outside_bytes_ = 0;
};

}  // namespace midge_fuzz
