// SPDX-License-Identifier: Apache-2.0
//
// Compares an output with the expected one, which arrives in pieces.
#pragma once

#include <cstdint>

#include "midge/tensor.h"
#include "tests/conformance/pack.h"

namespace midge_conformance {

// Any element as a number. Exact but for int64 and uint64 beyond 2^53, which Comparison therefore
// compares as bytes.
double ElementValue(midge::TensorType type, const uint8_t* bytes);

class Comparison {
 public:
  // `got` outlives the comparison.
  Comparison(const midge::TensorView& got, Tolerance tolerance)
      : got_(got), tolerance_(tolerance) {}

  // The next `size_bytes` expected bytes: whole elements.
  void Feed(const uint8_t* expected, uint32_t size_bytes);

  bool ok() const { return differing_ == 0; }
  // "element 12: expected -3, got 4; 5 of 60 differ" on standard output, without a line's end.
  void Report() const;

 private:
  midge::TensorView got_;
  Tolerance tolerance_;
  uint32_t fed_ = 0;  // elements
  uint32_t differing_ = 0;
  uint32_t first_ = 0;  // differing element
  double first_expected_ = 0;
};

}  // namespace midge_conformance
